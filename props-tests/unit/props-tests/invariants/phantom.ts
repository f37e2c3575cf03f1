/**
 * Histories that keep and break `phantom`.
 *
 * Owns: the examples. Leaves what is demanded of them to `examples.test.ts`.
 */
import { history } from '../../../support/tell-history.ts'
import type { Example } from './example.ts'

export const phantom: Example = {
  name: 'phantom',
  holds: {
    'sent, then seen': history((t) => t.send('a', 0).handle(0).drain()),
    'cut off by a crash, and there': history((t) => {
      t.ask('a')
      t.crash().open().handle(0, { value: 'a' }).drain()
    }),
    'equal values, as often as they were sent': history((t) =>
      t.send('a', 0).send('a', 1).handle(0).handle(1).drain(),
    ),
    'handed over by a handler': history((t) => {
      const run = t.send('a', 0).begin(0)
      t.ask('i', { topic: 'invoices', from: run })
      t.end(run)
        .settle(0)
        .handle(0, { topic: 'invoices', group: 'books', value: 'i', producer: 'outbox' })
        .drain()
    }),
  },
  breaks: {
    'delivered, and nobody sent it': history((t) => t.handle(0, { value: 'a' }).drain()),
    'read, and nobody sent it': history((t) => t.send('a', 0).handle(0).drain().read(1, { value: 'b' })),
    'seen before it was sent': history((t) => {
      t.handle(0, { value: 'a' })
      t.reject(t.ask('a')).drain()
    }),
  },
}
