/**
 * The clock port, and the only file of this folder that touches ambient time.
 *
 * Owns: wall time, monotonic time, timers and "after this turn". Leaves to `due-clock.ts` what to do when the
 * wall clock jumps, and to `props-tests/simulated-clock.ts` the twin that tests advance by hand.
 *
 * CL1. `monotonicMs` never goes back; `nowMs` may jump both ways.
 * CL2. A delay of any length is honoured: longer ones than a timer can hold are re-armed.
 * CL3. A timer does not hold the process open; `hold` does, for as long as somebody waits for something.
 */

import { performance } from 'node:perf_hooks'

/** Takes a scheduled task back. Harmless after it ran. */
export type Cancel = () => void

export interface Clock {
  /** Wall clock, in milliseconds since 1970. May jump. */
  nowMs(): number
  /** Milliseconds since some moment; never goes back. */
  monotonicMs(): number
  /** Runs `task` once, not before `delayMs` milliseconds have passed. */
  schedule(delayMs: number, task: () => void): Cancel
  /** Runs `task` as soon as the current turn and its promises are done. */
  defer(task: () => void): void
  /** Keeps the process running until the answer is called: somebody waits for a message or a confirmation. */
  hold(): Cancel
}

/** The longest delay a Node.js timer holds; above it, it would fire at once. */
const TIMER_MS_MAX = 2 ** 31 - 1

/** The clock of this machine. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  schedule: scheduleOnTimer,
  defer: (task) => {
    setImmediate(task)
  },
  hold: holdProcess,
}

/** One timer that does nothing holds the process for all. */
let holders = 0
let holder: NodeJS.Timeout | undefined

function holdProcess(): Cancel {
  holder ??= setInterval(() => {}, TIMER_MS_MAX)
  if (holders === 0) holder.ref()
  holders += 1
  let isHeld = true
  return () => {
    if (!isHeld) return
    isHeld = false
    holders -= 1
    if (holders === 0) holder?.unref()
  }
}

function scheduleOnTimer(delayMs: number, task: () => void): Cancel {
  let timer: NodeJS.Timeout
  const arm = (leftMs: number): void => {
    const stepMs = Math.min(Math.max(0, Math.ceil(leftMs)), TIMER_MS_MAX)
    timer = setTimeout(() => (leftMs > stepMs ? arm(leftMs - stepMs) : task()), stepMs)
    timer.unref()
  }
  arm(delayMs)
  return () => clearTimeout(timer)
}

/** A point in time as callers give it: a Date, or milliseconds since 1970. */
export type TimePoint = Date | number

export function isDate(value: unknown): value is Date {
  return value instanceof Date
}

export function toMs(time: TimePoint): number {
  return Number(time)
}
