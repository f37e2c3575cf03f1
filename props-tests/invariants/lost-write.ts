/**
 * lost-write: a message that was confirmed and never came.
 *
 * Owns: the demand on confirmed messages without a delay. Leaves delayed ones to `lost-timer`.
 */
import { invariant } from './finding.ts'
import type { Finding } from './finding.ts'
import { demandingGroups, quietAt } from './quiet.ts'
import { describe, readHistory, spell } from './reading.ts'
import type { Asked, Reading, Told } from './reading.ts'
import type { History, Terms } from '../history.ts'

/** See `about`. */
export const lostWrite = invariant({
  name: 'lost-write',
  guarantee: 'G2',
  about: 'A message that was confirmed reaches every group that must get it.',
  *find(history, terms) {
    for (const missing of missingOf(history, terms)) {
      if (missing.ask.event.dueMs > 0) continue
      yield {
        text: `${missing.name} was confirmed and never came to ${missing.group}`,
        events: missing.events,
      }
    }
  },
})

/** A confirmed message that a group never met. */
export interface Missing extends Pick<Finding, 'events'> {
  readonly name: string
  readonly group: string
  readonly ask: Asked
}

/** All confirmed messages that a group never met, though it had to. */
export function* missingOf(history: History, terms: Terms): Iterable<Missing> {
  const reading = readHistory(history)
  const quiet = quietAt(history)
  if (quiet === undefined) return
  for (const ask of reading.asked) {
    const confirmed = ask.confirmed
    if (confirmed === undefined || confirmed.at > quiet.at || isRetained(reading, confirmed)) continue
    for (const group of demandingGroups(reading, terms, confirmed.event.topic)) {
      if (reading.deliveries.has(`${group} ${spell(confirmed.event)}`)) continue
      const spot = reading.spots.get(spell(confirmed.event))
      const name = spot === undefined ? spell(confirmed.event) : describe(spot)
      yield { name, group, ask, events: [ask.at, confirmed.at, quiet.at] }
    }
  }
}

function isRetained({ retained }: Reading, { event }: Told<'confirmed'>): boolean {
  return event.offset < (retained.get(`${event.topic}/${event.partition}`) ?? 0)
}
