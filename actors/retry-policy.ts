/**
 * How long to wait before the next try: exponential back-off with jitter.
 *
 * Owns: the formula and its defaults, for deliveries, for sends and for the probe of a full disk.
 * Leaves to the caller: the random fraction, the timer, and when to give up.
 *
 * RP1. The delay is a whole number within `[minDelayMs / 2, maxDelayMs]`, whatever the attempt.
 * RP2. For one fraction the delay never falls as the attempt rises; so neither does its expectation.
 * RP3. The same arguments give the same delay.
 */

/** First delay when the user sets none, in milliseconds. */
export const defaultMinDelayMs = 100

/** Longest delay when the user sets none, in milliseconds. */
export const defaultMaxDelayMs = 60_000

/** Bounds of a back-off. Both optional. */
export interface RetryLimits {
  /** Delay after the first failure, before jitter. Default 100 ms. */
  readonly minDelayMs?: number
  /** No delay is longer. Default 60,000 ms. */
  readonly maxDelayMs?: number
}

export interface RetryQuestion extends RetryLimits {
  /** Which try has just failed, from 1. */
  readonly attempt: number
  /** Random number in `[0, 1)`: where in the jitter range the delay falls. */
  readonly fraction: number
}

/**
 * Delay before the next try, in whole milliseconds.
 *
 * The ceiling doubles with each attempt, from `minDelayMs` up to `maxDelayMs`. The delay lies in the upper half of
 * the ceiling: tries that failed together spread out, and yet none comes back at once. A `minDelayMs` above
 * `maxDelayMs` counts as `maxDelayMs`.
 *
 * @example
 * retryDelayMs({ attempt: 3, fraction: 0.5 }) // 300: half-way between 200 and 400
 */
export function retryDelayMs(question: RetryQuestion): number {
  const { attempt, fraction, maxDelayMs = defaultMaxDelayMs } = question
  const minDelayMs = Math.min(question.minDelayMs ?? defaultMinDelayMs, maxDelayMs)
  // From attempt 1025 on the power is Infinity, and Infinity * 0 is not a number.
  const growth = 2 ** Math.min(Math.max(attempt, 1) - 1, 1_000)
  const ceilingMs = Math.min(maxDelayMs, minDelayMs * growth)
  return Math.round((ceilingMs / 2) * (1 + fraction))
}
