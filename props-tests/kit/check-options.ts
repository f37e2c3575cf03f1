/**
 * The options and the report of `checkTopic`, `simulate` and `enumerateCrashes`.
 *
 * Owns: their types and their words. Leaves checking them to `option-rules.ts`.
 */
import type { Arbitrary } from 'fast-check'
import type { ConsumerOptions, Topic } from '../../runtime/index.ts'
import type { CheckCounts } from '../failure.ts'
import type { Invariant } from '../history.ts'
import type { KitHandler, TopicProgram, World } from './world.ts'

/** Which mishaps may happen. Every kind is on by default; `false` turns it off. */
export interface FaultOptions {
  /** The process dies: at any system call, at any step of a handler, or between them. */
  readonly crash?: boolean
  /** The machine loses power: what was not synced is lost, kept or torn. Needs `crash`. */
  readonly tornWrites?: boolean
  /** It dies again while it opens. Needs `crash`. */
  readonly recoveryCrash?: boolean
  /** A write or a sync fails with EIO; a failed sync keeps or drops the data. */
  readonly diskErrors?: boolean
  /** The disk is full for a while. */
  readonly diskFull?: boolean
  /** The wall clock jumps, forward and back. */
  readonly clockJumps?: boolean
  /** A call of `world.outside` or a table fails, before or after it had its effect, or takes long. */
  readonly effects?: boolean
}

/** What all checks take. */
export interface CommonOptions {
  /** What is checked, for the report. Default: the name of the topic, or `simulation`. */
  readonly title?: string
  /** Default: all of them. `false`: none. */
  readonly faults?: FaultOptions | false
  /** How many runs. Default 100. */
  readonly runs?: number
  /** When to stop searching although `runs` are not done, in milliseconds. Default 20,000. */
  readonly timeLimitMs?: number
  /** How long a failing case may be made smaller, in milliseconds. Default 5,000. */
  readonly shrinkLimitMs?: number
  /** What decides all runs. Default: drawn anew, and printed in the report. */
  readonly seed?: number
  /** Runs one case alone: the word that a report printed. `UNLOST_REPLAY` in the environment does the same. */
  readonly replay?: string
  /** More that must hold, beside all that the kit knows. */
  readonly invariants?: readonly Invariant[]
  /** Where the picture of a failure is written. `false`: nowhere. Default: the system's directory for such files. */
  readonly pictures?: string | false
}

export interface CheckTopicOptions<Value> extends CommonOptions {
  /** What is sent. */
  readonly values: Arbitrary<Value>
  /** The topic. Default: one named `checked` with two partitions and `key`. */
  readonly topic?: Topic<Value>
  /** Messages of one key are handled in order. Only without `topic`. */
  readonly key?: (value: Value) => string
  /** The handler, if it keeps nothing in variables of its own. Else give `start`. */
  readonly handler?: KitHandler<Value>
  /** Makes the handler anew in each life of the process: what it keeps in variables dies with the process. */
  readonly start?: (world: World) => TopicProgram<Value> | Promise<TopicProgram<Value>>
  /** Terms of the consumer. Default: concurrency 4, 10 deliveries, back-off 10 to 200 ms. */
  readonly consumer?: Omit<ConsumerOptions, 'group'>
  /** Compares two values of effects, rows or views. Default: as JSON, whatever the order of the fields. */
  readonly equal?: (left: unknown, right: unknown) => boolean
}

/** What a process of yours does, in each of its lives. */
export interface ProcessProgram {
  /** What the process knows at the end, as data that JSON can carry. */
  readonly view?: (() => unknown) | undefined
}

/** The outside that asks the process for something. Every call is one step, in which one mishap may strike. */
export interface Workload {
  /** The process of this moment; after a crash it is another one. */
  readonly world: World
  /** Sends a message, and again after a failure under the same message id, until it is confirmed. */
  readonly send: <Value>(topic: Topic<Value>, value: Value, options?: WorkloadSendOptions) => Promise<void>
  /** Lets `ms` milliseconds of simulated time go by. */
  readonly wait: (ms: number) => Promise<void>
  /** Does something with the process. Does not wait for what dies with it; an error of its own fails the check. */
  readonly run: (work: (world: World) => unknown) => Promise<void>
}

export interface WorkloadSendOptions {
  readonly key?: string
  readonly delayMs?: number
}

export interface SimulateOptions extends CommonOptions {
  /** What the process does when it has started: makes its producers and consumers, as in production. */
  readonly main: (
    world: World,
  ) => ProcessProgram | undefined | void | Promise<ProcessProgram | undefined | void>
  /** What is asked of it. The same in every run. */
  readonly workload: (workload: Workload) => Promise<void>
  /** The largest `maxDeliveries` of its consumers. Default 5. */
  readonly maxDeliveries?: number
  /** Whether what it leaves is held against a run without mishaps. Default true. */
  readonly compare?: boolean
  readonly equal?: (left: unknown, right: unknown) => boolean
}

export interface EnumerateOptions extends Omit<SimulateOptions, 'runs' | 'faults'> {
  /** At most so many runs. Default 2,000. What is left out is counted. */
  readonly limit?: number
  /** All outcomes of a power cut up to this many; above it, the extremes and some at random. Default 8. */
  readonly outcomesMax?: number
  /** Each recovery dies at each of its first calls too. Default false. */
  readonly recoveryCrash?: boolean
}

/** What `enumerateCrashes` visited. */
export interface Enumeration {
  /** Instants at which a process can die: before, within and after each changing call, and each step of a handler. */
  readonly points: number
  /** What a death can leave, over all points: each was run to its end and judged. */
  readonly states: number
  /** Instants that `limit` left out. */
  readonly leftOut: number
  /** Power cuts of which more outcomes are possible than `outcomesMax`: some of them were tried. */
  readonly sampled: number
  readonly elapsedMs: number
}

/** What a check tried, when nothing was found. */
export interface CheckReport {
  readonly title: string
  /** Decides all runs again. */
  readonly seed: number
  readonly counts: CheckCounts
  /** How often each interesting situation came up, by name. */
  readonly sometimes: Readonly<Record<string, number>>
  /** Milliseconds. */
  readonly elapsedMs: number
  /** The time ran out before all runs were done. */
  readonly isCutShort: boolean
}
