/**
 * duplicate-append: one message at two places of the log.
 *
 * Owns: numbers, message ids and counts of sent messages. Leaves what handlers hand over to `duplicated-effect`.
 */
import { contentsOf } from './contents.ts'
import { invariant } from './finding.ts'
import type { Finding } from './finding.ts'
import { excessesOf } from './phantom.ts'
import { describe, readHistory, spell, toldOf } from './reading.ts'
import type { Asked, Spot } from './reading.ts'
import type { History } from '../history.ts'

/** See `about`. */
export const duplicateAppend = invariant({
  name: 'duplicate-append',
  guarantee: 'G4',
  about: 'One message is in the log once, over retries, restarts and repeats under its id.',
  *find(history) {
    for (const { at, event } of toldOf(history, 'event')) {
      if (event.name === 'duplicate') yield { text: `a consumer found a repeat: ${event.text}`, events: [at] }
    }
    yield* numbersAtTwoPlaces(history)
    yield* idsAtTwoPlaces(history)
    for (const { content, spot, at } of excessesOf(history, 'duplicate-append')) {
      const [first] = content.spots
      const asks = content.messages.flatMap((message) => message.asks)
      yield {
        text: `${describe(spot)} is there more often than it was sent`,
        events: [asks[0]?.at, first?.sightings[0]?.at, at],
      }
    }
  },
})

function* numbersAtTwoPlaces(history: History): Iterable<Finding> {
  const places = new Map<string, Spot>()
  for (const spot of readHistory(history).spots.values()) {
    const [sighting] = spot.sightings
    if (sighting === undefined) continue
    const name = `${spot.lane} ${sighting.number}`
    const first = places.get(name)
    places.set(name, spot)
    if (first === undefined) continue
    yield {
      text: `${describe(first)} and ${spell(spot)} are both number ${sighting.sequence} of ${sighting.producer}`,
      events: [first.sightings[0]?.at, sighting.at],
    }
  }
}

function* idsAtTwoPlaces(history: History): Iterable<Finding> {
  for (const { messages } of contentsOf(history).values()) {
    for (const { asks } of messages) yield* atTwoPlaces(asks)
  }
}

function* atTwoPlaces(asks: readonly Asked[]): Iterable<Finding> {
  const told = asks.flatMap(({ confirmed }) => (confirmed === undefined ? [] : [confirmed]))
  const [first] = told
  for (const other of told) {
    if (first === undefined || spell(first.event) === spell(other.event)) continue
    yield {
      text: `message id ${asks[0]?.event.messageId} is at ${spell(first.event)} and at ${spell(other.event)}`,
      events: [asks[0]?.at, first.at, other.at],
    }
  }
}
