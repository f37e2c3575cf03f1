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
    const removals = removalsOf(history)
    if (removals.size === 0) return
    for (const spot of readHistory(history).spots.values()) {
      const removal = removals.get(spot.lane)?.find(({ below }) => spot.offset < below)
      const back = removal && spot.sightings.find(({ at }) => isBack(history, removal, at))
      if (removal === undefined || back === undefined) continue
      yield { text: `${describe(spot)} was removed, and is there again`, events: [removal.at, back.at] }
    }
  },
})

/** The first moment at which it was told that all below an offset is gone. */
interface Removal {
  readonly at: number
  readonly below: number
  readonly life: number
}

/** By lane: what retention took, and what partitions no longer have as they say themselves. */
function removalsOf(history: History): ReadonlyMap<string, readonly Removal[]> {
  const removals = new Map<string, Removal[]>()
  const note = (lane: string, removal: Removal): void => {
    const list = removals.get(lane)
    if (list === undefined) removals.set(lane, [removal])
    else if (removal.below > (list.at(-1)?.below ?? 0)) list.push(removal)
  }
  const told = [...toldOf(history, 'retained'), ...toldOf(history, 'extent')]
  for (const { at, event } of told.toSorted((a, b) => a.at - b.at)) {
    const below = event.kind === 'extent' ? event.first : event.offset
    if (below > 0) note(`${event.topic}/${event.partition}`, { at, below, life: event.life })
  }
  return removals
}

/** Seen by a later process, or read: a handler of the same one may have had it before. */
function isBack(history: History, removal: Removal, at: number): boolean {
  const event = history[at]
  if (event === undefined || at < removal.at) return false
  return event.kind === 'read' || (event.kind === 'begun' && event.life > removal.life)
}
