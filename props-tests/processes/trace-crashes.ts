/**
 * Every crash that a traced run could have had, judged.
 *
 * Owns: walking the moments of a trace and what a power cut leaves at each. Leaves making the disk again to
 * `trace-replay.ts`, what is torn to `torn-plans.ts`, the last life to `trace-drain.ts`, judging to `kill-witness.ts`.
 *
 * TX1. A moment is judged with all that the process had said by then: what it confirmed is there, in order, once.
 * TX2. Each state is opened by the real recovery; what it finds is handled to the end once for each moment and content.
 * TX3. A failure names the moment, the choice and the broken guarantee.
 */
import { SimulatedDisk } from '../index.ts'
import type { Choices } from '../index.ts'
import type { TraceStep } from './disk-steps.ts'
import { Witness } from './kill-witness.ts'
import { hashOf } from './kill-words.ts'
import type { Line } from './kill-words.ts'
import { everyTear } from './torn-plans.ts'
import type { TearOptions } from './torn-plans.ts'
import { contentOf, drain } from './trace-drain.ts'
import { TraceReplay } from './trace-replay.ts'

export interface TracePlan extends TearOptions {
  /** One trace for each life; all but the last were killed. */
  readonly lives: readonly (readonly TraceStep[])[]
  /** The data directory as the steps name it. */
  readonly directory: string
  /** What a power cut keeps or loses as a whole, in bytes. */
  readonly tornUnitBytes: number
  /** Judge only one of `of` parts of the moments, spread evenly: the `part`-th, 1 … `of`. Default: all. */
  readonly share?: { readonly part: number; readonly of: number }
  /** Stop after this many violations. Default 1. */
  readonly violationsMax?: number
  /** Told after each moment. */
  readonly progress?: (counts: TraceCounts) => void
}

export interface TraceCounts {
  readonly moments: number
  /** Disks that a crash could have left, each opened by the real recovery. */
  readonly states: number
  /** Different contents, each handled to the end. */
  readonly drained: number
  readonly violations: readonly string[]
}

/** Judges every state; resolves with how many there were and what broke. */
export async function crashEverywhere(plan: TracePlan): Promise<TraceCounts> {
  const walk = new TraceWalk(plan)
  await walk.run()
  return walk.counts
}

class TraceWalk {
  readonly #plan: TracePlan
  readonly #replay: TraceReplay
  readonly #said: Line[] = []
  #moments = 0
  #states = 0
  #drained = 0
  readonly #violations: string[] = []

  constructor(plan: TracePlan) {
    this.#plan = plan
    this.#replay = new TraceReplay(new SimulatedDisk({ tornUnitBytes: plan.tornUnitBytes }))
  }

  get counts(): TraceCounts {
    const [moments, states, drained] = [this.#moments, this.#states, this.#drained]
    return { moments, states, drained, violations: this.#violations }
  }

  async run(): Promise<void> {
    for (const [life, steps] of this.#plan.lives.entries()) {
      if (life > 0) this.#replay.nextLife()
      for (const step of steps) {
        if (step.do === 'say') this.#said.push(step.line as Line)
        else await this.#crashAndGoOn(() => this.#replay.do(step))
        if (this.#isOver) return
      }
    }
    await this.#crashAndGoOn(() => {})
  }

  get #isOver(): boolean {
    return this.#violations.length >= (this.#plan.violationsMax ?? 1)
  }

  /** The power goes before the step, with all that was said until now. */
  async #crashAndGoOn(step: () => void): Promise<void> {
    this.#moments += 1
    const { part, of } = this.#plan.share ?? { part: 1, of: 1 }
    if (hashOf(`moment ${this.#moments}`) % of === part % of) await this.#crash()
    if (!this.#isOver) step()
    this.#plan.progress?.(this.counts)
  }

  async #crash(): Promise<void> {
    const judged = new Set<string>()
    const cut = (choices: Choices): void => void this.#cut(choices)
    for (const choices of everyTear(cut, this.#plan)) {
      this.#states += 1
      await this.#judge(this.#cut(choices), judged)
      if (this.#isOver) return
    }
  }

  #cut(choices: Choices): SimulatedDisk {
    const disk = this.#replay.disk.clone()
    disk.restart('power', choices)
    return disk
  }

  async #judge(disk: SimulatedDisk, judged: Set<string>): Promise<void> {
    try {
      const content = await contentOf(disk.clone(), this.#plan.directory)
      if (judged.has(content)) return
      judged.add(content)
      this.#drained += 1
      await this.#drain(disk)
    } catch (error) {
      const what = error instanceof Error ? error.message : String(error)
      this.#violations.push(`moment ${this.#moments}, state ${this.#states}: ${what}`)
    }
  }

  async #drain(disk: SimulatedDisk): Promise<void> {
    const witness = new Witness()
    for (const line of this.#said) witness.note(line)
    await drain(disk, this.#plan.directory, (line) => witness.note(line))
    witness.checkDrained()
  }
}
