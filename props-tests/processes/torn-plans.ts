/**
 * Which of what was not yet durable a power cut keeps: all ways while they are few, and the telling ones when not.
 *
 * Owns: the walk. Leaves cutting the power and judging to its caller.
 *
 * TQ1. Up to `exhaustiveMax` outcomes are visited exhaustively, each once.
 * TQ2. Above that: nothing, everything, each prefix, each suffix, each piece alone, all but each piece, and random ones.
 */
import { chooseFirst, chooseLast, SimulatedRandom } from '../index.ts'
import type { Choices } from '../index.ts'

export interface TearOptions {
  /** Visit all outcomes up to this many. */
  readonly exhaustiveMax: number
  /** How many random outcomes are visited where all are too many. */
  readonly randomCount: number
  readonly seed: number
}

/** `cut` cuts the power of a copy once, to see what there is to choose. Use each of the choices before the next. */
export function* everyTear(cut: (choices: Choices) => void, options: TearOptions): Generator<Choices> {
  const pen = new Pen(chooseLast)
  cut(pen)
  const outcomes = pen.counts.reduce((product, count) => product * count, 1)
  if (outcomes <= options.exhaustiveMax) yield* exhaustive()
  else yield* telling(pen.counts.length, options)
}

/** As an odometer counts: the decisions so far decide which are asked for next. */
function* exhaustive(): Generator<Choices> {
  for (let prefix: readonly number[] | undefined = []; prefix !== undefined;) {
    const pen: Pen = new Pen(follow(prefix))
    yield pen
    prefix = pen.next()
  }
}

function* telling(pieces: number, { randomCount, seed }: TearOptions): Generator<Choices> {
  yield chooseFirst
  yield chooseLast
  for (let piece = 0; piece < pieces; piece += 1) {
    yield keep((i) => i < piece)
    yield keep((i) => i >= piece)
    yield keep((i) => i === piece)
    yield keep((i) => i !== piece)
  }
  for (let i = 0; i < randomCount; i += 1) yield new SimulatedRandom(seed, i)
}

/** The newest of the pieces that `isKept` picks, and the oldest of the others. */
function keep(isKept: (piece: number) => boolean): Choices {
  let piece = -1
  return {
    choose: (count) => {
      if (count > 1) piece += 1
      return count > 1 && isKept(piece) ? count - 1 : 0
    },
  }
}

function follow(prefix: readonly number[]): Choices {
  let piece = -1
  return { choose: () => prefix[(piece += 1)] ?? 0 }
}

/** Writes down what was chosen, and of how many. Where there is no choice nothing is written. */
class Pen implements Choices {
  readonly counts: number[] = []
  readonly #taken: number[] = []
  readonly #choices: Choices

  constructor(choices: Choices) {
    this.#choices = choices
  }

  choose(count: number): number {
    if (count === 1) return 0
    const taken = this.#choices.choose(count)
    this.#taken.push(taken)
    this.counts.push(count)
    return taken
  }

  /** The next combination; undefined after the last. */
  next(): readonly number[] | undefined {
    const i = this.#taken.findLastIndex((taken, at) => taken + 1 < (this.counts[at] ?? 0))
    return i === -1 ? undefined : [...this.#taken.slice(0, i), (this.#taken[i] ?? 0) + 1]
  }
}
