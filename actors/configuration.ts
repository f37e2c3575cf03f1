/**
 * Active states in their order, and what their history states remember.
 *
 * Owns: what follows from them alone, so that it is worked out once: their value, their tags, who may take an event.
 * Leaves to `plain-move.ts` the way from one to another.
 *
 * CF1. Value, tags and order of states are those that XState gives to a snapshot in these states.
 */
import type { AnyStateMachine, AnyStateNode, StateValue } from 'xstate'
import { chooserOf, eventlessOf, type Choose } from './plain-choice.ts'
import type { Active, Past } from './skeleton.ts'

/** More types of events than a program has: an endless supply of them must take no memory. */
const TYPES_MAX = 256

export class Configuration implements Active {
  readonly nodes: AnyStateNode[]
  readonly value: StateValue
  readonly historyValue: Past
  readonly tags: Set<string>
  /** XState warns of a pattern with a star inside: such states are left to it. */
  readonly isOdd: boolean
  /** Who moves on without an event; undefined when nobody ever does. */
  readonly eventless: Choose | undefined
  readonly #machine: AnyStateMachine
  readonly #choosers = new Map<string, Choose>()

  constructor(machine: AnyStateMachine, { nodes, value, historyValue }: Active) {
    this.nodes = [...nodes]
    this.value = value
    this.historyValue = historyValue
    this.tags = new Set(nodes.flatMap(({ tags }) => tags))
    this.isOdd = nodes.some(hasOddPattern)
    this.eventless = eventlessOf(machine, this)
    this.#machine = machine
  }

  /** Who takes an event of this type. */
  chooser(type: string): Choose {
    const known = this.#choosers.get(type)
    if (known !== undefined) return known
    const chooser = chooserOf(this.#machine, this, type)
    if (this.#choosers.size < TYPES_MAX) this.#choosers.set(type, chooser)
    return chooser
  }
}

function hasOddPattern({ transitions }: AnyStateNode): boolean {
  return [...transitions.keys()].some((key) => /\*./.test(key) || /[^.]\*/.test(key))
}
