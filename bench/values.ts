/**
 * The values that are sent: 128 bytes, and who made them.
 *
 * Owns: the three ways in which programs come by bytes. Leaves sending them to the subjects.
 */
import { VALUE_BYTES } from './subject.ts'

/**
 * `one`: the same bytes every time, which stay in the processor's cache.
 * `pooled`: new ones for each message out of Node's pool, as `Buffer.from(text)` makes them.
 * `own`: new ones for each message with memory of their own, as `new Uint8Array` and `TextEncoder` make them.
 */
export type Making = 'one' | 'pooled' | 'own'

/** A record as programs send them: `JSON.stringify` makes 128 bytes of it. */
export interface Order {
  readonly orderId: string
  readonly customerId: string
  readonly amount: number
  readonly currency: string
  readonly items: number
  readonly paid: boolean
}

const ORDER: Order = {
  orderId: 'a81bc81b-dead-4e5d-abff-90865d1e13b1',
  customerId: 'c-48213',
  amount: 129.95,
  currency: 'EUR',
  items: 3,
  paid: true,
}

export function makingOf(word: string): Making {
  if (word === 'one' || word === 'pooled' || word === 'own') return word
  throw new RangeError(`--values is one, pooled or own, not ${word}`)
}

export function bytesMaker(making: Making): () => Uint8Array {
  if (making === 'own') return () => new Uint8Array(VALUE_BYTES).fill(7)
  if (making === 'pooled') return () => Buffer.allocUnsafe(VALUE_BYTES).fill(7)
  const value = Buffer.alloc(VALUE_BYTES, 7)
  return () => value
}

export function orderMaker(making: Making): () => Order {
  return making === 'one' ? () => ORDER : () => ({ ...ORDER })
}
