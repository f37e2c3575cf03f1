/**
 * Histories that keep and break `early-ack`.
 *
 * Owns: the examples. Leaves what is demanded of them to `examples.test.ts`.
 */
import { history } from '../../../support/tell-history.ts'
import type { Teller } from '../../../support/tell-history.ts'
import type { Example } from './example.ts'

export const earlyAck: Example = {
  name: 'early-ack',
  holds: {
    'durable, then confirmed': history((t) => {
      t.confirm(asked(t), 0).handle(0).drain()
    }),
    'nobody looked through the disk': history((t) => t.send('a', 0).handle(0).drain()),
  },
  breaks: {
    'confirmed, then durable': history((t) => {
      t.confirm(t.ask('a'), 0)
      durable(t, 1).handle(0).drain()
    }),
  },
}

function durable(teller: Teller, next: number): Teller {
  return teller.tell({ kind: 'durable', topic: 'orders', partition: 0, next })
}

/** Asks for a message, and lets the disk have it before anybody is told. */
function asked(teller: Teller): number {
  const send = teller.ask('a')
  durable(teller, 1)
  return send
}
