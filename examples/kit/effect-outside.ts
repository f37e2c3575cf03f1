/**
 * Bug 2: a side effect outside the outbox.
 *
 * Owns: a handler that turns orders into invoices, which is another topic, wrong and right.
 */
import { defineTopic } from '../../runtime/index.ts'
import type { HandlerContext, Message, Runtime } from '../../runtime/index.ts'
import type { Order } from './orders.ts'

export interface Invoice {
  readonly customer: string
  readonly cents: number
}

export const invoices = defineTopic<Invoice>('invoices')

/** Wrong: the invoice is on disk at once, the ack only later. A crash in between makes a second invoice. */
export function ownProducer(runtime: Runtime) {
  const producer = runtime.producer(invoices, { id: 'billing' })
  return async ({ value }: Message<Order>): Promise<void> => {
    await producer.send({ customer: value.customer, cents: value.cents })
  }
}

/** Right: `send` of the context stores the invoice together with the ack, both or neither. */
export function ownOutbox() {
  return ({ value }: Message<Order>, { send }: HandlerContext): void => {
    send(invoices, { customer: value.customer, cents: value.cents })
  }
}
