/**
 * Choices: the one way in which a simulation decides anything.
 *
 * Owns: the port `Choices`, a tape that replays and shrinks, and the walk over every possible tape.
 * Leaves to `simulated-random.ts` the choices that come from a seed.
 *
 * CH1. The same tape gives the same decisions. The empty tape always takes the first option.
 * CH2. A tape is read in a circle, so a short tape decides a long run, and shrinking it keeps it a tape.
 * CH3. `everyChoice` visits each combination of decisions exactly once.
 */
import assert from 'node:assert/strict'

/** Decides between options. Option 0 is the mildest by convention, so that shrinking ends there. */
export interface Choices {
  /** An integer in [0, `count`). */
  choose(count: number): number
}

/**
 * Reads decisions from a list of numbers.
 *
 * @example
 * new ChoiceTape([])      // a power cut that keeps nothing of what was not synced
 * new ChoiceTape([0, 1])  // … that keeps every second piece
 */
export class ChoiceTape implements Choices {
  readonly #values: readonly number[]
  #position = 0

  constructor(values: readonly number[]) {
    this.#values = values
  }

  choose(count: number): number {
    assert.ok(count >= 1)
    if (this.#values.length === 0 || count === 1) return 0
    const value = this.#values[this.#position % this.#values.length] ?? 0
    this.#position += 1
    return Math.abs(Math.trunc(value)) % count
  }
}

/** Always the first option: of a power cut, nothing unsynced survives. */
export const chooseFirst: Choices = { choose: () => 0 }

/** Always the last option: of a power cut, everything unsynced survives. */
export const chooseLast: Choices = { choose: (count) => count - 1 }

/**
 * Calls `visit` once for every combination of decisions that it can take, in a fixed order.
 * Returns how many there were; stops after `limit` of them.
 *
 * @example
 * everyChoice((choices) => check(disk.clone().restart('power', choices)), 4096)
 */
export function everyChoice(visit: (choices: Choices) => void, limit: number): number {
  let visited = 0
  let prefix: readonly number[] | undefined = []
  while (prefix !== undefined && visited < limit) {
    const recorder: RecordingTape = new RecordingTape(prefix)
    visit(recorder)
    visited += 1
    prefix = recorder.next()
  }
  return visited
}

/** Follows a prefix, then takes the first option, and remembers how many options there were each time. */
class RecordingTape implements Choices {
  readonly #taken: number[] = []
  readonly #counts: number[] = []
  readonly #prefix: readonly number[]

  constructor(prefix: readonly number[]) {
    this.#prefix = prefix
  }

  choose(count: number): number {
    const taken = this.#prefix[this.#taken.length] ?? 0
    assert.ok(taken < count, 'the run under enumeration is not deterministic')
    this.#taken.push(taken)
    this.#counts.push(count)
    return taken
  }

  /** The next combination, as on an odometer; undefined after the last. */
  next(): readonly number[] | undefined {
    for (let i = this.#taken.length - 1; i >= 0; i -= 1) {
      const taken = this.#taken[i] ?? 0
      if (taken + 1 < (this.#counts[i] ?? 0)) return [...this.#taken.slice(0, i), taken + 1]
    }
    return undefined
  }
}
