/**
 * The clock port, advanced by hand.
 *
 * Owns: simulated wall and monotonic time, and timers. Leaves the order of deferred work to `simulated-executor.ts`.
 *
 * SC1. Time moves only by `advance` and `jumpWall`. A run of a year takes as long as its timers.
 * SC2. `advance` walks from deadline to deadline: a timer sees its own due time, and one that it makes is seen too.
 * SC3. Timers of one due time run in the order in which they were made; promises settle between any two.
 * SC4. The wall may jump both ways; the monotonic clock and the timers do not notice.
 */
import assert from 'node:assert/strict'
import type { Cancel, Clock } from '../runtime/index.ts'
import { SimulatedExecutor } from './simulated-executor.ts'

export interface SimulatedClockOptions {
  /** Wall time at the start, in milliseconds since 1970. Default: 2026-01-01, UTC. */
  readonly startMs?: number
  readonly executor?: SimulatedExecutor
}

interface Timer {
  readonly dueMs: number
  readonly task: () => void
}

const newYear2026Ms = 1_767_225_600_000

/**
 * @example
 * const clock = new SimulatedClock()
 * clock.schedule(60_000, () => remind())
 * await clock.advance(60_000) // remind ran, and what it awaited too
 */
export class SimulatedClock implements Clock {
  readonly executor: SimulatedExecutor
  #monotonicMs = 0
  #wallOffsetMs: number
  /** In the order of due time, then of making. */
  readonly #timers: Timer[] = []

  constructor(options: SimulatedClockOptions = {}) {
    this.#wallOffsetMs = options.startMs ?? newYear2026Ms
    this.executor = options.executor ?? new SimulatedExecutor()
  }

  /** Timers that wait. */
  get pending(): number {
    return this.#timers.length
  }

  /** When the next timer is due, in monotonic milliseconds; undefined if there is none. */
  get nextDueMs(): number | undefined {
    return this.#timers[0]?.dueMs
  }

  nowMs(): number {
    return Math.floor(this.#monotonicMs + this.#wallOffsetMs)
  }

  monotonicMs(): number {
    return this.#monotonicMs
  }

  schedule(delayMs: number, task: () => void): Cancel {
    assert.ok(!Number.isNaN(delayMs), 'a delay is a number')
    const timer: Timer = { dueMs: this.#monotonicMs + Math.max(0, delayMs), task }
    const after = this.#timers.findIndex((other) => other.dueMs > timer.dueMs)
    this.#timers.splice(after === -1 ? this.#timers.length : after, 0, timer)
    return () => {
      const index = this.#timers.indexOf(timer)
      if (index !== -1) this.#timers.splice(index, 1)
    }
  }

  defer(task: () => void): void {
    this.executor.submit(task)
  }

  /** Nothing: a simulated process ends when its world does. */
  hold(): Cancel {
    return () => {}
  }

  /** Moves time on by `ms`, runs what falls due and all that follows from it. What a task throws rejects. */
  async advance(ms: number): Promise<void> {
    const targetMs = this.#target(ms)
    await this.executor.settle()
    for (let timer = this.#takeDue(targetMs); timer !== undefined; timer = this.#takeDue(targetMs)) {
      timer.task()
      await this.executor.settle()
    }
    this.#monotonicMs = targetMs
  }

  /** As `advance`, in one go: promises and deferred tasks wait for the next turn of the event loop. */
  advanceSync(ms: number): void {
    const targetMs = this.#target(ms)
    for (let timer = this.#takeDue(targetMs); timer !== undefined; timer = this.#takeDue(targetMs))
      timer.task()
    this.#monotonicMs = targetMs
  }

  /** The wall clock is set by `ms`, forward or back. */
  jumpWall(ms: number): void {
    this.#wallOffsetMs += ms
  }

  #target(ms: number): number {
    assert.ok(ms >= 0 && Number.isFinite(ms), 'time moves forward; use jumpWall for the wall clock')
    return this.#monotonicMs + ms
  }

  #takeDue(targetMs: number): Timer | undefined {
    const [first] = this.#timers
    if (first === undefined || first.dueMs > targetMs) return undefined
    this.#timers.shift()
    this.#monotonicMs = Math.max(this.#monotonicMs, first.dueMs)
    return first
  }
}
