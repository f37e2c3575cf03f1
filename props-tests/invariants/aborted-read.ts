/**
 * aborted-read: a message whose send was refused for certain, and that is there nevertheless.
 *
 * Owns: sends that ended as `not-written`. Leaves unknown outcomes alone: either is right.
 */
import { invariant } from './finding.ts'
import { excessesOf } from './phantom.ts'
import { describe } from './reading.ts'

/** See `about`. */
export const abortedRead = invariant({
  name: 'aborted-read',
  guarantee: 'G1',
  about: 'A message whose send failed as not-written is never seen.',
  *find(history) {
    for (const { content, spot, at } of excessesOf(history, 'aborted-read')) {
      const refused = content.messages.find(({ fate }) => fate === 'never')?.asks.at(-1)
      yield {
        text: `${describe(spot)} was seen, and its send had failed as not-written`,
        events: [refused?.at, refused?.rejected?.at, at],
      }
    }
  },
})
