/**
 * Bug 4: an error that is swallowed.
 *
 * Owns: a handler that mails a receipt over a service that fails now and then, wrong and right.
 */
import type { Message } from '../../runtime/index.ts'
import type { Mail, Order } from './orders.ts'
import { nameOf } from './orders.ts'

/** Wrong: it returns although the mail was not sent, and returning means done. */
export function logAndGoOn(mail: Mail, log: (error: unknown) => void) {
  return async (message: Message<Order>): Promise<void> => {
    try {
      await mail({ to: message.value.customer, cents: message.value.cents }, nameOf(message))
    } catch (error) {
      log(error)
    }
  }
}

/** Right: what it cannot deal with it throws again, so that the message comes again. */
export function logAndThrow(mail: Mail, log: (error: unknown) => void) {
  return async (message: Message<Order>): Promise<void> => {
    try {
      await mail({ to: message.value.customer, cents: message.value.cents }, nameOf(message))
    } catch (error) {
      log(error)
      throw error
    }
  }
}
