/**
 * attempt-regress: a delivery whose attempt was not counted.
 *
 * Owns: the counts of one message in one group. Leaves what follows from the last attempt to `dlq-loss`.
 *
 * HA1. An attempt that was given back does not count: by `RetryAfter`, or because its consumer closed.
 */
import { invariant } from './finding.ts'
import { describe, readHistory } from './reading.ts'
import type { Run } from './reading.ts'
import type { History } from '../history.ts'

/** See `about`. */
export const attemptRegress = invariant({
  name: 'attempt-regress',
  guarantee: 'G6',
  about: 'Every delivery counts as an attempt, also the one that ended with the process.',
  *find(history) {
    for (const { spot, group, steps } of readHistory(history).deliveries.values()) {
      let before: Run | undefined
      for (const step of steps) {
        if (step.kind !== 'run') continue
        const { run } = step
        const least =
          before?.era === run.era ? before.event.attempt + (isGivenBack(before, history) ? 0 : 1) : 0
        if (run.event.attempt < least) {
          yield {
            text: `${describe(spot)} came to ${group} as attempt ${run.event.attempt} after attempt ${before?.event.attempt}`,
            events: [before?.at, before?.ended?.at, run.at],
          }
        }
        before = run
      }
    }
  },
})

function isGivenBack({ ended, cutAt }: Run, history: History): boolean {
  if (ended === undefined) return cutAt !== undefined && history[cutAt]?.kind === 'closed'
  const { how, text } = ended.event
  return (
    how === 'retry-after' ||
    how === 'aborted' ||
    how === 'left' ||
    (how === 'threw' && /closed/i.test(text ?? ''))
  )
}
