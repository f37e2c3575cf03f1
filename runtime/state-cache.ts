/**
 * States of actors that were active lately, as objects.
 *
 * Owns: which stay in memory. Leaves the bytes, which are the truth, to the ledger.
 *
 * CS1. At most `max` states are held. To make room, those are passed over that were used since they were last looked at;
 *      the first that was not goes.
 * CS2. What it gives is the state that was committed last, or nothing.
 */
import type { LoadedState } from '../actors/index.ts'

interface Held {
  state: LoadedState
  isUsed: boolean
}

export class StateCache {
  readonly #max: number
  /** In the order in which they are looked at when room is needed. */
  readonly #held = new Map<string, Held>()

  constructor(max: number) {
    this.#max = Math.max(1, max)
  }

  get size(): number {
    return this.#held.size
  }

  get(key: string): LoadedState | undefined {
    const held = this.#held.get(key)
    if (held === undefined) return undefined
    held.isUsed = true
    return held.state
  }

  set(key: string, state: LoadedState): void {
    const held = this.#held.get(key)
    if (held !== undefined) {
      held.state = state
      return
    }
    if (this.#held.size >= this.#max) this.#makeRoom()
    this.#held.set(key, { state, isUsed: false })
  }

  delete(key: string): void {
    this.#held.delete(key)
  }

  #makeRoom(): void {
    for (const [key, held] of this.#held) {
      this.#held.delete(key)
      if (!held.isUsed) return
      held.isUsed = false
      this.#held.set(key, held)
    }
  }
}
