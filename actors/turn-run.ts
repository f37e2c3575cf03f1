/**
 * One turn under way: the actors that take part in it, and what they ask for.
 *
 * Owns: the effects in order, names of timers and starts, the bound on a turn, finding an actor by its reference.
 * Leaves to the cells what each actor does.
 *
 * TU1. Names of timers and generations of starts are made of the turn and a counter: each is used once, and the same
 *      turn gives the same ones.
 * TU2. A turn ends: actors that send to each other, start each other or arm timers without end are stopped by an error,
 *      and nothing has changed.
 * TU3. A child that a turn makes is known to the turn from the moment on when XState has made its reference.
 */
import type { AnyActorRef } from 'xstate'
import type { ActorEffect, ActorEvent, TurnScope, TypedEvent } from './actor-logic.ts'
import { NotDurableError } from './errors.ts'
import { parentOf, rootSelf, type TurnAmbient } from './live-system.ts'
import { SystemIds } from './system-ids.ts'
import { timerName } from './timer-names.ts'
import type { MachinePlan } from './machine-plan.ts'
import type { ChildState, MachineState } from './machine-state.ts'

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
  /** Of a `spawn`, whose caller holds the reference: it may be without an id of the user's. */
  readonly isHeld: boolean
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
const TIMERS_MAX = 10_000

export class TurnRun implements TurnAmbient {
  readonly scope: TurnScope
  readonly effects: ActorEffect[] = []
  readonly #before: MachineState | undefined
  #systemIds: SystemIds | undefined
  root: Cell | undefined
  made: AnyActorRef | undefined
  #born: Map<AnyActorRef, Cell> | undefined
  #timers = 0
  #starts = 0
  #events = 0
  #ids = 0

  readonly makeChild: MakeChild

  /** `before` is the committed state; none of an actor that begins. */
  constructor(scope: TurnScope, makeChild: MakeChild, before?: MachineState) {
    this.scope = scope
    this.makeChild = makeChild
    this.#before = before
  }

  get systemIds(): SystemIds {
    return (this.#systemIds ??= new SystemIds(this.#before))
  }

  /** In the form of XState's own. */
  bookId(): string {
    this.#ids += 1
    return `x:${this.scope.turn}:${this.#ids}`
  }

  timerName(id: string): string {
    this.#timers += 1
    if (this.#timers > TIMERS_MAX) throw endless(TIMERS_MAX, 'timers')
    return timerName(id, this.scope.turn, this.#timers)
  }

  generation(): number {
    this.#starts += 1
    if (this.#starts >= STARTS_MAX) throw endless(STARTS_MAX, 'starts')
    return this.scope.turn * STARTS_MAX + this.#starts
  }

  /** Counts an event between the actors of this turn. */
  countEvent(): void {
    this.#events += 1
    if (this.#events > EVENTS_MAX) throw endless(EVENTS_MAX, 'events')
  }

  /** A child is there, although the machine around it may still be in the making. */
  born(cell: Cell): Cell {
    this.#born ??= new Map()
    this.#born.set(cell.ref, cell)
    return cell
  }

  cellOf(ref: AnyActorRef): Cell | undefined {
    if (ref === rootSelf) return this.root
    const known = this.#born?.get(ref)
    if (known !== undefined) return known
    const parent = parentOf(ref)
    return parent === undefined ? undefined : this.cellOf(parent)?.find(ref)
  }

  snapshotOf(ref: AnyActorRef | undefined): unknown {
    return ref === undefined ? this.root?.snapshot : this.cellOf(ref)?.snapshot
  }

  /** The system ids of an actor that is to stop, and of all below it, are free at once. */
  release(ref: AnyActorRef): void {
    const { children = {} } = (this.snapshotOf(ref) ?? {}) as { readonly children?: object }
    for (const child of Object.values(children) as AnyActorRef[]) this.release(child)
    this.systemIds.release(ref)
  }
}

function endless(count: number, what: string): NotDurableError {
  return new NotDurableError('turn', {
    rule: 'endless-turn',
    reason: `one turn had more than ${count} ${what} of a machine and its children`,
    remedy: 'End the cycle, or let it go on in a later turn: send to the own address, or with a delay',
  })
}
