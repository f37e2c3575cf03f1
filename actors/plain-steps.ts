/**
 * Steps of a machine whose way is known before: most of what a busy actor does. They give what XState gives, without
 * asking it for the way anew each time.
 *
 * Owns: the order of microsteps. Leaves what is known of states and ways to `known-states.ts`; every other step, and the
 * rest of one that is plain only in its beginning, to XState's `machine.transition`.
 *
 * PS1. A plain step gives the snapshot, and says to the scope, what `machine.transition` gives and says.
 * PS2. No action runs twice: what a step has done is done when XState takes over. A guard may be asked twice.
 * PS3. A cycle without end is ended after as many microsteps as in XState, whoever took them.
 */
import type { AnyActorScope, AnyMachineSnapshot, AnyStateMachine } from 'xstate'
import type { TypedEvent } from './actor-logic.ts'
import { endlessTurn } from './endless-turn.ts'
import { handOver } from './hand-over.ts'
import { KnownStates } from './known-states.ts'
import { Microstep } from './microstep.ts'
import type { Choose, Chosen } from './plain-choice.ts'
import type { Move } from './plain-move.ts'

/** A step between two microsteps. */
interface Between {
  snapshot: AnyMachineSnapshot
  event: TypedEvent
  readonly queue: TypedEvent[]
  /** Whether states may move on by themselves now. */
  isFresh: boolean
}

/** What is taken next; undefined when XState is to tell, as it is when a guard throws. */
interface Next {
  readonly chosen: Chosen | undefined
  readonly isEventless: boolean
}

const NOBODY: Chosen = []

export class PlainSteps {
  readonly #machine: AnyStateMachine
  readonly #states: KnownStates

  constructor(machine: AnyStateMachine) {
    this.#machine = machine
    this.#states = new KnownStates(machine)
  }

  /** Takes a step; undefined when only XState can, and nothing has been done. */
  take(
    snapshot: AnyMachineSnapshot,
    event: TypedEvent,
    scope: AnyActorScope,
  ): AnyMachineSnapshot | undefined {
    const known = isReserved(event.type) ? undefined : this.#states.of(snapshot)
    if (known === undefined) return undefined
    const { configuration } = known
    const chosen = chosenBy(configuration.chooser(event.type), snapshot, event)
    const move = chosen && this.#states.move(known, chosen)
    if (move === undefined) return undefined
    const step = new Microstep(snapshot, event, scope)
    const next = carryOut(move, step)
    const isOver = !step.hasRaised && (move.to ?? configuration).eventless === undefined
    return isOver ? next : this.#goOn({ snapshot: next, event, queue: step.raised, isFresh: true }, scope)
  }

  /** Until no state moves on by itself and nothing is raised any more. */
  #goOn(at: Between, scope: AnyActorScope): AnyMachineSnapshot {
    const { maxIterations = Infinity } = this.#machine.options
    for (let left = maxIterations; left > 0; left -= 1) {
      const next = this.#next(at)
      if (next === undefined) return at.snapshot
      const move = this.#moveOf(at, next)
      if (move === undefined) return this.#handOver(at, next, { left, scope })
      const before = next.isEventless ? at.snapshot : undefined
      const step = new Microstep(at.snapshot, at.event, scope)
      at.snapshot = carryOut(move, step)
      if (step.hasRaised) at.queue.push(...step.raised)
      at.isFresh = at.snapshot !== before
    }
    throw endlessTurn()
  }

  /** States that move on by themselves come first, then what was raised. Undefined at the end. */
  #next(at: Between): Next | undefined {
    const chosen = at.isFresh ? this.#chosen(at, undefined) : NOBODY
    if (chosen?.length !== 0) return { chosen, isEventless: true }
    const raised = at.queue.shift()
    if (raised === undefined) return undefined
    at.event = raised
    return { chosen: this.#chosen(at, raised.type), isEventless: false }
  }

  /** For a type of event; without one: who moves on. */
  #chosen({ snapshot, event }: Between, type: string | undefined): Chosen | undefined {
    const known = this.#states.of(snapshot)
    if (known === undefined) return undefined
    const { configuration } = known
    const choose = type === undefined ? configuration.eventless : configuration.chooser(type)
    return choose === undefined ? NOBODY : chosenBy(choose, snapshot, event)
  }

  #moveOf({ snapshot }: Between, { chosen }: Next): Move | undefined {
    const known = this.#states.of(snapshot)
    return known === undefined || chosen === undefined ? undefined : this.#states.move(known, chosen)
  }

  /** Who moves on is for XState to say again: it stops when such a microstep has changed nothing. */
  #handOver(
    { snapshot, event, queue }: Between,
    { chosen, isEventless }: Next,
    { left, scope }: { readonly left: number; readonly scope: AnyActorScope },
  ): AnyMachineSnapshot {
    const rest = { snapshot, event, queue, chosen: isEventless ? NOBODY : chosen }
    return handOver(this.#machine, { ...rest, left: isEventless ? left : left - 1 }, scope)
  }
}

/** Undefined when a guard throws. */
function chosenBy(choose: Choose, snapshot: AnyMachineSnapshot, event: TypedEvent): Chosen | undefined {
  try {
    return choose(snapshot, event)
  } catch {
    return undefined
  }
}

function carryOut({ acts, to }: Move, step: Microstep): AnyMachineSnapshot {
  for (const act of acts) act(step)
  return step.end(to)
}

/** XState itself makes more of these than of others; only of a timer it does not. */
function isReserved(type: string): boolean {
  return type.startsWith('xstate.') && !type.startsWith('xstate.after.')
}
