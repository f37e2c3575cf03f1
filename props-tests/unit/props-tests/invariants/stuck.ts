/**
 * Histories that keep and break `stuck`.
 *
 * Owns: the examples. Leaves what is demanded of them to `examples.test.ts`.
 */
import { history } from '../../../support/tell-history.ts'
import type { Example } from './example.ts'

export const stuck: Example = {
  name: 'stuck',
  holds: {
    'everything came to an end': history((t) => t.send('a', 0).handle(0).reject(t.ask('b')).drain()),
    'a crash cut the answer': history((t) => {
      t.ask('a')
      t.crash().open().drain()
    }),
    'what a handler hands over has no answer of its own': history((t) => {
      const run = t.send('a', 0).begin(0)
      t.ask('i', { topic: 'invoices', from: run })
      t.end(run)
        .settle(0)
        .handle(0, { topic: 'invoices', group: 'books', value: 'i', producer: 'outbox' })
        .drain()
    }),
  },
  breaks: {
    'a message waits for ever': history((t) => t.send('a', 0).drain(1)),
    'a send is never answered': history((t) => {
      t.ask('a')
      t.drain()
    }),
    'a send is not answered by the closing': history((t) => {
      t.ask('a')
      t.tell({ kind: 'closed' })
    }),
  },
}
