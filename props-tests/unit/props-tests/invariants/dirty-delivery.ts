/**
 * Histories that keep and break `dirty-delivery`.
 *
 * Owns: the examples. Leaves what is demanded of them to `examples.test.ts`.
 */
import { history } from '../../../support/tell-history.ts'
import type { Teller } from '../../../support/tell-history.ts'
import type { Example } from './example.ts'

export const dirtyDelivery: Example = {
  name: 'dirty-delivery',
  holds: {
    'durable, then delivered': history((t) => {
      const send = t.ask('a')
      durable(t, 1).handle(0, { value: 'a' }).confirm(send, 0).drain()
    }),
  },
  breaks: {
    'delivered, then durable': history((t) => {
      const send = t.ask('a')
      t.handle(0, { value: 'a' })
      durable(t, 1).confirm(send, 0).drain()
    }),
  },
}

function durable(teller: Teller, next: number): Teller {
  return teller.tell({ kind: 'durable', topic: 'orders', partition: 0, next })
}
