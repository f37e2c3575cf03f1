/**
 * States of actors that were active lately, as objects.
 *
 * Owns: which stay in memory. Leaves the bytes, which are the truth, to the ledger.
 *
 * CS1. At most about `max` states are held; those that were used longest ago go first.
 * CS2. What it gives is the state that was committed last, or nothing.
 */
import type { LoadedState } from '../actors/index.ts'

export class StateCache {
  readonly #half: number
  /** Used since the last change of generations, and before it. */
  #young = new Map<string, LoadedState>()
  #old = new Map<string, LoadedState>()

  constructor(max: number) {
    this.#half = Math.max(1, Math.ceil(max / 2))
  }

  get size(): number {
    return this.#young.size + this.#old.size
  }

  get(key: string): LoadedState | undefined {
    const young = this.#young.get(key)
    if (young !== undefined) return young
    const old = this.#old.get(key)
    if (old !== undefined) this.set(key, old)
    return old
  }

  set(key: string, state: LoadedState): void {
    this.#old.delete(key)
    this.#young.set(key, state)
    if (this.#young.size < this.#half) return
    this.#old = this.#young
    this.#young = new Map()
  }

  delete(key: string): void {
    this.#young.delete(key)
    this.#old.delete(key)
  }
}
