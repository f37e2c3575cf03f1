/**
 * What is known of a machine's active states and of the ways between them.
 *
 * Owns: finding what was worked out before, and how much is kept. Leaves taking the ways to `plain-steps.ts`.
 *
 * KS1. A snapshot with more in it than is known here is left to XState: another version may mean something by it.
 */
import type { AnyMachineSnapshot, AnyStateMachine, AnyStateNode } from 'xstate'
import { Configuration } from './configuration.ts'
import { KnownMoves } from './known-moves.ts'
import type { Chosen } from './plain-choice.ts'
import { actsOf, type Move } from './plain-move.ts'
import { Skeleton, type Active, type Past } from './skeleton.ts'

export interface Known {
  readonly configuration: Configuration
  /** By the transitions that are taken; undefined for those that are not plain together. */
  readonly moves: KnownMoves<Move | undefined>
}

/** More than a machine has, but for one with many regions: those that come later are left to XState. */
const CONFIGURATIONS_MAX = 4096

const STAY: Move = { acts: [], to: undefined }

const FIELDS = new Set(
  '_nodes can children context error getMeta hasTag historyValue machine matches output status tags toJSON value'.split(
    ' ',
  ),
)

export class KnownStates {
  readonly #machine: AnyStateMachine
  #skeleton: Skeleton | undefined
  readonly #byOrder = new Map<string, Known>()
  readonly #byNodes = new WeakMap<readonly AnyStateNode[], Known>()

  constructor(machine: AnyStateMachine) {
    this.#machine = machine
  }

  /** The states of a snapshot; undefined for those that are left to XState. */
  of(snapshot: AnyMachineSnapshot): Known | undefined {
    const nodes = nodesOf(snapshot)
    const known = this.#byNodes.get(nodes)
    if (known !== undefined) return known
    const found = hasKnownForm(snapshot) ? this.#find(activeIn(snapshot)) : undefined
    if (found !== undefined) this.#byNodes.set(nodes, found)
    return found
  }

  /** What these transitions do together; undefined when that is not plain. */
  move(known: Known, chosen: Chosen): Move | undefined {
    if (chosen.length === 0) return STAY
    return known.moves.get(chosen, () => this.#follow(known.configuration, chosen))
  }

  #follow(from: Configuration, chosen: Chosen): Move | undefined {
    this.#skeleton ??= new Skeleton(this.#machine)
    const followed = this.#skeleton.follow(from, chosen)
    if (followed === undefined) return undefined
    const { marks, to } = followed
    const acts = actsOf(this.#machine, marks)
    const known = to === undefined ? undefined : this.#find(to)
    const isPlain = acts !== undefined && (to === undefined || known !== undefined)
    return isPlain ? { acts, to: known?.configuration } : undefined
  }

  #find(active: Active): Known | undefined {
    const order = orderOf(active)
    const known = this.#byOrder.get(order)
    if (known !== undefined || this.#byOrder.size >= CONFIGURATIONS_MAX) return known
    const configuration = new Configuration(this.#machine, active)
    if (configuration.isOdd) return undefined
    const fresh = { configuration, moves: new KnownMoves<Move | undefined>() }
    this.#byOrder.set(order, fresh)
    this.#byNodes.set(configuration.nodes, fresh)
    return fresh
  }
}

function nodesOf(snapshot: AnyMachineSnapshot): readonly AnyStateNode[] {
  return Reflect.get(snapshot, '_nodes') as readonly AnyStateNode[]
}

function activeIn(snapshot: AnyMachineSnapshot): Active {
  return { nodes: nodesOf(snapshot), value: snapshot.value, historyValue: snapshot.historyValue as Past }
}

function orderOf({ nodes, value, historyValue }: Active): string {
  const past = Object.entries(historyValue).map(([id, all]) => [id, ...all.map((node) => node.order)])
  return JSON.stringify([nodes.map((node) => node.order), value, past])
}

function hasKnownForm(snapshot: AnyMachineSnapshot): boolean {
  const keys = Object.keys(snapshot)
  return keys.length === FIELDS.size && keys.every((key) => FIELDS.has(key))
}
