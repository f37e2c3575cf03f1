/**
 * Every outcome of a power cut, one run after the other.
 *
 * Owns: the order in which outcomes are visited, and saying which were left out.
 * Leaves running each to its caller, for a run takes time of its own and cannot be called within a walk.
 *
 * OC1. Up to `outcomesMax` outcomes are visited each exactly once; above that the first ones, everything kept, and a
 *      few at random.
 */
import { chooseLast } from '../choices.ts'
import type { Choices } from '../choices.ts'
import { SimulatedRandom } from '../simulated-random.ts'

const RANDOM_COUNT = 3

/** Follows a prefix, then takes the first option, and remembers how many options there were. */
class Odometer implements Choices {
  readonly #taken: number[] = []
  readonly #counts: number[] = []
  readonly #prefix: readonly number[]

  constructor(prefix: readonly number[]) {
    this.#prefix = prefix
  }

  choose(count: number): number {
    const taken = Math.min(this.#prefix[this.#taken.length] ?? 0, count - 1)
    this.#taken.push(taken)
    this.#counts.push(count)
    return taken
  }

  /** The next combination; undefined after the last. */
  next(): readonly number[] | undefined {
    for (let i = this.#taken.length - 1; i >= 0; i -= 1) {
      const taken = this.#taken[i] ?? 0
      if (taken + 1 < (this.#counts[i] ?? 0)) return [...this.#taken.slice(0, i), taken + 1]
    }
    return undefined
  }
}

/** Calls `visit` with the decisions of each outcome. Gives how many it visited, and whether those were all. */
export async function visitOutcomes(
  visit: (choices: Choices) => Promise<void>,
  outcomesMax: number,
): Promise<{ readonly visited: number; readonly isAll: boolean }> {
  let visited = 0
  let prefix: readonly number[] | undefined = []
  while (prefix !== undefined && visited < outcomesMax) {
    const odometer: Odometer = new Odometer(prefix)
    await visit(odometer)
    visited += 1
    prefix = odometer.next()
  }
  if (prefix === undefined) return { visited, isAll: true }
  await visit(chooseLast)
  for (let seed = 1; seed <= RANDOM_COUNT; seed += 1) await visit(new SimulatedRandom(seed))
  return { visited: visited + 1 + RANDOM_COUNT, isAll: false }
}
