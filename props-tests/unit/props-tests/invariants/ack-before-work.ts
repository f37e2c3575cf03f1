/**
 * Histories that keep and break `ack-before-work`.
 *
 * Owns: the examples. Leaves what is demanded of them to `examples.test.ts`.
 */
import { history } from '../../../support/tell-history.ts'
import type { Example } from './example.ts'

export const ackBeforeWork: Example = {
  name: 'ack-before-work',
  holds: {
    'after the handler returned': history((t) => t.send('a', 0).handle(0).drain()),
    'as the handler asked': history((t) => {
      const run = t.send('a', 0).begin(0)
      t.tell({ kind: 'asked', run, how: 'ack' }).settle(0).end(run, 'threw').drain()
    }),
  },
  breaks: {
    'while the handler ran': history((t) => {
      const run = t.send('a', 0).begin(0)
      t.settle(0).end(run).drain()
    }),
    'after the handler failed': history((t) => t.send('a', 0).end(t.begin(0), 'threw').settle(0).drain()),
  },
}
