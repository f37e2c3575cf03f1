/**
 * What the parent and its child tell each other.
 *
 * Owns: the words. Leaves acting on them to `child.ts` and `life.ts`.
 */
import type { InputChoice } from './input.ts'
import type { Totals } from './ledger.ts'
import type { Sabotage } from './options.ts'

/** One life of the child does one of the two. */
export type Phase = 'send' | 'handle'

/** Deliveries `from` … `to - 1`. */
export interface Range {
  readonly from: number
  readonly to: number
}

/** From the parent: what this life is for. */
export interface Work {
  readonly kind: 'work'
  readonly phase: Phase
  readonly messages: number
  readonly kills: number
  readonly input: InputChoice
  readonly dataDirectory: string
  readonly ledgerFile: string
  /** What the parent holds no confirmation for. */
  readonly missing: readonly Range[]
  /** From this progress on: do the thing, tell nobody, and wait for the kill (`holding`). */
  readonly holdAt: number | undefined
  readonly sabotage: Sabotage | undefined
}

/** From the parent: all was received, close the runtime and go. */
export interface Leave {
  readonly kind: 'leave'
}

/** How long the child waited for `openRuntime`, and what the runtime says it found. */
export interface Opening {
  readonly openMs: number
  readonly journalMs: number
  readonly previous: 'none' | 'closed' | 'crashed'
  readonly messages: number
  readonly bytesSetAside: number
  readonly leasesReturned: number
}

/** From the child; `TEnd` is what it hands over when its work is done. */
export type Report<TEnd = Totals | undefined> =
  | { readonly kind: 'booted' }
  | { readonly kind: 'opened'; readonly opening: Opening }
  /** The runtime's promises for these deliveries have resolved; `repeats` of them had been stored before. */
  | { readonly kind: 'confirmed'; readonly deliveries: readonly number[]; readonly repeats: number }
  /** So much of the work has had its effect. */
  | { readonly kind: 'counted'; readonly count: number }
  | { readonly kind: 'holding' }
  | { readonly kind: 'finished'; readonly totals: TEnd }
  | { readonly kind: 'failed'; readonly message: string }
