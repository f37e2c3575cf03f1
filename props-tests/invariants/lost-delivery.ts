/**
 * lost-delivery: a message whose handler did not finish, and that never came again.
 *
 * Owns: deliveries that ended without an ack. Leaves messages that never came to `lost-write`, and used-up attempts to
 * `dlq-loss`.
 *
 * HD1. An ack that a crash cut may be durable; a handler that returned, or may have asked for its end itself, owes
 *      nothing.
 * HD2. Crashes can use up the attempts without any handler; only a list of the dead letters shows that they did not.
 */
import { invariant } from './finding.ts'
import { demandingGroups, quietAt } from './quiet.ts'
import { describe, readHistory } from './reading.ts'
import type { Delivery, Reading, Run } from './reading.ts'
import type { Terms } from '../history.ts'

/** See `about`. */
export const lostDelivery = invariant({
  name: 'lost-delivery',
  guarantee: 'G6',
  about: 'A message whose handler failed or died comes again, until it is done or a dead letter.',
  *find(history, terms) {
    const quiet = quietAt(history)
    if (quiet === undefined) return
    const reading = readHistory(history)
    const lastCrashAt = reading.rare.get('crashed')?.at(-1) ?? -1
    for (const delivery of reading.deliveries.values()) {
      const run = owedOf(delivery, reading, terms)
      if (run === undefined || (terms.lists !== true && lastCrashAt > run.at)) continue
      const how = run.ended === undefined ? 'died' : `ended as ${run.ended.event.how}`
      yield {
        text: `attempt ${run.event.attempt} of ${describe(delivery.spot)} in ${delivery.group} ${how}, and it never came again`,
        events: [run.at, run.ended?.at, run.cutAt, quiet.at],
      }
    }
  },
})

/** The last run, if it cannot have been the end of the message. */
function owedOf({ steps, group, spot, listed }: Delivery, reading: Reading, terms: Terms): Run | undefined {
  const last = steps.at(-1)
  if (last?.kind !== 'run' || listed !== undefined) return undefined
  const { run } = last
  const eras = reading.moves.get(`${group} ${spot.topic}`)?.length ?? 0
  const isOld = run.era !== eras || spot.offset < (reading.retained.get(spot.lane) ?? 0)
  if (isOld || !demandingGroups(reading, terms, spot.topic).includes(group)) return undefined
  return isOpenEnded(run, terms) && run.event.attempt < terms.maxDeliveries ? run : undefined
}

function isOpenEnded({ asked, ended, cutAt }: Run, { asks }: Terms): boolean {
  if (asked !== undefined) return false
  if (ended === undefined) return asks === true && cutAt !== undefined
  return ended.event.how !== 'returned' && ended.event.how !== 'dead-letter'
}
