/**
 * redelivery-after-durable-ack: a message that came back after its end was told.
 *
 * Owns: what comes after an ack or a death that is durable. Leaves what a crash took before it was told alone.
 */
import { invariant } from './finding.ts'
import { describe, readHistory } from './reading.ts'
import type { Step } from './reading.ts'

/** See `about`. */
export const redeliveryAfterDurableAck = invariant({
  name: 'redelivery-after-durable-ack',
  guarantee: 'G6',
  about: 'A message whose ack or death is durable is never delivered to that group again.',
  *find(history) {
    for (const { spot, group, steps } of readHistory(history).deliveries.values()) {
      let end: Extract<Step, { kind: 'settled' }> | undefined
      for (const step of steps) {
        if (step.kind === 'settled' && step.how !== 'nack') end = step
        if (step.kind !== 'run' || end?.era !== step.era) continue
        const was = end.how === 'ack' ? 'acknowledged' : 'a dead letter'
        yield {
          text: `${describe(spot)} came to ${group} again (attempt ${step.run.event.attempt}) after it was ${was} for good`,
          events: [end.at, step.at],
        }
      }
    }
  },
})
