/**
 * What a run of the whole runtime is made of: commands with their deaths, and what a seeded bug changes.
 *
 * Owns: the words. Leaves drawing them to `runtime-commands.ts`, and carrying them out to `runtime-run.ts`.
 */
import type { Disk, Store } from '../../persistence/index.ts'
import type { MortalCommand } from './deaths.ts'
import type { Plan } from './runtime-sends.ts'

export type RuntimeWork =
  | { readonly do: 'send'; readonly producer: number; readonly plans: readonly Plan[] }
  | { readonly do: 'batch'; readonly producer: number; readonly plans: readonly Plan[] }
  /** Sends once more, under their ids, what nobody knows the fate of. */
  | { readonly do: 'resend' }
  | { readonly do: 'advance'; readonly ms: number }
  /** The wall clock is set forward, or back. */
  | { readonly do: 'jump'; readonly ms: number }
  | { readonly do: 'seek' }
  | { readonly do: 'redrive' }
  | { readonly do: 'pause'; readonly group: number }
  | { readonly do: 'resume'; readonly group: number }
  /** Opens a producer's id again: the earlier one is fenced. */
  | { readonly do: 'renew'; readonly producer: number }
  | { readonly do: 'restart' }
  /**
   * The owner is stopped ahead of a changing call of its sends, replaced, and goes on: with what it was at, and with
   * sends of its own. Then it dies, and its successor works on.
   */
  | {
      readonly do: 'takeover'
      readonly call: number
      readonly plans: readonly Plan[]
      readonly late: readonly Plan[]
    }

export type RuntimeCommand = MortalCommand<RuntimeWork>

/** What a seeded bug does wrong. */
export interface Bug {
  readonly name: string
  /** The guarantees that it breaks, one of which a run must name. Default: any. */
  readonly breaks?: RegExp
  readonly onDisk?: (disk: Disk) => Disk
  /** Wraps what is opened; `life` counts openings. */
  readonly onStore?: (store: Store) => Store
}
