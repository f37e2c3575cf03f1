/**
 * stuck: something that never comes to an end.
 *
 * Owns: messages that wait though nothing stands in their way, and sends whose callers are never told.
 * Leaves how long to wait to whoever drains the run.
 */
import { invariant } from './finding.ts'
import type { Finding } from './finding.ts'
import { readHistory, toldOf } from './reading.ts'
import type { Asked } from './reading.ts'
import type { History } from '../history.ts'

/** See `about`. */
export const stuck = invariant({
  name: 'stuck',
  guarantee: 'G8',
  about: 'With all faults off everything comes to an end: no message waits, and every send is answered.',
  *find(history) {
    for (const { at, event } of toldOf(history, 'drained')) {
      if (event.waiting === 0) continue
      yield { text: `${event.waiting} messages wait for ever, with nothing in their way`, events: [at] }
    }
    yield* unanswered(history)
  },
})

/** Sends of a process that closed, or in which all came to rest, and that were never answered. */
function* unanswered(history: History): Iterable<Finding> {
  const open = readHistory(history).asked.filter(isUnanswered)
  if (open.length === 0) return
  for (const { at, event } of [...toldOf(history, 'drained'), ...toldOf(history, 'closed')]) {
    const ask = open.find((each) => each.event.life === event.life && each.at < at)
    if (ask === undefined) continue
    yield {
      text: `the send of ${ask.event.value} to ${ask.event.topic} is never answered`,
      events: [ask.at, at],
    }
  }
}

function isUnanswered({ event, confirmed, rejected }: Asked): boolean {
  return !event.joined && confirmed === undefined && rejected === undefined
}
