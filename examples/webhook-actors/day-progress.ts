/**
 * How far a life is, and whether its worst moment has come.
 *
 * Owns: one number for all that was confirmed, taken by actors, fired and told; saying so to the parent.
 */
import { tell } from '../webhooks/child-life.ts'
import type { Sums } from './pure-run.ts'
import type { HoldIn, Work } from './protocol.ts'

/** What counts as progress besides confirmations. */
export function stepsOf({ events, stale, told }: Sums): number {
  return events + stale + told
}

export class Progress {
  readonly #work: Work
  #confirmed: number
  #steps = 0
  /** How often the moment was there. */
  #times = 0
  #isHolding = false

  constructor(work: Work) {
    this.#work = work
    this.#confirmed = work.confirmed
  }

  confirmed(count: number): void {
    this.#confirmed += count
  }

  moved(sums: Sums): void {
    this.#steps = stepsOf(sums)
    if (!this.#isHolding) tell({ kind: 'counted', count: this.#steps })
  }

  mustHoldIn(place: HoldIn): boolean {
    const { hold } = this.#work
    if (hold?.in !== place || this.#confirmed + this.#steps < hold.at) return false
    this.#times += 1
    return this.#times >= hold.nth
  }

  /** Says, once, that the kill may come now. */
  hold(): void {
    if (!this.#isHolding) tell({ kind: 'holding' })
    this.#isHolding = true
  }
}
