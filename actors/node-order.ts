/**
 * The order in which the states of a snapshot are active. XState decides by it which of several transitions comes
 * first; when it restores a snapshot from its value alone, it makes an order of its own.
 *
 * Owns: telling when the two differ, and setting the right one.
 *
 * NO1. A restored snapshot has its states in the order in which they were active, so it goes on as it would have.
 */
import type { AnyMachineSnapshot, AnyStateMachine, AnyStateNode } from 'xstate'
import { canonicalJson } from './canonical-json.ts'
import { nodesOf } from './machine-walk.ts'

/** So many values of one machine are remembered; more would grow without a bound. */
const VALUES_MAX = 1000

/** The active states in their order, and the value they make, as text. */
interface Order {
  readonly value: string
  readonly ids: readonly string[]
}

export class NodeOrder {
  readonly #machine: AnyStateMachine
  /** By value: the order that XState would restore. */
  #restored = new Map<string, Order>()
  #nodes: Map<string, AnyStateNode> | undefined

  constructor(machine: AnyStateMachine) {
    this.#machine = machine
  }

  /** The value, then the ids in order; undefined when XState would restore the same order. */
  of(snapshot: AnyMachineSnapshot): readonly string[] | undefined {
    const value = JSON.stringify(snapshot.value)
    const restored = this.#asRestored(snapshot, value)
    if (restored.value === value && isOrder(nodesIn(snapshot), restored.ids)) return undefined
    return [value, ...idsOf(snapshot)]
  }

  #asRestored(snapshot: AnyMachineSnapshot, value: string): Order {
    const known = this.#restored.get(value)
    if (known !== undefined) return known
    const stored: unknown = JSON.parse(canonical(snapshot.value))
    const bare = { status: 'active', value: stored, context: {}, children: {}, historyValue: {} }
    const restored = this.#machine.restoreSnapshot(bare as never, {} as never) as AnyMachineSnapshot
    const order = { value: JSON.stringify(restored.value), ids: idsOf(restored) }
    if (this.#restored.size >= VALUES_MAX) this.#restored = new Map()
    this.#restored.set(value, order)
    return order
  }

  /** Leaves a snapshot alone whose value, or whose states, are others by now: a migration changed them. */
  restore(snapshot: AnyMachineSnapshot, stored: unknown, [text = '', ...ids]: readonly string[]): void {
    const value: unknown = JSON.parse(text)
    const nodes = ids.map((id) => this.#node(id))
    const isSame = canonical(value) === canonical(stored) && !nodes.includes(undefined)
    if (isSame) Object.assign(snapshot, { _nodes: nodes, value })
  }

  #node(id: string): AnyStateNode | undefined {
    this.#nodes ??= new Map(nodesOf(this.#machine).map((node) => [node.id, node]))
    return this.#nodes.get(id)
  }
}

function nodesIn(snapshot: AnyMachineSnapshot): readonly AnyStateNode[] {
  return Reflect.get(snapshot, '_nodes') as readonly AnyStateNode[]
}

function idsOf(snapshot: AnyMachineSnapshot): readonly string[] {
  return nodesIn(snapshot).map(({ id }) => id)
}

function isOrder(nodes: readonly AnyStateNode[], ids: readonly string[]): boolean {
  return nodes.length === ids.length && nodes.every(({ id }, index) => id === ids[index])
}

function canonical(value: unknown): string {
  return canonicalJson(value, 'value') ?? ''
}
