/**
 * Two runs side by side, and what is found in them.
 *
 * Owns: the types between those who compare. Leaves comparing to `compare.ts` and `strays.ts`.
 */
import type { Violation } from '../history.ts'
import type { MessageFacts } from './facts.ts'
import type { KitInvariantName } from './kit-invariants.ts'
import type { RunResult } from './scenario.ts'

export type Equal = (left: unknown, right: unknown) => boolean

export interface Comparison {
  readonly run: RunResult
  readonly reference: RunResult
  readonly equal: Equal
  /** Topics that the workload sends to: what lies there is its own doing. */
  readonly own: ReadonlySet<string>
}

export type Finding = Violation | undefined

/** One message in the run, and where nothing went wrong. */
export interface Pair {
  readonly here: MessageFacts
  readonly there: MessageFacts
}

export function violation(invariant: KitInvariantName, text: string, events: readonly number[]): Violation {
  const sorted = [...new Set(events)].filter((index) => index >= 0).toSorted((left, right) => left - right)
  return { invariant, text, events: sorted }
}
