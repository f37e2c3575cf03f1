/**
 * inconsistent-offset: one place of the log in which different messages were seen.
 *
 * Owns: the numbers seen in a place, and who was told to be there. Leaves changed bytes to `silent-corruption`.
 */
import { invariant } from './finding.ts'
import type { Finding } from './finding.ts'
import { readHistory, spell } from './reading.ts'
import type { Asked, Spot } from './reading.ts'

/** See `about`. */
export const inconsistentOffset = invariant({
  name: 'inconsistent-offset',
  guarantee: 'G3',
  about: 'A place of the log holds one message for ever, whoever reads it and whenever.',
  *find(history) {
    for (const spot of readHistory(history).spots.values()) {
      yield* twoNumbers(spot)
      yield* twoSends(spot)
    }
  },
})

function* twoNumbers(spot: Spot): Iterable<Finding> {
  const [first] = spot.sightings
  const other = spot.sightings.find(({ number }) => number !== first?.number)
  if (first === undefined || other === undefined) return
  yield {
    text: `${spell(spot)} held number ${first.sequence} of ${first.producer}, and later number ${other.sequence} of ${other.producer}`,
    events: [first.at, other.at],
  }
}

function* twoSends({ asked, ...place }: Spot): Iterable<Finding> {
  const [first] = asked
  const other = asked.find((ask) => first !== undefined && !isSame(first, ask))
  if (first === undefined || other === undefined) return
  yield {
    text: `two messages were both confirmed at ${spell(place)}: ${first.event.value} and ${other.event.value}`,
    events: [first.at, first.confirmed?.at, other.at, other.confirmed?.at],
  }
}

function isSame(a: Asked, b: Asked): boolean {
  return a === b || (a.event.messageId !== undefined && a.event.messageId === b.event.messageId)
}
