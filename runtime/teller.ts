/**
 * Tells units that they are durable, beside the writing of the next batch.
 *
 * Owns: the order of telling, and how much of it comes before the next write. Leaves what a unit does then to it.
 *
 * TE1. Units are told in the order in which they were written, each once; nothing that happens later takes it back.
 * TE2. Of many units, one half is told at once, so that what its callers send next is being written while the other
 *     half is told: from then on writing and telling go side by side. Nobody waits longer for it than one turn.
 */
import type { Clock } from './clock.ts'
import type { Unit } from './unit.ts'

const NOTHING: readonly Unit[] = []

/** Fewer than so many are not worth two writes. */
const MANY_COUNT = 256

export class Teller {
  readonly #clock: Clock
  #durable: readonly Unit[] = NOTHING
  #next = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  add(units: readonly Unit[]): void {
    this.#durable = this.#left() === 0 ? units : [...this.#durable.slice(this.#next), ...units]
    this.#next = 0
  }

  /** Tells all units if a batch is being written meanwhile; if none is, first the half that makes the next one. */
  tell(isWriting: boolean): void {
    const left = this.#left()
    if (isWriting || left <= MANY_COUNT) return this.#tell(left)
    this.#tell(left >> 1)
    // One turn for the next batch to begin, and the rest comes in the turn after it.
    this.#clock.defer(() => this.#clock.defer(() => this.#tell(this.#left())))
  }

  #tell(count: number): void {
    for (let left = count; left > 0; left -= 1) this.#durable[this.#next++]?.confirm()
    // What is told is not kept.
    if (this.#left() === 0) this.add(NOTHING)
  }

  #left(): number {
    return this.#durable.length - this.#next
  }
}
