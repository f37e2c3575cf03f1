/**
 * What partitions said of themselves: from where to where they reach, and what was read there.
 *
 * Owns: putting each extent together with its reads. Leaves judging them to the invariants.
 */
import { readHistory, toldOf } from './reading.ts'
import type { Asked, Told } from './reading.ts'
import type { History } from '../history.ts'

/** One reading of a whole partition. */
export interface ReadOut {
  readonly at: number
  readonly life: number
  readonly lane: string
  readonly first: number
  readonly next: number
  /** Where each offset was read. */
  readonly reads: ReadonlyMap<number, number>
}

/** All of them, in order. */
export function readOutsOf(history: History): readonly ReadOut[] {
  const extents = toldOf(history, 'extent')
  if (extents.length === 0) return []
  const last = new Map<string, Map<number, number>>()
  const found = new Map<number, ReadOut>()
  for (const { at, event } of extents) {
    const { life, first, next } = event
    found.set(at, { at, life, lane: `${event.topic}/${event.partition}`, first, next, reads: new Map() })
  }
  for (const [at, event] of history.entries()) {
    if (event.kind !== 'extent' && event.kind !== 'read') continue
    const lane = `${event.topic}/${event.partition}`
    if (event.kind === 'read') last.get(lane)?.set(event.offset, at)
    else last.set(lane, (found.get(at)?.reads ?? new Map()) as Map<number, number>)
  }
  return [...found.values()]
}

/** The confirmed sends of each lane, in the order in which they were told. */
export function confirmedByLane(
  history: History,
): ReadonlyMap<string, readonly (Asked & { confirmed: Told<'confirmed'> })[]> {
  const lanes = new Map<string, (Asked & { confirmed: Told<'confirmed'> })[]>()
  for (const ask of readHistory(history).asked) {
    const { confirmed } = ask
    if (confirmed === undefined) continue
    const lane = `${confirmed.event.topic}/${confirmed.event.partition}`
    const list = lanes.get(lane)
    if (list === undefined) lanes.set(lane, [{ ...ask, confirmed }])
    else list.push({ ...ask, confirmed })
  }
  return lanes
}
