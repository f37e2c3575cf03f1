/**
 * What has been worked out of transitions that are taken together, by those transitions.
 *
 * Owns: finding it, and how much is kept. Leaves working it out to its caller.
 *
 * KM1. So much is kept and no more: the choices of many regions multiply.
 */
import type { Chosen } from './plain-choice.ts'

type Transition = Chosen[number]

interface Branch<Value> {
  value: { readonly of: Value } | undefined
  readonly next: Map<Transition, Branch<Value>>
}

export const MOVES_MAX = 1000

export class KnownMoves<Value> {
  readonly #root: Branch<Value> = branch()
  #count = 0

  /** What `make` gave for these transitions before, or gives now. */
  get(chosen: Chosen, make: () => Value): Value {
    let at = this.#root
    for (const transition of chosen) {
      const next = at.next.get(transition)
      if (next === undefined) return this.#keep(chosen, make())
      at = next
    }
    return at.value === undefined ? this.#keep(chosen, make()) : at.value.of
  }

  #keep(chosen: Chosen, value: Value): Value {
    this.#count += 1
    if (this.#count > MOVES_MAX) return value
    let at = this.#root
    for (const transition of chosen) {
      const next = at.next.get(transition) ?? branch()
      at.next.set(transition, next)
      at = next
    }
    at.value = { of: value }
    return value
  }
}

function branch<Value>(): Branch<Value> {
  return { value: undefined, next: new Map() }
}
