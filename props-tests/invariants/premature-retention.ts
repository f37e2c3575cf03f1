/**
 * premature-retention and zombie: removed while it was needed, or back after it was removed.
 *
 * Owns: the beginnings that partitions tell of themselves, and what retention took on request.
 * Leaves the ends to `lost-suffix`.
 *
 * HZ1. A message is needed only if a group was sure to miss it: one that met it later, or never did.
 */
import { invariant } from './finding.ts'
import type { Finding } from './finding.ts'
import { demandingGroups } from './quiet.ts'
import { describe, readHistory, spell, toldOf } from './reading.ts'
import type { Delivery, Reading } from './reading.ts'
import { confirmedByLane, readOutsOf } from './read-outs.ts'
import type { ReadOut } from './read-outs.ts'
import type { History, Terms } from '../history.ts'

/** See `about`. */
export const prematureRetention = invariant({
  name: 'premature-retention',
  guarantee: 'G12',
  about: 'A message is removed only after all groups are done with it, or where retention was asked for.',
  *find(history, terms) {
    const confirmed = confirmedByLane(history)
    for (const readOut of readOutsOf(history)) {
      for (const ask of confirmed.get(readOut.lane) ?? []) {
        if (ask.confirmed.at > readOut.at || ask.confirmed.event.offset >= readOut.first) continue
        yield* neededBy(history, terms, { readOut, event: ask.confirmed.event, at: ask.confirmed.at })
      }
    }
  },
})

interface Removed {
  readonly readOut: ReadOut
  readonly event: { readonly topic: string; readonly partition: number; readonly offset: number }
  readonly at: number
}

function* neededBy(history: History, terms: Terms, { readOut, event, at }: Removed): Iterable<Finding> {
  const reading = readHistory(history)
  if (event.offset < (reading.retained.get(readOut.lane) ?? 0)) return
  for (const group of demandingGroups(reading, terms, event.topic)) {
    if (isDoneBy(reading, reading.deliveries.get(`${group} ${spell(event)}`), readOut.at)) continue
    yield {
      text: `${readOut.lane} begins at ${readOut.first}, and ${group} was not done with ${spell(event)}`,
      events: [at, readOut.at],
    }
  }
}

function isDoneBy({ moves }: Reading, delivery: Delivery | undefined, at: number): boolean {
  if (delivery === undefined) return false
  const { steps, group, spot } = delivery
  const first = steps[0]
  if (moves.has(`${group} ${spot.topic}`)) return true
  return first !== undefined && first.at < at && !steps.some((step) => step.kind === 'run' && step.at > at)
}

/** See `about`. */
export const zombie = invariant({
  name: 'zombie',
  guarantee: 'G12',
  about: 'What was removed stays removed.',
  *find(history) {
    const taken = toldOf(history, 'retained')
    if (taken.length === 0) return
    for (const spot of readHistory(history).spots.values()) {
      const removal = taken.find(
        ({ event }) => `${event.topic}/${event.partition}` === spot.lane && spot.offset < event.offset,
      )
      const back = spot.sightings.find(({ at }) => isBack(history, removal, at))
      if (removal === undefined || back === undefined) continue
      yield { text: `${describe(spot)} was removed, and is there again`, events: [removal.at, back.at] }
    }
  },
})

/** Seen by a later process, or read: a handler of the same one may have had it before. */
function isBack(
  history: History,
  removal: ReturnType<typeof toldOf<'retained'>>[number] | undefined,
  at: number,
): boolean {
  const event = history[at]
  if (removal === undefined || event === undefined || at < removal.at) return false
  return event.kind === 'read' || (event.kind === 'begun' && event.life > removal.event.life)
}
