/**
 * nonmonotonic-delivery: a group that went back to a message after it had gone on with the key.
 *
 * Owns: repeated deliveries of one key, and the runtime's own report of a step back.
 * Leaves first deliveries to `reordered`.
 */
import { invariant } from './finding.ts'
import { describe, readHistory, toldOf } from './reading.ts'
import { runsInOrder } from './reordered.ts'

/** See `about`. */
export const nonmonotonicDelivery = invariant({
  name: 'nonmonotonic-delivery',
  guarantee: 'G3',
  about: 'While a message of a key is not done, no later message of that key is delivered.',
  *find(history, terms) {
    for (const { at, event } of toldOf(history, 'event')) {
      if (event.name === 'step-back')
        yield { text: `a consumer found a step back: ${event.text}`, events: [at] }
    }
    for (const { run, spot, furthest, isFirst } of runsInOrder(readHistory(history), terms)) {
      if (isFirst || furthest === undefined || furthest.event.offset <= spot.offset) continue
      yield {
        text: `${describe(spot)} came to ${run.event.group} again after ${furthest.event.offset} of its key had begun`,
        events: [furthest.at, run.at],
      }
    }
  },
})
