/**
 * silent-corruption: a message that is not what was sent.
 *
 * Owns: value and key of one number in one place, over all who saw it. Leaves what nobody sent to `phantom`.
 *
 * HS1. Of sends under one id with different values, nobody knows which was written: any of them is right.
 */
import { invariant } from './finding.ts'
import { describe, readHistory } from './reading.ts'
import type { Reading, Sighting, Spot } from './reading.ts'

/** See `about`. */
export const silentCorruption = invariant({
  name: 'silent-corruption',
  guarantee: 'G9',
  about: 'A message is delivered as it was sent, bit for bit, or damage is reported.',
  *find(history) {
    const reading = readHistory(history)
    for (const spot of reading.spots.values()) {
      const [first, ...others] = certain(spot, reading)
      const other = others.find((sighting) => first !== undefined && isOther(first, sighting))
      if (first === undefined || other === undefined) continue
      yield {
        text: `${describe(spot)} was ${first.value}, and is ${other.value}${keyOf(first, other)}`,
        events: [first.at, other.at],
      }
    }
  },
})

/** What was seen of a place, without the word of those who sent several values under one id. */
function certain({ topic, sightings, asked }: Spot, { ids }: Reading): readonly Sighting[] {
  const vague = asked.filter(({ event: { messageId } }) => {
    const values = new Set(ids.get(`${topic} ${messageId}`)?.map(({ event }) => event.value))
    return messageId !== undefined && values.size > 1
  })
  if (vague.length === 0) return sightings
  return sightings.filter(({ at }) => !vague.some(({ confirmed }) => confirmed?.at === at))
}

function isOther(a: Sighting, b: Sighting): boolean {
  if (a.number !== b.number) return false
  return a.value !== b.value || (a.key !== b.key && a.key !== undefined && b.key !== undefined)
}

function keyOf(a: Sighting, b: Sighting): string {
  return a.value === b.value ? `: its key was ${a.key}, and is ${b.key}` : ''
}
