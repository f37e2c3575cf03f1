/**
 * Steps of a machine whose way is known before: most of what a busy actor does. They give what XState gives, without
 * asking it for the way anew each time.
 *
 * Owns: which steps are plain, and taking them. Leaves every other step, and the rest of one that is plain only in its
 * beginning, to XState's `machine.transition`.
 *
 * PS1. A plain step gives the snapshot, and says to the scope, what `machine.transition` gives and says.
 * PS2. No action runs twice: what a step has done is done when XState takes over. A guard may be asked twice.
 * PS3. A snapshot with more in it than is known here is left to XState: another version may mean something by it.
 * PS4. A cycle without end is ended after as many microsteps as in XState, whoever took them.
 */
import type { AnyActorScope, AnyMachineSnapshot, AnyStateMachine, AnyStateNode } from 'xstate'
import type { TypedEvent } from './actor-logic.ts'
import { Configuration } from './configuration.ts'
import { endlessTurn } from './endless-turn.ts'
import { KnownMoves } from './known-moves.ts'
import { Microstep } from './microstep.ts'
import type { Choose, Chosen } from './plain-choice.ts'
import { actsOf, type Move } from './plain-move.ts'
import { Skeleton, type Active } from './skeleton.ts'

interface Known {
  readonly configuration: Configuration
  /** By the transitions that are taken; undefined for those that are not plain together. */
  readonly moves: KnownMoves<Move | undefined>
}

/** More than a machine has, but for one with many regions: those that come later are left to XState. */
const CONFIGURATIONS_MAX = 4096

const STAY: Move = { acts: [], to: undefined }
const NOBODY: Chosen = []

const FIELDS = new Set(
  '_nodes can children context error getMeta hasTag historyValue machine matches output status tags toJSON value'.split(
    ' ',
  ),
)

export class PlainSteps {
  readonly #machine: AnyStateMachine
  #skeleton: Skeleton | undefined
  readonly #byOrder = new Map<string, Known>()
  readonly #byNodes = new WeakMap<readonly AnyStateNode[], Known>()

  constructor(machine: AnyStateMachine) {
    this.#machine = machine
  }

  /** Takes a step; undefined when only XState can, and nothing has been done. */
  take(
    snapshot: AnyMachineSnapshot,
    event: TypedEvent,
    scope: AnyActorScope,
  ): AnyMachineSnapshot | undefined {
    const known = isReserved(event.type) ? undefined : this.#look(snapshot)
    const choose = known?.configuration.chooser(event.type)
    const move = known && this.#moveOf(known, chosenBy(choose, snapshot, event))
    if (move === undefined) return undefined
    const next = carryOut(move, new Microstep(snapshot, event, scope))
    const isResting = (move.to ?? known?.configuration)?.eventless === undefined
    return isResting ? next : this.#goOn(next, event, scope)
  }

  /** The microsteps that states take by themselves. */
  #goOn(begun: AnyMachineSnapshot, event: TypedEvent, scope: AnyActorScope): AnyMachineSnapshot {
    const { maxIterations = Infinity } = this.#machine.options
    let now = begun
    for (let left = maxIterations; left > 0; left -= 1) {
      const move = this.#onward(now, event)
      if (move === undefined)
        return this.#handOver(left, () => this.#machine.transition(now, event, ownOf(scope)))
      const next = carryOut(move, new Microstep(now, event, scope))
      if (next === now) return now
      now = next
    }
    throw endlessTurn()
  }

  #onward(snapshot: AnyMachineSnapshot, event: TypedEvent): Move | undefined {
    const known = this.#look(snapshot)
    if (known === undefined) return undefined
    const { eventless } = known.configuration
    return this.#moveOf(known, eventless === undefined ? NOBODY : chosenBy(eventless, snapshot, event))
  }

  /** XState goes on with a step whose event has been taken already, for so many microsteps. */
  #handOver(maxIterations: number, goOn: () => unknown): AnyMachineSnapshot {
    const machine = this.#machine
    const { options } = machine
    machine.options = { ...options, maxIterations }
    machine.getTransitionData = () => {
      Reflect.deleteProperty(machine, 'getTransitionData')
      return []
    }
    try {
      return goOn() as AnyMachineSnapshot
    } finally {
      machine.options = options
      Reflect.deleteProperty(machine, 'getTransitionData')
    }
  }

  #moveOf(known: Known, chosen: Chosen | undefined): Move | undefined {
    if (chosen === undefined || chosen.length === 0) return chosen && STAY
    return known.moves.get(chosen, () => this.#follow(known.configuration, chosen))
  }

  #follow(from: Configuration, chosen: Chosen): Move | undefined {
    this.#skeleton ??= new Skeleton(this.#machine)
    const { marks, to } = this.#skeleton.follow(from, chosen)
    const acts = actsOf(this.#machine, chosen, marks)
    const known = to === undefined ? undefined : this.#knownOf(to)
    const isPlain = acts !== undefined && (to === undefined || known !== undefined)
    return isPlain ? { acts, to: known?.configuration } : undefined
  }

  #look(snapshot: AnyMachineSnapshot): Known | undefined {
    const nodes = nodesOf(snapshot)
    const known = this.#byNodes.get(nodes)
    if (known !== undefined) return known
    const found = hasKnownForm(snapshot) ? this.#knownOf({ nodes, value: snapshot.value }) : undefined
    if (found !== undefined) this.#byNodes.set(nodes, found)
    return found
  }

  /** Undefined for what is left to XState. */
  #knownOf(active: Active): Known | undefined {
    const order = `${active.nodes.map((node) => node.order).join()} ${JSON.stringify(active.value)}`
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

/** Undefined when a guard throws: XState has words for it. */
function chosenBy(
  choose: Choose | undefined,
  snapshot: AnyMachineSnapshot,
  event: TypedEvent,
): Chosen | undefined {
  try {
    return choose?.(snapshot, event)
  } catch {
    return undefined
  }
}

function carryOut({ acts, to }: Move, step: Microstep): AnyMachineSnapshot {
  for (const act of acts) act(step)
  return step.end(to)
}

/** XState puts its own executor into a scope for the time of a microstep. */
function ownOf(scope: AnyActorScope): AnyActorScope {
  return { ...scope, actionExecutor: (action) => scope.actionExecutor(action) }
}

function nodesOf(snapshot: AnyMachineSnapshot): readonly AnyStateNode[] {
  return Reflect.get(snapshot, '_nodes') as readonly AnyStateNode[]
}

function hasKnownForm(snapshot: AnyMachineSnapshot): boolean {
  const keys = Object.keys(snapshot)
  return keys.length === FIELDS.size && keys.every((key) => FIELDS.has(key))
}

/** XState itself makes more of these than of others; only of a timer it does not. */
function isReserved(type: string): boolean {
  return type.startsWith('xstate.') && !type.startsWith('xstate.after.')
}
