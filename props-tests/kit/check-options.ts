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
