/**
 * lost-write: a message that was confirmed, or lies in the log, and never came.
 *
 * Owns: the demand on messages without a delay. Leaves delayed ones to `lost-timer`.
 *
 * What a handler hands over is confirmed to nobody: that it is there is told by whoever reads the log out at the end.
 */
import { invariant } from './finding.ts'
import type { Finding } from './finding.ts'
import { demandingGroups, quietAt } from './quiet.ts'
import { readOutsOf } from './read-outs.ts'
import { describe, readHistory, sendsAt, spell } from './reading.ts'
import type { Reading, Spot, Told } from './reading.ts'
import type { History, Terms } from '../history.ts'

/** See `about`. */
export const lostWrite = invariant({
  name: 'lost-write',
  guarantee: 'G2',
  about: 'A message that was confirmed, or that lies in the log, reaches every group that must get it.',
  *find(history, terms) {
    for (const missing of missingOf(history, terms)) {
      if (missing.dueMs > 0) continue
      const { name, known, group, events } = missing
      yield { text: `${name} ${known} and never came to ${group}`, events }
    }
  },
})

/** A message that a group never met. */
export interface Missing extends Pick<Finding, 'events'> {
  readonly name: string
  /** How one knows of it. */
  readonly known: 'was confirmed' | 'lies in the log'
  readonly group: string
  /** When it was due; 0 for at once. */
  readonly dueMs: number
}

/** All messages that a group never met, though it had to. */
export function* missingOf(history: History, terms: Terms): Iterable<Missing> {
  const quiet = quietAt(history)
  if (quiet === undefined) return
  const reading = readHistory(history)
  for (const there of [...confirmedIn(reading, quiet.at), ...readIn(history, quiet.at)]) {
    const { spot, known, dueMs, events } = there
    for (const group of demandingGroups(reading, terms, spot.topic)) {
      if (reading.deliveries.has(`${group} ${spot.name}`)) continue
      yield { name: describe(spot), known, group, dueMs, events }
    }
  }
}

/** A message that is there. */
interface There extends Omit<Missing, 'name' | 'group'> {
  readonly spot: Spot
}

function* confirmedIn(reading: Reading, endAt: number): Iterable<There> {
  for (const { at, event, confirmed } of reading.asked) {
    if (confirmed === undefined || confirmed.at > endAt || isRetained(reading, confirmed)) continue
    const spot = reading.spots.get(spell(confirmed.event))
    if (spot === undefined) continue
    yield { spot, known: 'was confirmed', dueMs: event.dueMs, events: [at, confirmed.at, endAt] }
  }
}

/** What is read out after the end, unless a caller was told of it: that is among the confirmed. */
function* readIn(history: History, endAt: number): Iterable<There> {
  const reading = readHistory(history)
  for (const { at, lane, reads } of readOutsOf(history)) {
    if (at < endAt) continue
    for (const [offset, readAt] of reads) {
      const spot = reading.spots.get(`${lane}@${offset}`)
      if (spot === undefined || spot.asked.length > 0) continue
      const dueMs = Math.max(0, ...sendsAt(spot, reading).map(({ event }) => event.dueMs))
      yield { spot, known: 'lies in the log', dueMs, events: [endAt, readAt] }
    }
  }
}

function isRetained({ retained }: Reading, { event }: Told<'confirmed'>): boolean {
  return event.offset < (retained.get(`${event.topic}/${event.partition}`) ?? 0)
}
