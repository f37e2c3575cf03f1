/**
 * Bug 1: the ack comes before the work.
 *
 * Owns: a handler that mails a receipt for each order, wrong and right.
 */
import type { Message } from '../../runtime/index.ts'
import type { Mail, Order } from './orders.ts'
import { nameOf } from './orders.ts'

/** Wrong: once the ack is on disk, a crash no longer brings the message back. Its mail may never be sent. */
export function ackFirst(mail: Mail) {
  return async (message: Message<Order>): Promise<void> => {
    await message.ack()
    await mail({ to: message.value.customer, cents: message.value.cents }, nameOf(message))
  }
}

/** Right: returning is the ack, and it comes last. */
export function ackLast(mail: Mail) {
  return async (message: Message<Order>): Promise<void> => {
    await mail({ to: message.value.customer, cents: message.value.cents }, nameOf(message))
  }
}
