/**
 * Situations that the history of a run shows.
 *
 * Owns: noticing them. Leaves the list to `situations.ts`, judging to the invariants.
 */
import type { History, HistoryEvent } from '../history.ts'
import type { Situation } from './situations.ts'

type Begun = Extract<HistoryEvent, { kind: 'begun' }>

/** Each once. */
export function seenIn(history: History): Situation[] {
  const seen: Situation[] = []
  if (hasTimerOverRestart(history)) seen.push('timer-over-restart')
  if (hasCutHandOver(history)) seen.push('hand-over-cut')
  if (history.some((event) => event.kind === 'fault' && event.text.startsWith('clock -'))) {
    seen.push('clock-jumped-back')
  }
  return seen
}

/** A message is known by what it says: it may have been asked for more than once. */
function hasTimerOverRestart(history: History): boolean {
  const askedIn = new Map<string, number>()
  for (const event of history) {
    if (event.kind === 'sending' && event.dueMs > 0) askedIn.set(event.value, event.life)
    if (event.kind === 'begun' && event.life > (askedIn.get(event.value) ?? Infinity)) return true
  }
  return false
}

/** A run that returned, with something to hand over, in a life that died before the end of it was durable. */
function hasCutHandOver(history: History): boolean {
  const handing = new Set<number>()
  const returned = new Map<string, number>()
  const runs = new Map<number, Begun>()
  for (const event of history) {
    if (event.kind === 'begun') runs.set(event.run, event)
    if (event.kind === 'sending' && event.joined && event.cause !== undefined) handing.add(event.cause)
    if (event.kind === 'ended' && event.how === 'returned' && handing.has(event.run)) {
      returned.set(deliveryOf(runs.get(event.run)), event.life)
    }
    if (event.kind === 'settled') returned.delete(deliveryOf(event))
    if (event.kind === 'crashed' && [...returned.values()].includes(event.life)) return true
  }
  return false
}

function deliveryOf(event: Pick<Begun, 'group' | 'topic' | 'partition' | 'offset'> | undefined): string {
  return event === undefined ? '' : `${event.group} ${event.topic}/${event.partition}@${event.offset}`
}
