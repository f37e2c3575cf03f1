/**
 * Histories that keep and break `early-timer`.
 *
 * Owns: the examples. Leaves what is demanded of them to `examples.test.ts`.
 */
import { history } from '../../../support/tell-history.ts'
import type { Example } from './example.ts'

export const earlyTimer: Example = {
  name: 'early-timer',
  holds: {
    'delivered when it was due': history((t) =>
      t.send('a', 0, { dueMs: 2_000 }).later(1_000).handle(0).drain(),
    ),
    'the clock was there, and was set back': history((t) =>
      t
        .send('a', 0, { dueMs: 2_000 })
        .later(1_500)
        .tell({ kind: 'fault', text: 'clock +1500 ms' })
        .later(-1_500)
        .handle(0)
        .drain(),
    ),
    'an equal message was due at once': history((t) =>
      t.send('a', 0, { dueMs: 2_000 }).send('a', 1).handle(1).later(1_000).handle(0).drain(),
    ),
  },
  breaks: {
    'delivered at once': history((t) => t.send('a', 0, { dueMs: 2_000 }).handle(0).drain()),
    'cut off by a crash, there, and early': history((t) => {
      t.ask('a', { dueMs: 2_000 })
      t.crash().open().handle(0, { value: 'a' }).drain()
    }),
  },
}
