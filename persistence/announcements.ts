/**
 * The count of requests that two threads share, so that the journal's thread can wait for one without its event loop.
 *
 * Owns: counting, waking and waiting. Leaves the requests to the message port, where they lie before they are counted.
 *
 * AN1. A request that was counted before the wait began ends the wait at once; no wake-up is lost.
 * AN2. Who was prodded for nothing finds nothing, and loses no more than the time it looks.
 */
import { monotonicMs } from './system.ts'

export class Announcements {
  readonly memory: SharedArrayBuffer
  readonly #count: Int32Array

  constructor(memory = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)) {
    this.memory = memory
    this.#count = new Int32Array(memory)
  }

  /** Call after the request was posted. */
  announce(): void {
    Atomics.add(this.#count, 0, 1)
    Atomics.notify(this.#count, 0)
  }

  /** Wakes who waits, though nothing was posted yet: a request is about to be. */
  prod(): void {
    this.announce()
  }

  /** How many were announced; wraps around. */
  count(): number {
    return Atomics.load(this.#count, 0)
  }

  /** Blocks until the count differs from `seen`, or for `timeoutMs`. Returns whether it differs. */
  wait(seen: number, timeoutMs: number): boolean {
    return Atomics.wait(this.#count, 0, seen, timeoutMs) !== 'timed-out'
  }

  /** Looks again and again for `forMs` milliseconds, which wakes faster than to sleep. Returns whether it differs. */
  watch(seen: number, forMs: number): boolean {
    const untilMs = monotonicMs() + forMs
    while (this.count() === seen) if (monotonicMs() > untilMs) return false
    return true
  }
}
