/**
 * Wall time that never goes back: the time by which delayed messages fall due.
 *
 * Owns: the rule for clock jumps. Leaves reading the clocks to `clock.ts`.
 *
 * DC1. It never goes back, and it advances at least as fast as the monotonic clock: a wall clock set back delays nothing.
 * DC2. A wall clock set forward is followed at once: what the wall clock says is due, is due.
 * DC3. What an earlier run put off waits, from the start of this one, at most as long as it was put off for: a wall clock
 *      that was set back in between holds nothing up, nor does one that was ahead by mistake and then set right.
 */
import type { Clock } from './clock.ts'

export class DueClock {
  /** When this run began. */
  readonly startMs: number
  readonly #clock: Clock
  #lastMs: number
  #lastMonotonicMs: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.startMs = clock.nowMs()
    this.#lastMs = this.startMs
    this.#lastMonotonicMs = clock.monotonicMs()
  }

  nowMs(): number {
    const monotonicMs = this.#clock.monotonicMs()
    const elapsedMs = monotonicMs - this.#lastMonotonicMs
    // The fraction is kept: many looks within one millisecond must not add up to a standstill.
    this.#lastMs = Math.max(this.#clock.nowMs(), this.#lastMs + elapsedMs)
    this.#lastMonotonicMs = monotonicMs
    return Math.floor(this.#lastMs)
  }

  /** When something is due that an earlier run put off by `delayMs`, to `dueMs`. Not for what this run put off. */
  due(dueMs: number, delayMs: number): number {
    return Math.min(dueMs, this.startMs + delayMs)
  }
}
