/**
 * lost-attempt: a dead letter that does not tell all of its attempts.
 *
 * Owns: the history that a dead letter is listed with. Leaves the attempts themselves to `attempt-regress`.
 *
 * HT1. A lease that a crash followed at once counts, though no handler ever saw it: there may be more than was seen.
 * HT2. After its group was moved a message begins anew: of what was before, nothing is demanded.
 */
import { invariant } from './finding.ts'
import { describe, readHistory } from './reading.ts'
import type { Delivery, Step } from './reading.ts'

/** See `about`. */
export const lostAttempt = invariant({
  name: 'lost-attempt',
  guarantee: 'G6',
  about: 'A dead letter tells every attempt and how it ended.',
  *find(history) {
    const { deliveries, moves } = readHistory(history)
    for (const delivery of deliveries.values()) {
      const { listed, spot, group, steps } = delivery
      if (listed === undefined || moves.has(`${group} ${spot.topic}`)) continue
      const missing = missingOf(delivery)
      if (missing === undefined) continue
      yield {
        text: `the dead letter ${describe(spot)} of ${group} tells attempts ${listed.event.attempts.join(', ')}, not how attempt ${missing} ended`,
        events: [...steps.map(({ at }) => at), listed.at],
      }
    }
  },
})

/** The first attempt that is not told, or of which only the crash is told though its end was durable. */
function missingOf({ listed, steps }: Delivery): number | undefined {
  const told = new Set(listed?.event.attempts)
  const crashed = new Set(listed?.event.crashed)
  const last = Math.max(
    0,
    ...told,
    ...steps.map((step) => (step.kind === 'run' ? step.run.event.attempt : 0)),
  )
  for (let attempt = 1; attempt <= last; attempt += 1) if (!told.has(attempt)) return attempt
  return steps.flatMap(countedEnd).find((attempt) => crashed.has(attempt))
}

/** The attempt of an end that was durable and that counts: one that was put off is given back. */
function countedEnd(step: Step, i: number, steps: readonly Step[]): readonly number[] {
  if (step.kind !== 'settled' || step.how !== 'nack') return []
  const before = steps[i - 1]
  const isPutOff = before?.kind === 'run' && before.run.ended?.event.how === 'retry-after'
  return isPutOff ? [] : [step.attempt]
}
