/**
 * What an invariant is shown by: histories that keep it, and histories that break it.
 *
 * Owns: the form of an example. Leaves the histories to one file per invariant, and the demands to `examples.test.ts`.
 */
import type { History } from '../../../history.ts'

export interface Example {
  /** The invariant's name. */
  readonly name: string
  /** Right histories, each named by what is right about it. */
  readonly holds: Readonly<Record<string, History>>
  /** Wrong histories, each named by what is wrong. */
  readonly breaks: Readonly<Record<string, History>>
  /** Other invariants that may speak as well, and why: one wrong thing can break several guarantees. */
  readonly neighbours?: Readonly<Record<string, string>>
}
