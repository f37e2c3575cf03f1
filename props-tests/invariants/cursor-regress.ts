/**
 * cursor-regress: a group that has more to do than before, though nothing came in.
 *
 * Owns: what groups say of their backlog. Leaves single messages to `redelivery-after-durable-ack`.
 *
 * HG1. Every send that may have arrived between two backlogs is allowed for; a quiet run leaves none on the way.
 */
import { invariant } from './finding.ts'
import { quietAt } from './quiet.ts'
import { readHistory, toldOf } from './reading.ts'
import type { Told } from './reading.ts'
import type { History } from '../history.ts'

/** See `about`. */
export const cursorRegress = invariant({
  name: 'cursor-regress',
  guarantee: 'G6',
  about: 'What a group has done stays done: its backlog grows only by what is sent.',
  *find(history) {
    const last = new Map<string, Told<'backlog'>>()
    for (const now of toldOf(history, 'backlog')) {
      const { group, topic, waiting } = now.event
      const before = last.get(`${group} ${topic}`)
      last.set(`${group} ${topic}`, now)
      if (before === undefined || isMoved(history, before, now)) continue
      const most = before.event.waiting + arrivalsOf(history, before, now)
      if (waiting <= most) continue
      yield {
        text: `${waiting} messages of ${topic} wait for ${group}, where there can be ${most} at most`,
        events: [before.at, now.at],
      }
    }
  },
})

function isMoved(history: History, before: Told<'backlog'>, { at, event }: Told<'backlog'>): boolean {
  const moves = readHistory(history).moves.get(`${event.group} ${event.topic}`) ?? []
  return moves.some((move) => move.at > before.at && move.at < at)
}

/** How many messages may have come in between the two. */
function arrivalsOf(history: History, before: Told<'backlog'>, { at, event }: Told<'backlog'>): number {
  const quiet = quietAt(history)
  const settledAt = quiet !== undefined && quiet.at <= before.at ? quiet.at : -1
  return readHistory(history).asked.filter((ask) => {
    const isOpen = ask.confirmed === undefined || ask.confirmed.at > before.at
    return ask.event.topic === event.topic && ask.at < at && ask.at > settledAt && isOpen
  }).length
}
