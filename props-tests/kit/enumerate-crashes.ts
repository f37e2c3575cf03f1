/**
 * `enumerateCrashes`: a process and a workload that die at each instant at which they can die, one after the other.
 *
 * Owns: walking over the instants, and the honest count. Leaves which there are to `points.ts`, running to
 * `simulation.ts`, judging to `judge.ts`, the outcomes of a power cut to `outcomes.ts`.
 *
 * EC1. Each changing system call of each step dies before it, within it and after it, by a kill and by a power cut; and
 *      each step of a handler by a kill.
 * EC2. What `limit` leaves out is counted, and so are power cuts of which only some outcomes were tried.
 */
import type { Invariant } from '../history.ts'
import { nowMs, simulating } from './ambient.ts'
import type { Enumeration, EnumerateOptions } from './check-options.ts'
import { sameJson } from './compare.ts'
import type { CheckFailedError } from './errors.ts'
import { failedCheck } from './failed-check.ts'
import { judge } from './judge.ts'
import type { Verdict } from './judge.ts'
import type { Death } from './mishap.ts'
import { enumerateOptions } from './option-rules.ts'
import { visitOutcomes } from './outcomes.ts'
import { deathOf, numbers, pointsOf, readPoint, spellPoint } from './points.ts'
import type { Point } from './points.ts'
import type { RunResult, RunSettings, Scenario } from './scenario.ts'
import { ownTopics, quiet, scenarioOf } from './simulate.ts'
import { Simulation } from './simulation.ts'
import { builtInInvariants } from './telling.ts'

const LIMIT = 2_000
const OUTCOMES_MAX = 8
const RECOVERY_CALLS = 8

/**
 * Runs a process under a workload once for every instant at which it can die, and for everything that a power cut can
 * leave there.
 *
 * @throws CheckFailedError at the first state that breaks a guarantee; InvalidOptionError, CheckUsageError.
 * @example
 * const { points, states, leftOut } = await enumerateCrashes({ main, workload })
 */
export async function enumerateCrashes(options: EnumerateOptions): Promise<Enumeration> {
  enumerateOptions(options)
  return simulating(async () => {
    const beganMs = nowMs()
    const walk = await Walk.begin(options)
    const points = options.replay === undefined ? walk.points() : [readPoint(options.replay)]
    const visited = await walk.visitAll(points)
    const elapsedMs = Math.round(nowMs() - beganMs)
    return { points: visited, leftOut: points.length - visited, ...walk.counts, elapsedMs }
  })
}

class Walk {
  readonly #options: EnumerateOptions
  readonly #scenario: Scenario
  readonly #dry: RunResult
  readonly #invariants: readonly Invariant[]
  readonly counts = { states: 0, sampled: 0 }
  #crashes = 0

  private constructor(options: EnumerateOptions, scenario: Scenario, dry: RunResult) {
    this.#options = options
    this.#scenario = scenario
    this.#dry = dry
    this.#invariants = [...builtInInvariants, ...(options.invariants ?? [])]
  }

  static async begin(options: EnumerateOptions): Promise<Walk> {
    const scenario = scenarioOf(options)
    return new Walk(options, scenario, await Simulation.run(scenario, settingsOf(options, undefined)))
  }

  points(): Point[] {
    return pointsOf(this.#dry)
  }

  /** Gives how many of them it came to before `limit` was reached. */
  async visitAll(points: readonly Point[]): Promise<number> {
    for (const [i, point] of points.entries()) {
      if (this.counts.states >= (this.#options.limit ?? LIMIT)) return i
      await this.#visit(point)
    }
    return points.length
  }

  async #visit(point: Point): Promise<void> {
    const { mishap } = point
    if (mishap.do === 'crash' && mishap.death.kind === 'power') await this.#visitOutcomes(point)
    else await this.#run(point, settingsOf(this.#options, point))
    const nests = this.#options.recoveryCrash === true && mishap.do === 'crash' && mishap.again === undefined
    if (nests) await this.#visitRecoveries(point, mishap.death)
  }

  async #visitOutcomes(point: Point): Promise<void> {
    const settings = settingsOf(this.#options, point)
    const { isAll } = await visitOutcomes(
      (choices) => this.#run(point, { ...settings, choices }),
      this.#options.outcomesMax ?? OUTCOMES_MAX,
    )
    if (!isAll) this.counts.sampled += 1
  }

  async #visitRecoveries({ step }: Point, death: Death): Promise<void> {
    for (const call of numbers(RECOVERY_CALLS)) {
      for (const again of [deathOf(call, 'before', 'kill'), deathOf(call, 'within', 'power')]) {
        const point: Point = { step, mishap: { do: 'crash', death, again } }
        await this.#run(point, settingsOf(this.#options, point))
      }
    }
  }

  async #run(point: Point, settings: RunSettings): Promise<void> {
    const run = (): Promise<RunResult> => Simulation.run(this.#scenario, settings)
    this.counts.states += 1
    const result = await run()
    this.#crashes += result.crashes
    const verdict = await judge(result, {
      invariants: this.#invariants,
      equal: this.#options.equal ?? sameJson,
      own: ownTopics(this.#dry),
      reference: this.#options.compare === false ? undefined : () => Promise.resolve(this.#dry),
      again: run,
      isTwice: false,
    })
    if (verdict !== undefined) throw this.#failed(point, verdict)
  }

  #failed(point: Point, verdict: Verdict): CheckFailedError {
    const { title = 'simulation', invariants = [], pictures } = this.#options
    const messages = verdict.history.filter(({ kind }) => kind === 'confirmed').length
    const handlerRuns = verdict.history.filter(({ kind }) => kind === 'begun').length
    return failedCheck(verdict, {
      ...{ name: 'enumerateCrashes', title, invariants, pictures, replay: spellPoint(point) },
      counts: { runs: this.counts.states, crashes: this.#crashes, faults: 0, messages, handlerRuns },
      shrinking: { tried: 0, isCutShort: false },
    })
  }
}

function settingsOf({ seed = 0 }: EnumerateOptions, point: Point | undefined): RunSettings {
  return { ...quiet, chance: seed, mishapAt: (step) => (step === point?.step ? point.mishap : undefined) }
}
