/**
 * Histories that keep and break `torn-batch`.
 *
 * Owns: the examples. Leaves what is demanded of them to `examples.test.ts`.
 */
import { history } from '../../../support/tell-history.ts'
import type { Example } from './example.ts'

export const tornBatch: Example = {
  name: 'torn-batch',
  holds: {
    'a batch that a crash cut is not there': history((t) => {
      t.ask('a', { batch: 1 })
      t.ask('b', { batch: 1 })
      t.crash().open().drain()
    }),
    'a batch that a crash cut is there': history((t) => {
      t.ask('a', { batch: 1 })
      t.ask('b', { batch: 1 })
      t.crash().open().handle(0, { value: 'a' }).handle(1, { value: 'b' }).drain()
    }),
    'what seems half a batch may be another send': history((t) => {
      t.ask('a')
      t.ask('a', { batch: 1 })
      t.ask('b', { batch: 1 })
      t.crash().open().handle(0, { value: 'a' }).drain()
    }),
    'an ack and what it hands over are both cut off, and done again': history((t) => {
      t.send('a', 0)
      t.ask('i', { topic: 'invoices', from: t.begin(0) })
      const again = t.crash().open().begin(0, { attempt: 2 })
      t.ask('i', { topic: 'invoices', from: again })
      t.end(again).settle(0, 'ack', { attempt: 2 })
      t.handle(0, { topic: 'invoices', group: 'books', value: 'i', producer: 'outbox' }).drain()
    }),
  },
  breaks: {
    'half a batch': history((t) => {
      t.ask('a', { batch: 1 })
      t.ask('b', { batch: 1 })
      t.crash().open().handle(0, { value: 'a' }).drain()
    }),
    'the ack is there, the hand-over is not': history((t) => {
      const run = t.send('a', 0).begin(0)
      t.ask('i', { topic: 'invoices', from: run })
      t.end(run).settle(0).drain()
    }),
    'the hand-over is there, and the message a dead letter': history((t) => {
      const run = t.send('a', 0).begin(0)
      t.ask('i', { topic: 'invoices', from: run })
      t.end(run, 'dead-letter').settle(0, 'dead-letter').list(0, [1])
      t.handle(0, { topic: 'invoices', group: 'books', value: 'i', producer: 'outbox' }).drain()
    }),
  },
}
