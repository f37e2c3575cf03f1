/**
 * Histories that keep and break `lost-timer`.
 *
 * Owns: the examples. Leaves what is demanded of them to `examples.test.ts`.
 */
import { history } from '../../../support/tell-history.ts'
import type { Example } from './example.ts'

export const lostTimer: Example = {
  name: 'lost-timer',
  holds: {
    'due, and delivered': history((t) => t.send('a', 0, { dueMs: 2_000 }).later(1_000).handle(0).drain()),
    'not due yet': history((t) => t.send('a', 0, { dueMs: 2_000 }).drain()),
    'cut off by a crash': history((t) => {
      t.ask('a', { dueMs: 2_000 })
      t.crash().open().later(2_000).drain()
    }),
  },
  breaks: {
    'due, and never delivered': history((t) => t.send('a', 0, { dueMs: 2_000 }).later(1_000).drain()),
    'forgotten by a crash': history((t) =>
      t.send('a', 0, { dueMs: 2_000 }).crash('power').open().later(1_500).drain(),
    ),
  },
}
