/**
 * Looking for a case that breaks something, making it small, and finding it again by its word.
 *
 * Owns: runs, time limits, shrinking, replay words. Leaves drawing to `arbitraries.ts`, running and judging to its caller.
 *
 * SH1. Shrinking keeps to the guarantee that was found broken: a smaller case that breaks another one is not taken.
 * SH2. A replay runs one case, the one that the report told, and shrinks no further.
 * SH3. When the time for searching or shrinking is over no further case runs, and the result says so.
 */
import fc from 'fast-check'
import type { Shrinking } from '../failure.ts'
import { nowMs } from './ambient.ts'
import { CheckUsageError } from './errors.ts'
import type { Verdict } from './judge.ts'

export interface SearchOptions {
  readonly seed: number
  readonly runs: number
  readonly timeLimitMs: number
  readonly shrinkLimitMs: number
  readonly replay: string | undefined
}

/** What was found. */
export interface Found<Item> {
  readonly item: Item
  readonly verdict: Verdict
  readonly replay: string
  readonly shrinking: Shrinking
}

export interface Searched<Item> {
  readonly found: Found<Item> | undefined
  readonly runs: number
  readonly isCutShort: boolean
}

/** Carries a case out. `index` counts runs; it is undefined while shrinking. */
export type Trial<Item> = (item: Item, index: number | undefined) => Promise<Verdict | undefined>

interface State {
  verdict: Verdict | undefined
  runs: number
  tried: number
  isCutShort: boolean
  shrinkUntilMs: number
}

/** Names that tell of one fault in two ways: a smaller case may change between them. */
const families: readonly (readonly string[])[] = [
  ['lost-effect', 'work-after-ack'],
  ['state-lost', 'order-dependent'],
]

export async function search<Item>(
  items: fc.Arbitrary<Item>,
  options: SearchOptions,
  trial: Trial<Item>,
): Promise<Searched<Item>> {
  const { seed, path } = wordOf(options)
  const state: State = { verdict: undefined, runs: 0, tried: 0, isCutShort: false, shrinkUntilMs: Infinity }
  const untilMs = nowMs() + options.timeLimitMs
  const passes = async (item: Item): Promise<boolean> => {
    const isShrinking = state.verdict !== undefined
    if (nowMs() > (isShrinking ? state.shrinkUntilMs : untilMs)) {
      state.isCutShort = true
      return true
    }
    if (isShrinking) state.tried += 1
    else state.runs += 1
    const verdict = await trial(item, isShrinking ? undefined : state.runs - 1)
    if (verdict === undefined || !isSame(state.verdict, verdict)) return true
    if (!isShrinking) state.shrinkUntilMs = nowMs() + options.shrinkLimitMs
    state.verdict = verdict
    return false
  }
  const details = await check(items, passes, { seed, path, runs: options.runs })
  const { verdict, runs, isCutShort, tried } = state
  const [item] = details.counterexample ?? []
  if (verdict === undefined || item === undefined) return { found: undefined, runs, isCutShort }
  const replay = `${seed}:${details.counterexamplePath ?? '0'}`
  return { found: { item, verdict, replay, shrinking: { tried, isCutShort } }, runs, isCutShort }
}

async function check<Item>(
  items: fc.Arbitrary<Item>,
  passes: (item: Item) => Promise<boolean>,
  { seed, path, runs }: { readonly seed: number; readonly path: string | undefined; readonly runs: number },
): Promise<fc.RunDetails<[Item]>> {
  const replaying = path === undefined ? { numRuns: runs } : { path, endOnFailure: true, numRuns: 1 }
  const details = await fc.check(fc.asyncProperty(items, passes), { seed, ...replaying })
  const { errorInstance } = details
  if (errorInstance instanceof Error && !errorInstance.message.startsWith('Property failed'))
    throw errorInstance
  return details
}

function isSame(before: Verdict | undefined, now: Verdict): boolean {
  if (before === undefined || before.violation.invariant === now.violation.invariant) return true
  return families.some(
    (names) => names.includes(before.violation.invariant) && names.includes(now.violation.invariant),
  )
}

function wordOf({ replay, seed }: SearchOptions): {
  readonly seed: number
  readonly path: string | undefined
} {
  if (replay === undefined) return { seed, path: undefined }
  const match = /^(-?\d+):(\d+(?::\d+)*)$/.exec(replay)
  if (match === null) {
    throw new CheckUsageError(
      `replay must be a word that a report printed, such as '1812:37:0:2'; it is '${replay}'`,
    )
  }
  return { seed: Number(match[1]), path: match[2] }
}
