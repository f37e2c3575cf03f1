/**
 * What the examples are about: orders, and the services that handlers call.
 *
 * Owns: the types, and orders for the checks. Leaves handling to the other files.
 */
import fc from 'fast-check'

export interface Order {
  readonly customer: string
  readonly cents: number
}

/** Sends a letter. A service that is told the same `key` again does nothing. */
export type Mail = (letter: { readonly to: string; readonly cents: number }, key?: string) => Promise<unknown>

/** Any order of two customers. */
export const anyOrder: fc.Arbitrary<Order> = fc.record({
  customer: fc.constantFrom('ann', 'bob'),
  cents: fc.integer({ min: 1, max: 99 }),
})

/** What orders of one customer have in common: they are handled in order. */
export const customerOf = ({ customer }: Order): string => customer

/** A name for a message that is the same in each attempt. */
export const nameOf = (message: {
  readonly topic: string
  readonly partition: number
  readonly offset: number
}): string => `${message.topic}/${message.partition}/${message.offset}`
