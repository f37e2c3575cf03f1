/**
 * offset-regress: a new message that was put before one that was there already.
 *
 * Owns: places that are given out, against what was seen before they were asked for.
 * Leaves two messages in one place to `inconsistent-offset`.
 */
import { invariant } from './finding.ts'
import { describe, readHistory } from './reading.ts'
import type { EventOf, Reading } from './reading.ts'

/** See `about`. */
export const offsetRegress = invariant({
  name: 'offset-regress',
  guarantee: 'G3',
  about: 'A new message lies behind everything that anybody had seen when it was sent.',
  *find(history) {
    const reading = readHistory(history)
    const heights = heightsOf(reading)
    for (const { at, event, confirmed } of reading.asked) {
      if (confirmed === undefined || isRepeated(event, reading)) continue
      const { topic, partition, offset } = confirmed.event
      const before = heights.get(`${topic}/${partition}`)?.findLast((height) => height.at < at)
      if (before === undefined || before.offset <= offset) continue
      yield {
        text: `a new message was put at ${topic}/${partition}@${offset}, though ${describe(before.spot)} had been seen`,
        events: [before.at, at, confirmed.at],
      }
    }
  },
})

interface Height {
  readonly at: number
  readonly offset: number
  readonly spot: Parameters<typeof describe>[0]
}

/** How far each lane was seen to reach, from when. */
function heightsOf({ spots }: Reading): Map<string, Height[]> {
  const seen = [...spots.values()].flatMap((spot) => {
    const at = spot.sightings[0]?.at
    return at === undefined ? [] : [{ at, offset: spot.offset, spot }]
  })
  const heights = new Map<string, Height[]>()
  for (const height of seen.toSorted((a, b) => a.at - b.at)) {
    const lane = heights.get(height.spot.lane) ?? []
    if ((lane.at(-1)?.offset ?? -1) < height.offset) lane.push(height)
    heights.set(height.spot.lane, lane)
  }
  return heights
}

/** Sent again under its id: it lies where it was put first. */
function isRepeated({ topic, messageId }: EventOf<'sending'>, { ids }: Reading): boolean {
  return messageId !== undefined && (ids.get(`${topic} ${messageId}`)?.length ?? 0) > 1
}
