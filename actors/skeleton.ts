/**
 * A machine without the user's code: the same states and transitions, and marks in place of actions. XState itself tells
 * with it which states a step leaves and enters, and in which order what is done, before any code of the user runs.
 *
 * Owns: building it, and asking it. Leaves to `plain-move.ts` what the marks stand for.
 *
 * SK1. It goes where the machine goes from the same states along the same transitions, in the same order. Of what was
 *      active when a state was last left it knows nothing.
 */
import { createMachine } from 'xstate'
import type { AnyMachineSnapshot, AnyStateMachine, AnyStateNode } from 'xstate'
import type { AnyTransitionDefinition, StateValue } from 'xstate'
import { nodesOf } from './machine-walk.ts'

/** Where actions of the machine are due. */
export type Mark =
  | { readonly at: 'exit' | 'entry' | 'initial'; readonly node: AnyStateNode }
  | { readonly at: 'transition'; readonly transition: AnyTransitionDefinition }

/** Active states in their order. */
export interface Active {
  readonly nodes: readonly AnyStateNode[]
  readonly value: StateValue
}

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

  /** What these transitions do together, in one microstep. */
  follow(from: Active, chosen: readonly AnyTransitionDefinition[]): Followed {
    const marks: Mark[] = []
    const asked = [chosen.map((each) => this.#boneOf(each))]
    this.#machine.getTransitionData = () => asked.pop() ?? []
    const scope = { ...SCOPE, actionExecutor: ({ params }: { params: Mark }) => marks.push(params) }
    const before = this.#snapshotOf(from)
    const after = this.#machine.transition(before, EVENT, scope as never) as AnyMachineSnapshot
    const isSame = activeIn(after) === activeIn(before)
    return { marks, to: isSame ? undefined : { nodes: this.#realOf(activeIn(after)), value: after.value } }
  }

  #snapshotOf({ nodes, value }: Active): AnyMachineSnapshot {
    const bare = this.#machine.resolveState({ value, context: {} }) as AnyMachineSnapshot
    return Object.assign(bare, { _nodes: nodes.map((node) => this.#bones[this.#nodes.indexOf(node)]), value })
  }

  #realOf(bones: readonly AnyStateNode[]): AnyStateNode[] {
    return bones.map((bone) => this.#nodes[this.#bones.indexOf(bone)] as AnyStateNode)
  }

  #boneOf(transition: AnyTransitionDefinition): AnyTransitionDefinition {
    const bone = this.#bones[this.#nodes.indexOf(transition.source)]
    const [found] = bone?.transitions.get(this.#nameOf(transition)) ?? []
    return found as AnyTransitionDefinition
  }

  #configOf(node: AnyStateNode): Config {
    const { type, history, states } = node
    const first = firstOf(node)
    const parts = Object.values(states) as AnyStateNode[]
    return {
      ...{ id: this.#idOf(node), type, history },
      ...(first !== undefined && { initial: { target: first.key, actions: mark({ at: 'initial', node }) } }),
      ...(parts.length > 0 && {
        states: Object.fromEntries(parts.map((at) => [at.key, this.#configOf(at)])),
      }),
      entry: mark({ at: 'entry', node }),
      exit: mark({ at: 'exit', node }),
      on: Object.fromEntries(transitionsOf(node).map((each) => [this.#nameOf(each), this.#wayOf(each)])),
    }
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

/** Which one a state begins with; never history, which would be looked for there without end. */
function firstOf({ type, initial, states }: AnyStateNode): AnyStateNode | undefined {
  const [first] = type === 'compound' ? initial.target : []
  if (first?.type !== 'history') return first
  return Object.values(states).find((each: AnyStateNode) => each.type !== 'history') ?? first
}

function transitionsOf({ transitions, always = [] }: AnyStateNode): AnyTransitionDefinition[] {
  return [...[...transitions.values()].flat(), ...always]
}

function activeIn(snapshot: AnyMachineSnapshot): readonly AnyStateNode[] {
  return Reflect.get(snapshot, '_nodes') as readonly AnyStateNode[]
}
