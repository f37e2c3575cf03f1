/**
 * producer-gap: a producer's number that was left out.
 *
 * Owns: numbers that follow each other in the log. Leaves places that nobody saw to `gap` and `lost-write`: a number
 * may lie there.
 */
import { invariant } from './finding.ts'
import type { Finding } from './finding.ts'
import { describe, readHistory } from './reading.ts'
import type { Reading, Spot } from './reading.ts'
import { firstsOf, neighboursOf } from './reordered.ts'

/** See `about`. */
export const producerGap = invariant({
  name: 'producer-gap',
  guarantee: 'G3',
  about: 'The numbers of a producer in a partition are 1, 2, 3 …, and none is left out.',
  *find(history) {
    const reading = readHistory(history)
    yield* missingFirsts(reading)
    for (const { before, after } of neighboursOf(reading)) {
      const missing = before.sighting.sequence + 1
      if (after.sighting.sequence <= missing || !isSeenBetween(before.spot, after.spot, reading)) continue
      yield {
        text: `${describe(after.spot)} is number ${after.sighting.sequence} of ${after.sighting.producer}, and there is no number ${missing}`,
        events: [before.sighting.at, after.sighting.at],
      }
    }
  },
})

/** Producers whose numbers do not begin with 1, though everything before them was seen. */
function* missingFirsts(reading: Reading): Iterable<Finding> {
  for (const { spot, sighting } of firstsOf(reading)) {
    if (sighting.sequence === 1 || !isSeenBetween({ ...spot, offset: -1 }, spot, reading)) continue
    yield {
      text: `${describe(spot)} is number ${sighting.sequence} of ${sighting.producer}, and there is no number before`,
      events: [sighting.at],
    }
  }
}

/** Whether every place between the two was seen, so that nothing else can lie there. */
function isSeenBetween({ topic, partition, offset }: Spot, after: Spot, { spots }: Reading): boolean {
  for (let between = offset + 1; between < after.offset; between += 1) {
    if ((spots.get(`${topic}/${partition}@${between}`)?.sightings.length ?? 0) === 0) return false
  }
  return true
}
