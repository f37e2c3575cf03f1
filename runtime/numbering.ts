/**
 * The interceptor that numbers: every producer counts 1, 2, 3 … in each partition.
 *
 * Owns: the next number. Leaves keeping the last one to the ledger, and refusing a wrong one to the broker.
 *
 * NU1. A number is given when the message joins a batch; a send that is given up before that burns none.
 */
import type { Interceptor } from './interceptor.ts'

export function numbering(): Interceptor {
  return {
    name: 'numbering',
    onSend(message) {
      message.sequence = message.lastSequence + 1
    },
  }
}
