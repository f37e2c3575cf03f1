/**
 * A machine without the user's code: the same states and transitions, and marks in place of actions. XState itself tells
 * with it which states a step leaves and enters, and in which order what is done, before any code of the user runs.
 *
 * Owns: building it, and asking it. Leaves to `plain-move.ts` what the marks stand for.
 *
 * SK1. It goes where the machine goes from the same states along the same transitions, in the same order.
 * SK2. What was put into the machine since it was looked at is not known here, and is left to XState.
 */
import { createMachine } from 'xstate'
import type { AnyMachineSnapshot, AnyStateMachine, AnyStateNode } from 'xstate'
import type { AnyTransitionDefinition, StateValue } from 'xstate'
import { nodesOf } from './machine-walk.ts'

/** Where actions of the machine are due. */
export type Mark =
  | { readonly at: 'exit' | 'entry' | 'initial'; readonly node: AnyStateNode }
  | { readonly at: 'transition'; readonly transition: AnyTransitionDefinition }

/** Active states in their order, and for each history state what was active when its parent was last left. */
export interface Active {
  readonly nodes: readonly AnyStateNode[]
  readonly value: StateValue
  readonly historyValue: Past
}

export type Past = Readonly<Record<string, readonly AnyStateNode[]>>

export interface Followed {
  readonly marks: readonly Mark[]
  /** Undefined when the same states are active as before. */
  readonly to: Active | undefined
}

type Config = Readonly<Record<string, unknown>>

const EVENT = { type: 'go' }

export class Skeleton {
  readonly #nodes: readonly AnyStateNode[]
  readonly #transitions: readonly AnyTransitionDefinition[]
  readonly #machine: AnyStateMachine
  readonly #bones: readonly AnyStateNode[]

  constructor(machine: AnyStateMachine) {
    this.#nodes = nodesOf(machine)
    this.#transitions = this.#nodes.flatMap(transitionsOf)
    this.#machine = createMachine(this.#configOf(machine.root) as never) as AnyStateMachine
    this.#bones = nodesOf(this.#machine)
  }

  /** What these transitions do together, in one microstep; undefined when one of them is not known. */
  follow(from: Active, chosen: readonly AnyTransitionDefinition[]): Followed | undefined {
    const marks: Mark[] = []
    const bones = chosen.flatMap((each) => this.#boneOf(each) ?? [])
    if (bones.length < chosen.length) return undefined
    const asked = [bones]
    this.#machine.getTransitionData = () => asked.pop() ?? []
    const scope = { ...SCOPE, actionExecutor: ({ params }: { params: Mark }) => marks.push(params) }
    const before = this.#snapshotOf(from)
    const after = this.#machine.transition(before, EVENT, scope as never) as AnyMachineSnapshot
    return { marks, to: activeIn(after) === activeIn(before) ? undefined : this.#activeOf(after) }
  }

  #snapshotOf({ nodes, value, historyValue }: Active): AnyMachineSnapshot {
    const bare = this.#machine.resolveState({ value, context: {} }) as AnyMachineSnapshot
    const past = pastOf(
      historyValue,
      (id) => this.#boneIdOf(id),
      (all) => this.#bonesOf(all),
    )
    return Object.assign(bare, { _nodes: this.#bonesOf(nodes), value, historyValue: past })
  }

  #activeOf(after: AnyMachineSnapshot): Active {
    const past = after.historyValue as Past
    const historyValue = pastOf(
      past,
      (id) => this.#realIdOf(id),
      (all) => this.#realOf(all),
    )
    return { nodes: this.#realOf(activeIn(after)), value: after.value, historyValue }
  }

  #bonesOf(nodes: readonly AnyStateNode[]): AnyStateNode[] {
    return nodes.map((node) => this.#bones[this.#nodes.indexOf(node)] as AnyStateNode)
  }

  #realOf(bones: readonly AnyStateNode[]): AnyStateNode[] {
    return bones.map((bone) => this.#nodes[this.#bones.indexOf(bone)] as AnyStateNode)
  }

  #boneIdOf(id: string): string {
    return `s${this.#nodes.findIndex((node) => node.id === id)}`
  }

  #realIdOf(boneId: string): string {
    return this.#nodes[Number(boneId.slice(1))]?.id ?? ''
  }

  #boneOf(transition: AnyTransitionDefinition): AnyTransitionDefinition | undefined {
    const bone = this.#bones[this.#nodes.indexOf(transition.source)]
    return bone?.transitions.get(this.#nameOf(transition))?.[0]
  }

  #configOf(node: AnyStateNode): Config {
    const { type, history, states } = node
    const [first] = type === 'compound' ? node.initial.target : []
    const parts = Object.values(states) as AnyStateNode[]
    return {
      ...{ id: this.#idOf(node), type, history },
      ...(type === 'history' && { target: this.#pastTargetOf(node) }),
      ...(first !== undefined && { initial: { target: first.key, actions: mark({ at: 'initial', node }) } }),
      ...(parts.length > 0 && {
        states: Object.fromEntries(parts.map((at) => [at.key, this.#configOf(at)])),
      }),
      entry: mark({ at: 'entry', node }),
      exit: mark({ at: 'exit', node }),
      on: Object.fromEntries(transitionsOf(node).map((each) => [this.#nameOf(each), this.#wayOf(each)])),
    }
  }

  /** Where a history state leads that has nothing to remember yet. */
  #pastTargetOf({ config, machine }: AnyStateNode): unknown {
    const target: unknown = Reflect.get(config, 'target')
    const all: readonly unknown[] = Array.isArray(target) ? target : [target]
    const asBone = (each: unknown): unknown =>
      typeof each === 'string' && each.startsWith('#')
        ? `#${this.#idOf(machine.getStateNodeById(each))}`
        : each
    return target === undefined ? undefined : all.map(asBone)
  }

  #wayOf(transition: AnyTransitionDefinition): Config {
    const target = transition.target?.map((node) => `#${this.#idOf(node)}`)
    const { reenter } = transition
    return {
      ...(target !== undefined && { target }),
      reenter,
      actions: mark({ at: 'transition', transition }),
    }
  }

  #idOf(node: AnyStateNode): string {
    return `s${this.#nodes.indexOf(node)}`
  }

  #nameOf(transition: AnyTransitionDefinition): string {
    return `t${this.#transitions.indexOf(transition)}`
  }
}

const SCOPE = { self: {}, system: { _sendInspectionEvent: () => {} } }

function mark(params: Mark): object {
  return { type: 'mark', params }
}

function pastOf(
  past: Past,
  idOf: (id: string) => string,
  nodesAs: (nodes: readonly AnyStateNode[]) => AnyStateNode[],
): Past {
  return Object.fromEntries(Object.entries(past).map(([id, nodes]) => [idOf(id), nodesAs(nodes)]))
}

function transitionsOf({ transitions, always = [] }: AnyStateNode): AnyTransitionDefinition[] {
  return [...[...transitions.values()].flat(), ...always]
}

function activeIn(snapshot: AnyMachineSnapshot): readonly AnyStateNode[] {
  return Reflect.get(snapshot, '_nodes') as readonly AnyStateNode[]
}
