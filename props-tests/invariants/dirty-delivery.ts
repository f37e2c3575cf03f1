/**
 * dirty-delivery: a handler that saw what the disk did not have yet.
 *
 * Owns: deliveries against what the disk would have kept. Leaves receipts to `early-ack`.
 */
import { durableMarks } from './early-ack.ts'
import { invariant } from './finding.ts'
import { describe, readHistory } from './reading.ts'

/** See `about`. */
export const dirtyDelivery = invariant({
  name: 'dirty-delivery',
  guarantee: 'G5',
  about: 'No handler sees a message that a power cut could still take.',
  *find(history) {
    const durable = durableMarks(history)
    if (durable === undefined) return
    const { runs, late } = readHistory(history)
    for (const { at, event, delivery } of [...runs.values(), ...late.values()]) {
      if (durable(event, at)) continue
      yield {
        text: `${describe(delivery.spot)} came to ${event.group}, and a power cut at that moment would have taken it`,
        events: [at],
      }
    }
  },
})
