/**
 * A check from its options to its report.
 *
 * Owns: putting search, runs, judges and telling together, and counting. Leaves each to its file.
 *
 * CK1. Every hundredth run, and the first, runs twice, and must give the same history.
 */
import type { Arbitrary } from 'fast-check'
import fc from 'fast-check'
import type { CheckCounts } from '../failure.ts'
import type { History, Invariant, Violation } from '../history.ts'
import { drawSeed, nowMs, realPatience, replayWord, simulating } from './ambient.ts'
import type { Case } from './arbitraries.ts'
import type { CheckReport, CommonOptions } from './check-options.ts'
import type { Equal } from './comparison.ts'
import { failedCheck } from './failed-check.ts'
import type { Telling } from './failed-check.ts'
import { judge } from './judge.ts'
import type { Verdict } from './judge.ts'
import { search } from './search.ts'
import type { SearchOptions } from './search.ts'
import type { RunResult, RunSettings } from './scenario.ts'
import { addSituations } from './situations.ts'
import { builtInInvariants } from './telling.ts'

/** What the kinds of checks differ in. */
export interface CheckPlan<Value> {
  readonly name: 'checkTopic' | 'simulate' | 'checkActor'
  readonly title: string
  readonly options: CommonOptions
  readonly cases: Arbitrary<Case<Value>>
  readonly equal: Equal
  readonly own: ReadonlySet<string>
  readonly run: (item: Case<Value>, settings: RunSettings) => Promise<RunResult>
  /** What the engine does not know to count. */
  readonly counted?: (result: RunResult) => Pick<CheckCounts, 'messages' | 'handlerRuns'>
  /** The same case gives the same history. `false`: what runs may ask the clock and chance. Default true. */
  readonly isDecided?: boolean
  /** Judges what explains all the rest. */
  readonly first?: (result: RunResult) => Violation | undefined
  /** Judges what the engine does not know of. */
  readonly more?: (result: RunResult) => Violation | undefined
  readonly reference:
    ((item: Case<Value>, result: RunResult, settings: RunSettings) => Promise<RunResult>) | undefined
}

const RUNS = 100
const TIME_LIMIT_MS = 20_000
const SHRINK_LIMIT_MS = 5_000
const TWICE_EVERY = 100

type Counts = { -readonly [Name in keyof CheckCounts]: number }

export async function runCheck<Value>(plan: CheckPlan<Value>): Promise<CheckReport> {
  return simulating(async () => {
    const beganMs = nowMs()
    const options = searchOptions(plan)
    const check = new RunningCheck(plan)
    const { found, runs, isCutShort } = await search(plan.cases, options, (item, index) =>
      check.trial(item, index),
    )
    const counts = { ...check.counts, runs }
    if (found !== undefined) throw failedCheck(found.verdict, { ...tellingOf(plan), ...found, counts })
    const elapsedMs = Math.round(nowMs() - beganMs)
    return {
      title: plan.title,
      seed: options.seed,
      counts,
      sometimes: check.sometimes,
      elapsedMs,
      isCutShort,
    }
  })
}

/** What decides all runs of a check. */
export function seedOf({ seed }: CommonOptions): number {
  return seed ?? fc.readConfigureGlobal().seed ?? drawSeed()
}

function searchOptions({
  title,
  options,
}: {
  readonly title: string
  readonly options: CommonOptions
}): SearchOptions {
  return {
    seed: seedOf(options),
    runs: options.runs ?? RUNS,
    timeLimitMs: options.timeLimitMs ?? TIME_LIMIT_MS,
    shrinkLimitMs: options.shrinkLimitMs ?? SHRINK_LIMIT_MS,
    replay: options.replay ?? replayWord(title),
  }
}

class RunningCheck<Value> {
  readonly counts: Counts = { runs: 0, crashes: 0, faults: 0, messages: 0, handlerRuns: 0 }
  readonly sometimes: Record<string, number> = {}
  readonly #plan: CheckPlan<Value>
  readonly #invariants: readonly Invariant[]
  readonly #patience = realPatience()

  constructor(plan: CheckPlan<Value>) {
    this.#plan = plan
    this.#invariants = [...builtInInvariants, ...(plan.options.invariants ?? [])]
  }

  async trial(item: Case<Value>, index: number | undefined): Promise<Verdict | undefined> {
    const { run, reference, equal, own, first, more } = this.#plan
    const mishapAt = (step: number): Case<Value>['steps'][number]['mishap'] => item.steps[step]?.mishap
    const settings: RunSettings = { chance: item.chance, tape: item.tape, mishapAt, patience: this.#patience }
    const result = await run(item, settings)
    if (index !== undefined) this.#count(result)
    return judge(result, {
      ...{ invariants: this.#invariants, equal, own },
      reference: reference === undefined ? undefined : () => reference(item, result, settings),
      first: () => first?.(result),
      more: () => more?.(result),
      again: () => run(item, settings),
      isTwice: this.#plan.isDecided !== false && index !== undefined && index % TWICE_EVERY === 0,
    })
  }

  #count(result: RunResult): void {
    const { history, crashes, faults, notes } = result
    this.counts.crashes += crashes
    this.counts.faults += faults
    this.counts.handlerRuns += notes.runs.size
    this.counts.messages += confirmedIn(history)
    const extra = this.#plan.counted?.(result)
    this.counts.messages += extra?.messages ?? 0
    this.counts.handlerRuns += extra?.handlerRuns ?? 0
    addSituations(this.sometimes, history)
  }
}

function confirmedIn(history: History): number {
  return history.filter(({ kind }) => kind === 'confirmed').length
}

function tellingOf<Value>({
  name,
  title,
  options,
}: CheckPlan<Value>): Pick<Telling, 'name' | 'title' | 'invariants' | 'pictures'> {
  return { name, title, invariants: options.invariants ?? [], pictures: options.pictures }
}
