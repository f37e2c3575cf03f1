/**
 * A check that found nothing, in a line: what was tried, so that a green test does not look better than it is.
 *
 * Owns: that line. Leaves to `describe-failure.ts` the other case.
 *
 * SU1. What was not reached is said: a run that was cut short, and situations that never came up.
 */
import type { CheckCounts } from '../failure.ts'
import { countsText } from './describe-failure.ts'

/** What a summary is written from; a `CheckReport` is one. */
export interface Checked {
  readonly title: string
  readonly seed: number
  readonly counts: CheckCounts
  readonly sometimes: Readonly<Record<string, number>>
  readonly elapsedMs: number
  readonly isCutShort: boolean
}

/**
 * Tells what a check tried.
 *
 * @example summarize(await checkTopic({ values, handler })) // 'orders: nothing found in 100 runs with 212 crashes, …'
 */
export function summarize({ title, seed, counts, sometimes, elapsedMs, isCutShort }: Checked): string {
  const never = Object.keys(sometimes).filter((name) => sometimes[name] === 0)
  const facts = [
    `${title}: nothing found in ${counts.runs} runs with ${countsText(counts)} (${Math.round(elapsedMs)} ms, seed ${seed})`,
    ...(isCutShort ? ['the time limit ended it early'] : []),
    ...(never.length > 0 ? [`never came up: ${never.join(', ')}`] : []),
  ]
  return facts.join('; ')
}
