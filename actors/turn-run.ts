/**
 * One turn under way: the actors that take part in it, and what they ask for.
 *
 * Owns: the effects in order, names of timers and starts, the bound on a turn, finding an actor by its reference.
 * Leaves to the cells what each actor does.
 *
 * TU1. Names of timers and generations of starts are made of the turn and a counter: each is used once, and the same
 *      turn gives the same ones.
 * TU2. A turn ends: actors that send to each other without end are stopped by an error, and nothing has changed.
 */
import type { AnyActorRef } from 'xstate'
import type { ActorEffect, ActorEvent, TurnScope, TypedEvent } from './actor-logic.ts'
import { NotDurableError } from './errors.ts'
import { parentOf, rootSelf, type TurnAmbient } from './live-system.ts'
import { timerName } from './timer-names.ts'
import type { MachinePlan } from './machine-plan.ts'
import type { ChildState } from './machine-state.ts'

/** An actor as far as the others of its turn need it. */
export interface Cell {
  readonly ref: AnyActorRef
  readonly snapshot: unknown
  readonly isStarted: boolean
  /** Not ended yet. */
  readonly isAlive: boolean
  start(): void
  send(event: TypedEvent): void
  stop(): void
  toChild(): ChildState
  /** A child of this one; undefined when it has none with this reference. */
  find(ref: AnyActorRef): Cell | undefined
  /** The actor at the end of a path of ids. */
  at?(path: readonly string[]): Cell | undefined
  /** A timer is due. False when nobody in here waits for it. */
  fire?(timer: string): boolean
  /** What came back from outside. */
  settle?(result: OutsideResult): void
}

export type OutsideResult = Extract<ActorEvent, { readonly kind: 'done' | 'failed' | 'sent' }>

/** What XState says of a child that is to be. */
export interface SpawnAsked {
  readonly id: unknown
  readonly actorRef: AnyActorRef | undefined
  readonly src: unknown
  readonly input: unknown
}

/** The machine around a child. */
export interface Around {
  readonly run: TurnRun
  readonly code: string | undefined
  readonly place: string | undefined
  readonly toParent: (event: TypedEvent) => void
}

/** Makes a new child, or the cell of one that was committed. */
export type MakeChild = (plan: MachinePlan, child: SpawnAsked | ChildState, around: Around) => Cell

const EVENTS_MAX = 10_000
const STARTS_MAX = 65_536

export class TurnRun implements TurnAmbient {
  readonly scope: TurnScope
  readonly effects: ActorEffect[] = []
  root: Cell | undefined
  #timers = 0
  #starts = 0
  #events = 0

  readonly makeChild: MakeChild

  constructor(scope: TurnScope, makeChild: MakeChild) {
    this.scope = scope
    this.makeChild = makeChild
  }

  timerName(id: string): string {
    this.#timers += 1
    return timerName(id, this.scope.turn, this.#timers)
  }

  generation(): number {
    this.#starts += 1
    if (this.#starts >= STARTS_MAX) throw endless('starts')
    return this.scope.turn * STARTS_MAX + this.#starts
  }

  /** Counts an event between the actors of this turn. */
  countEvent(): void {
    this.#events += 1
    if (this.#events > EVENTS_MAX) throw endless('events')
  }

  cellOf(ref: AnyActorRef): Cell | undefined {
    if (ref === rootSelf) return this.root
    const parent = parentOf(ref)
    return parent === undefined ? undefined : this.cellOf(parent)?.find(ref)
  }

  snapshotOf(ref: AnyActorRef | undefined): unknown {
    return ref === undefined ? this.root?.snapshot : this.cellOf(ref)?.snapshot
  }
}

function endless(what: string): NotDurableError {
  return new NotDurableError('turn', {
    rule: 'endless-turn',
    reason: `one turn had more than ${what === 'events' ? EVENTS_MAX : STARTS_MAX} ${what} between a machine and its children`,
    remedy: 'End the cycle, or let it go on in a later turn: send to the own address, or with a delay',
  })
}
