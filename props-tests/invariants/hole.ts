/**
 * hole: a place inside of a log in which nothing can be read.
 *
 * Owns: places between the first and the last of a read-out. Leaves the ends to `lost-suffix` and
 * `premature-retention`.
 */
import { invariant } from './finding.ts'
import { readOutsOf } from './read-outs.ts'

/** See `about`. */
export const hole = invariant({
  name: 'hole',
  guarantee: 'G3',
  about: 'Between the first and the last message of a partition every place can be read.',
  *find(history) {
    for (const { at, lane, first, next, reads } of readOutsOf(history)) {
      if (reads.size >= next - first) continue
      const missing = firstMissing(reads, first)
      yield {
        text: `${lane} reaches from ${first} to ${next - 1}, and ${missing} cannot be read`,
        events: [at, reads.get(missing + 1)],
      }
    }
  },
})

function firstMissing(reads: ReadonlyMap<number, number>, first: number): number {
  let offset = first
  while (reads.has(offset)) offset += 1
  return offset
}
