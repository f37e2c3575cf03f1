/**
 * early-timer: a delayed message that came before its time.
 *
 * Owns: the due time against the wall clock. Leaves being late to `lost-timer` and `stuck`.
 *
 * HE1. A clock that reached the due time and was set back has been there: only the furthest time counts.
 * HE2. A clock that is set back holds no delay up: what was asked for before may come earlier by as much, and no more.
 */
import type { History } from '../history.ts'
import { invariant } from './finding.ts'
import { describe, readHistory, sendsAt } from './reading.ts'
import type { Reading, Spot } from './reading.ts'

/** See `about`. */
export const earlyTimer = invariant({
  name: 'early-timer',
  guarantee: 'G3',
  about: 'A delayed message is not delivered before it is due.',
  *find(history) {
    const reading = readHistory(history)
    let furthestMs = -Infinity
    for (const [at, event] of history.entries()) {
      furthestMs = Math.max(furthestMs, event.nowMs)
      const run = event.kind === 'begun' ? reading.runs.get(event.run) : undefined
      if (run === undefined) continue
      const { spot } = run.delivery
      const due = dueOf(spot, reading)
      if (furthestMs + setBackMs(history.slice(due.at, at)) >= due.dueMs) continue
      yield {
        text: `${describe(spot)} came to ${run.event.group} ${due.dueMs - furthestMs} ms before it was due`,
        events: [due.at, at],
      }
    }
  },
})

const JUMP_BACK = /clock (?:-|is set back by )(\d+) ms/

/** By how much the clock was set back, in all. */
function setBackMs(history: History): number {
  let backMs = 0
  for (const event of history)
    if (event.kind === 'fault') backMs += Number(JUMP_BACK.exec(event.text)?.[1] ?? 0)
  return backMs
}

/** When it was due; of several sends that it may be, the first due. */
function dueOf(spot: Spot, reading: Reading): { readonly dueMs: number; readonly at?: number } {
  const asks = sendsAt(spot, reading)
  let found: { dueMs: number; at?: number } = { dueMs: asks.length === 0 ? 0 : Infinity }
  for (const { at, event } of asks) if (event.dueMs < found.dueMs) found = { dueMs: event.dueMs, at }
  return found
}
