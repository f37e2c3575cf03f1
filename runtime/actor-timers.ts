/**
 * Which timers of a definition's actors are due.
 *
 * Owns: the order of due times in memory. Leaves the timers themselves, which are records, to the ledger, and firing
 * to the host.
 *
 * TI1. A timer is given when it is due, by the clock that never goes back, and never before: whatever its delay, over
 *     restarts and jumps of the wall clock.
 * TI2. What was cancelled or armed anew since is passed over: name and generation have to match the record.
 */
import type { TimerRecord } from './actor-event.ts'
import type { ActorKind } from './actor-states.ts'
import { DueHeap } from './due-heap.ts'

export interface DueTimer {
  readonly key: string
  readonly timer: TimerRecord
}

interface Place {
  readonly key: string
  readonly timer: string
  readonly generation: number
}

export class ActorTimers {
  readonly #kind: ActorKind
  readonly #heap = new DueHeap()
  readonly #places = new Map<number, Place>()
  #last = 0

  constructor(kind: ActorKind) {
    this.#kind = kind
    for (const [key, { timers }] of kind.records) for (const timer of timers) this.add(key, timer)
  }

  get nextDueMs(): number {
    return this.#heap.nextDueMs ?? Number.POSITIVE_INFINITY
  }

  get size(): number {
    return this.#places.size
  }

  add(key: string, { timer, generation, dueMs, isFired }: TimerRecord): void {
    if (isFired === true) return
    this.#last += 1
    this.#heap.add(dueMs, this.#last)
    this.#places.set(this.#last, { key, timer, generation })
  }

  /** At most `max` that are due: taken out. */
  takeDue(nowMs: number, max: number): DueTimer[] {
    const due: DueTimer[] = []
    while (due.length < max) {
      const number = this.#heap.takeDue(nowMs)
      if (number === undefined) break
      const armed = this.#armed(number)
      if (armed !== undefined) due.push(armed)
    }
    return due
  }

  #armed(number: number): DueTimer | undefined {
    const place = this.#places.get(number)
    this.#places.delete(number)
    if (place === undefined) return undefined
    const { key, generation } = place
    const timer = this.#kind.records
      .get(key)
      ?.timers.find((one) => one.timer === place.timer && one.generation === generation)
    return timer === undefined || timer.isFired === true ? undefined : { key, timer }
  }
}
