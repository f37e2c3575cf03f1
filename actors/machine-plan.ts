/**
 * A machine made ready for durable turns: our own copy of it, and names for all its code.
 *
 * Owns: the copy, the stable names of actions and of children's logic, and finding them again.
 * Leaves to `machine-refusals.ts` what is refused, to `machine-shape.ts` the structure.
 *
 * MP1. The user's machine is never changed; what is static in it is given to each actor as a copy of its own.
 * MP2. Every action that a machine was defined with has a name that finds it after a restart.
 * MP3. A cycle of `always` or raised events ends with an error: after `maxIterations` of the machine, or 1,000 steps.
 * MP4. Logic that stands in `setup`, or anywhere else in the machine, has the same name when it is spawned by itself.
 */
import type { AnyActorLogic, AnyMachineSnapshot, AnyStateMachine } from 'xstate'
import type { ActionCode } from './actor-logic.ts'
import { stubLogic } from './live-system.ts'
import { refuseWhatCannotLast } from './machine-refusals.ts'
import { shapeOf, type MachineShape } from './machine-shape.ts'
import { NodeOrder } from './node-order.ts'
import { actionsOf, builtInOf } from './machine-walk.ts'
import { PlainSteps } from './plain-steps.ts'

/** How the logic of a child runs: a machine or another pure logic inside the turn, all else outside of it. */
export type ChildPlan =
  | { readonly kind: 'machine'; readonly plan: MachinePlan }
  | { readonly kind: 'pure'; readonly logic: AnyActorLogic }
  | { readonly kind: 'outside'; readonly logic: AnyActorLogic }

const STEPS_MAX = 1000

/** The name of a machine among its own children: that of no actor in a `setup`. */
const ITSELF = 'xstate.itself'

interface OrderedData {
  readonly value: unknown
  readonly order?: readonly string[] | undefined
}

/** Plans of machines, so that a machine that is its own child has one. */
type Known = Map<AnyStateMachine, MachinePlan>

export class MachinePlan {
  readonly machine: AnyStateMachine
  readonly shape: MachineShape
  readonly steps: PlainSteps
  readonly #source: AnyStateMachine
  readonly #actionNames = new Map<unknown, string>()
  readonly #actions = new Map<string, ActionCode>()
  readonly #logicNames = new Map<unknown, string>()
  readonly #logics = new Map<string, AnyActorLogic>()
  readonly #children = new Map<string, ChildPlan | undefined>()
  readonly #order: NodeOrder

  constructor(source: AnyStateMachine, known: Known = new Map()) {
    known.set(source, this)
    this.#source = source
    this.machine = copyOf(source)
    this.shape = shapeOf(this.machine)
    this.steps = new PlainSteps(this.machine)
    this.#order = new NodeOrder(this.machine)
    this.#nameEverything()
    for (const src of this.#sources()) this.#children.set(src, planOf(this.#logicOf(src), known))
  }

  /** The name of an action as XState hands it over; undefined for a function made during a turn. */
  actionName(type: string, code: unknown): string | undefined {
    return this.#actionNames.get(code) ?? (this.#actions.get(type) === code ? type : undefined)
  }

  action(name: string): ActionCode | undefined {
    return this.#actions.get(name)
  }

  /** `src` of a child as a string; undefined for logic that is not known by now. */
  sourceName(src: unknown): string | undefined {
    return typeof src === 'string' ? src : this.#logicNames.get(src)
  }

  child(src: string): ChildPlan | undefined {
    return src === ITSELF ? { kind: 'machine', plan: this } : this.#children.get(src)
  }

  /** See `NodeOrder`. */
  orderOf(snapshot: AnyMachineSnapshot): readonly string[] | undefined {
    return this.#order.of(snapshot)
  }

  restoreOrder(snapshot: AnyMachineSnapshot, { order, value }: OrderedData): void {
    if (order !== undefined) this.#order.restore(snapshot, value, order)
  }

  /** All machines among the children, by source. */
  machines(): readonly (readonly [string, MachinePlan])[] {
    return [...this.#children].flatMap(([src, child]) =>
      child?.kind === 'machine' ? [[src, child.plan]] : [],
    )
  }

  #nameEverything(): void {
    const named = this.#source.implementations.actions as Record<string, unknown>
    for (const [name, code] of Object.entries(named)) {
      if (typeof code === 'function' && builtInOf(code) === undefined)
        this.#actions.set(name, code as ActionCode)
    }
    for (const { place, action } of actionsOf(this.machine)) {
      const builtIn = builtInOf(action)
      if (builtIn?.type === 'xstate.spawnChild') this.#nameLogic(builtIn['src'], place)
      else if (typeof action === 'function' && builtIn === undefined)
        this.#nameAction(action as ActionCode, place)
    }
    this.#nameKnownLogics()
  }

  /** So that `spawn(logic)` finds by itself what has a name anyway. */
  #nameKnownLogics(): void {
    const named = Object.entries(this.#source.implementations.actors as Record<string, unknown>)
    const all = [...named, ...this.shape.inlineSources, [ITSELF, this.#source] as const]
    for (const [name, logic] of all) if (!this.#logicNames.has(logic)) this.#logicNames.set(logic, name)
  }

  #nameAction(code: ActionCode, place: string): void {
    if (this.#actionNames.has(code) || place.startsWith('action ')) return
    this.#actionNames.set(code, place)
    this.#actions.set(place, code)
  }

  #nameLogic(src: unknown, place: string): void {
    if (typeof src === 'string' || this.#logicNames.has(src)) return
    this.#logicNames.set(src, place)
    this.#logics.set(place, src as AnyActorLogic)
  }

  #sources(): Iterable<string> {
    const named = Object.keys(this.#source.implementations.actors as object)
    return new Set([...named, ...this.#logics.keys(), ...this.shape.inlineSources.keys()])
  }

  #logicOf(src: string): AnyActorLogic | undefined {
    const named = this.#source.implementations.actors[src] as AnyActorLogic | undefined
    return this.#logics.get(src) ?? (this.shape.inlineSources.get(src) as AnyActorLogic | undefined) ?? named
  }
}

function planOf(logic: AnyActorLogic | undefined, known: Known): ChildPlan | undefined {
  if (logic === undefined) return undefined
  if (isMachine(logic)) return { kind: 'machine', plan: known.get(logic) ?? new MachinePlan(logic, known) }
  return { kind: typeof logic.start === 'function' ? 'outside' : 'pure', logic }
}

/** Also true for a machine that another copy of XState made; not for its parts in an object of another class. */
export function isMachine(logic: unknown): logic is AnyStateMachine {
  const has = typeof logic === 'object' && logic !== null && '__xstatenode' in logic && 'provide' in logic
  return has && 'implementations' in logic
}

/**
 * Children are only references in our copy: their states are ours. The nodes are those of the machine as it is, with what
 * somebody has put into them since it was made.
 */
function copyOf(source: AnyStateMachine): AnyStateMachine {
  const { actors, ...rest } = source.implementations as unknown as Record<string, Record<string, unknown>>
  const stubs = Object.fromEntries(Object.keys(actors ?? {}).map((src) => [src, stubLogic]))
  const asked = source.options.maxIterations ?? Infinity
  const maxIterations = Number.isFinite(asked) ? asked : STEPS_MAX
  // XState binds methods to the machine; without those the copy has them from its class.
  const data = Object.entries(source).filter(([, value]) => typeof value !== 'function')
  return Object.assign(Object.create(Object.getPrototypeOf(source) as object) as AnyStateMachine, {
    ...Object.fromEntries(data),
    config: { ...source.config, context: contextOf(source) },
    implementations: { ...rest, actors: stubs },
    options: { ...source.options, maxIterations },
  })
}

function contextOf(source: AnyStateMachine): unknown {
  const context: unknown = source.config.context
  return typeof context === 'object' && context !== null ? () => structuredClone(context) : context
}

/** Plans the machine of an actor, and refuses what cannot last in it and its children. */
export function planMachine(source: AnyStateMachine, where: string): MachinePlan {
  const known: Known = new Map()
  const plan = new MachinePlan(source, known)
  for (const machine of known.keys()) {
    refuseWhatCannotLast(machine, `${where}, machine '${machine.id}'`, machine === source)
  }
  return plan
}
