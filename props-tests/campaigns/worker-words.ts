/**
 * What a campaign and its worker processes say to each other.
 *
 * Owns: the words. Leaves saying them to `crew.ts` and `worker.ts`.
 */
import type { TallyData } from './tally.ts'
import type { Found } from './task.ts'

/** What a worker is told when it starts. */
export interface Orders {
  readonly seed: number
  /** This worker runs the tasks `index`, `index + workers`, … */
  readonly index: number
  readonly workers: number
  readonly durationMs: number
  readonly bug: string | undefined
  /** Kinds of tasks to run; all when empty. */
  readonly only: readonly string[]
}

/** What a worker says: which task it begins, and what came of it. */
export type Word =
  | { readonly say: 'begun'; readonly task: string }
  | { readonly say: 'ended'; readonly tally: TallyData; readonly found: Found | undefined }
