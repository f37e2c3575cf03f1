/**
 * A run as data: what a process does, what decides the run, what it left.
 *
 * Owns: the types between those who make scenarios, those who run them and those who judge.
 */
import type { Runtime, RuntimeOptions, Topic } from '../../runtime/index.ts'
import type { Choices } from '../choices.ts'
import type { DurableLog } from '../durable-log.ts'
import type { History, Terms } from '../history.ts'
import type { Life } from './life.ts'
import type { Mishap } from './mishap.ts'
import type { Notes } from './notes.ts'
import type { Orders } from './orders.ts'
import type { Patience } from './patience.ts'
import type { World } from './world.ts'

/** How a promise of the simulated process ended. */
export type Outcome<Result> =
  { readonly ok: true; readonly value: Result } | { readonly ok: false; readonly error: unknown }

/** The run as its workload drives it. */
export interface Driver {
  readonly life: Life
  readonly orders: Orders
  readonly topics: ReadonlyMap<string, Topic<unknown>>
  readonly notes: Notes
  /** What would outlive a power cut. */
  readonly log: DurableLog
  /** The process as its own code has it. */
  readonly world: World
  /** One step, with its mishap. `work` begins things; they go on when it is over. */
  step(work: (life: Life) => Promise<void> | void): Promise<void>
  /** Runs code as the process's own. */
  within<Result>(work: () => Result): Result
  /** Lets all that is ready happen. */
  settle(): Promise<void>
  /** Time goes on by `ms`. */
  advance(ms: number): Promise<void>
  /** Waits for a promise of the process; undefined when it died, or took longer than `limitMs` of simulated time. */
  until<Result>(promise: Promise<Result>, limitMs: number): Promise<Outcome<Result> | undefined>
}

/** What a process does, and what is asked of it. */
export interface Scenario {
  /** Called in each life before the directory is opened: what it is opened with. `world` has no runtime yet. */
  readonly opening?: (world: World, life: Life) => Pick<RuntimeOptions, 'actors' | 'limits'>
  /** How much waits beside messages of groups. */
  readonly waiting?: (driver: Driver) => number
  /** The runtime of a new life is there. */
  readonly begin?: (driver: Driver, runtime: Runtime) => void
  /** Called in each life, when the directory is open: makes producers and consumers anew. */
  readonly main: (world: World) => Program | undefined | Promise<Program | undefined>
  readonly workload: (simulation: Driver) => Promise<void>
  readonly maxDeliveries: number
}

/** What `main` may give. */
export interface Program {
  /** What the process knows at the end, as data. */
  readonly view?: (() => unknown) | undefined
}

/** What one step of the workload made. */
export interface StepSize {
  /** Changing system calls. */
  readonly calls: number
  /** Steps of handlers. */
  readonly steps: number
  /** Calls of the world outside. */
  readonly effects: number
}

/** What decides a run. */
export interface RunSettings {
  /** Decides latencies, back-off and salts. */
  readonly chance: number
  /** Decides which of several ready tasks is next. */
  readonly tape: readonly number[]
  /** The mishap of each step, by number. */
  readonly mishapAt: (step: number) => Mishap | undefined
  readonly patience: Patience
  /** Decides what a power cut leaves. Default: the tape of the death. */
  readonly choices?: Choices
}

/** What a run left. */
export interface RunResult {
  readonly history: History
  readonly notes: Notes
  readonly terms: Terms
  readonly crashes: number
  readonly faults: number
  /** Waits of the real world took part: the order of events is not decided by the settings alone. */
  readonly isReal: boolean
  /** How much each step of the workload made, in order. */
  readonly sizes: readonly StepSize[]
}
