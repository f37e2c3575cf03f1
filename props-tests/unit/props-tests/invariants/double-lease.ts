/**
 * Histories that keep and break `double-lease`.
 *
 * Owns: the examples. Leaves what is demanded of them to `examples.test.ts`.
 */
import { history } from '../../../support/tell-history.ts'
import type { Example } from './example.ts'

export const doubleLease: Example = {
  name: 'double-lease',
  holds: {
    'one after the other': history((t) =>
      t.send('a', 0).end(t.begin(0), 'threw').settle(0, 'nack').handle(0, { attempt: 2 }).drain(),
    ),
    'two groups at once': history((t) => {
      const runs = [t.send('a', 0).begin(0), t.begin(0, { group: 'audit' })]
      for (const run of runs) t.end(run)
      t.settle(0).settle(0, 'ack', { group: 'audit' }).drain()
    }),
    'a stopped owner still has it': history((t) => {
      const run = t.send('a', 0).begin(0)
      t.open().handle(0, { attempt: 2 })
      t.life = 1
      t.end(run)
      t.life = 2
      t.drain()
    }),
    'its lease ran out': history((t) => {
      const run = t.send('a', 0).begin(0)
      t.tell({ kind: 'event', name: 'stalled', text: 'lease-expired' })
        .handle(0, { attempt: 2 })
        .end(run)
        .drain()
    }),
  },
  breaks: {
    'two handlers of a group at once': history((t) => {
      const run = t.send('a', 0).begin(0)
      t.handle(0, { attempt: 2 }).end(run).drain()
    }),
  },
}
