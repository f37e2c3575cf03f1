/**
 * Wakes whoever waits for the next due time.
 *
 * Owns: one timer, and looking again while the wall clock may jump. Leaves what is due to the feeds.
 *
 * DA1. It rings at the due time, or at most `DUE_CHECK_MS` after a wall clock that was set forward says so.
 */
import type { Cancel, Clock } from './clock.ts'
import type { DueClock } from './due-clock.ts'

/** The wall clock is looked at again at least this often, because it may jump. */
const DUE_CHECK_MS = 1_000

export class DueAlarm {
  readonly #clock: Clock
  readonly #dueClock: DueClock
  readonly #ring: () => void
  #cancel: Cancel = () => {}
  #dueMs = Number.POSITIVE_INFINITY

  constructor(clock: Clock, dueClock: DueClock, ring: () => void) {
    this.#clock = clock
    this.#dueClock = dueClock
    this.#ring = ring
  }

  /** The next due time, in wall milliseconds; infinite when nothing is due ever. Replaces the one before. */
  set(dueMs: number): void {
    if (dueMs === this.#dueMs) return
    this.#cancel()
    this.#dueMs = dueMs
    if (dueMs === Number.POSITIVE_INFINITY) return
    const waitMs = Math.min(Math.max(0, dueMs - this.#dueClock.nowMs()), DUE_CHECK_MS)
    this.#cancel = this.#clock.schedule(waitMs, () => {
      this.#dueMs = Number.POSITIVE_INFINITY
      this.#ring()
    })
  }

  close(): void {
    this.#cancel()
  }
}
