/**
 * dead-too-soon: a message that was given up before its attempts were used up.
 *
 * Owns: deaths that nobody asked for. Leaves messages that no handler could read alone: nobody saw them.
 */
import { invariant } from './finding.ts'
import { describe, readHistory } from './reading.ts'
import type { Delivery } from './reading.ts'

/** See `about`. */
export const deadTooSoon = invariant({
  name: 'dead-too-soon',
  guarantee: 'G6',
  about: 'A message is a dead letter only after its last attempt, or because its handler said so.',
  *find(history, { maxDeliveries }) {
    for (const delivery of readHistory(history).deliveries.values()) {
      for (const step of delivery.steps) {
        if (step.kind !== 'settled' || step.how !== 'dead-letter' || step.attempt >= maxDeliveries) continue
        if (isRight(delivery, step.era)) continue
        yield {
          text: `${describe(delivery.spot)} was given up in ${delivery.group} after ${step.attempt} of ${maxDeliveries} attempts`,
          events: [...delivery.steps.filter(({ at }) => at < step.at).map(({ at }) => at), step.at],
        }
      }
    }
  },
})

/** Its handler wanted it, or no handler of this era was asked. */
function isRight({ steps }: Delivery, era: number): boolean {
  const runs = steps.flatMap((step) => (step.kind === 'run' && step.era === era ? [step.run] : []))
  const isWanted = runs.some(
    ({ ended, asked }) => ended?.event.how === 'dead-letter' || asked?.event.how === 'dead-letter',
  )
  return isWanted || runs.length === 0
}
