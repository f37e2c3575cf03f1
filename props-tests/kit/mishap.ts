/**
 * What may go wrong in a step of a run, as data that shrinks.
 *
 * Owns: the words for mishaps. Leaves drawing them to `arbitraries.ts`, and carrying them out to `simulation.ts`.
 */
import type { CrashMoment } from '../call-gate.ts'
import type { CrashKind } from '../simulated-disk.ts'
import type { SyncFate } from '../simulated-file.ts'

/** A death at a system call, and what is left after it. */
export interface Death {
  /** The changing system call that dies, counted from the beginning of the step, from 1. */
  readonly call: number
  readonly moment: CrashMoment
  readonly kind: CrashKind
  /** Decides what of the unsynced a power cut leaves. */
  readonly tape: readonly number[]
}

/** One thing that goes wrong in a step; at the step's end it is over. */
export type Mishap =
  /** The process dies in a system call, or at the end of the step if it makes fewer. */
  | { readonly do: 'crash'; readonly death: Death; readonly again?: Death | undefined }
  /** The process dies at a step of a handler: its begin, before or after a call of the outside, its end. */
  | {
      readonly do: 'handler-crash'
      readonly nth: number
      readonly kind: CrashKind
      readonly tape: readonly number[]
    }
  /** The `nth` write or sync fails with EIO. */
  | {
      readonly do: 'disk-error'
      readonly call: 'write' | 'sync'
      readonly nth: number
      readonly effect: SyncFate
    }
  | { readonly do: 'disk-full'; readonly freeBytes: number }
  | { readonly do: 'clock-jump'; readonly ms: number }
  /** The `nth` call of the outside fails before its effect, or after it, or takes `slow` milliseconds. */
  | {
      readonly do: 'effect'
      readonly nth: number
      readonly how: 'fails' | 'fails-after' | 'slow'
    }
