/**
 * Histories that keep and break `duplicated-effect`.
 *
 * Owns: the examples. Leaves what is demanded of them to `examples.test.ts`.
 */
import { history } from '../../../support/tell-history.ts'
import type { Example } from './example.ts'

const invoice = { topic: 'invoices', group: 'books', value: 'i', producer: 'outbox' }

export const duplicatedEffect: Example = {
  name: 'duplicated-effect',
  holds: {
    'handed over by two runs, there once': history((t) => {
      t.send('a', 0)
      t.ask('i', { topic: 'invoices', from: t.begin(0) })
      const again = t.crash().open().begin(0, { attempt: 2 })
      t.ask('i', { topic: 'invoices', from: again })
      t.end(again).settle(0, 'ack', { attempt: 2 }).handle(0, invoice).drain()
    }),
    'two messages hand over the same': history((t) => {
      for (const offset of [0, 1]) {
        const run = t.send('a', offset).begin(offset)
        t.ask('i', { topic: 'invoices', from: run })
        t.end(run).settle(offset)
      }
      t.handle(0, invoice).handle(1, invoice).drain()
    }),
    'done again after the group was moved back': history((t) => {
      t.send('a', 0)
      for (const offset of [0, 1]) {
        const run = t.begin(0)
        t.ask('i', { topic: 'invoices', from: run })
        t.end(run).settle(0).handle(offset, invoice)
        if (offset === 0) t.move('seek')
      }
      t.drain()
    }),
  },
  breaks: {
    'handed over by two runs, there twice': history((t) => {
      t.send('a', 0)
      t.ask('i', { topic: 'invoices', from: t.begin(0) })
      const again = t.crash().open().begin(0, { attempt: 2 })
      t.ask('i', { topic: 'invoices', from: again })
      t.end(again).settle(0, 'ack', { attempt: 2 }).handle(0, invoice).handle(1, invoice).drain()
    }),
  },
}
