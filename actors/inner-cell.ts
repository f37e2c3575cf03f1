/**
 * What every actor inside a turn does in the same way, machine or not: take events, settle, end.
 *
 * Owns: the life of one actor within a turn, in the order that XState's own actors keep.
 * Leaves to `machine-cell.ts` and `pure-cell.ts` the step itself and what it asks for.
 *
 * IC1. What a step asks for by name happens after the step, in order; then the parent hears of an end.
 * IC2. The error of a child is an event for its parent, as data; the error of the root ends the turn.
 * IC3. An actor that has ended takes no event.
 */
import type { AnyActorRef } from 'xstate'
import type { ActorStatus, TypedEvent } from './actor-logic.ts'
import { NotDurableError, dataOfError } from './errors.ts'
import { TurnMailbox } from './mailbox.ts'
import type { ChildSite } from './outside-cell.ts'
import type { TurnRun } from './turn-run.ts'

/** Of the root there is no site around it. */
export interface CellSite extends Partial<Omit<ChildSite, 'run' | 'ref'>> {
  readonly run: TurnRun
  readonly ref: AnyActorRef
}

interface AnySnapshot {
  readonly status: ActorStatus
  readonly output?: unknown
  readonly error?: unknown
}

const STOP = 'xstate.stop'

export abstract class InnerCell<TSnapshot extends AnySnapshot> {
  readonly site: CellSite
  snapshot: TSnapshot
  #phase: 'created' | 'running' | 'stopped'
  #deferred: (() => void)[] = []
  #mailbox: TurnMailbox<TypedEvent>

  protected constructor(site: CellSite, snapshot: TSnapshot, isNew: boolean) {
    this.site = site
    this.snapshot = snapshot
    this.#phase = isNew ? 'created' : snapshot.status === 'active' ? 'running' : 'stopped'
    this.#mailbox = new TurnMailbox((event: TypedEvent) => this.#process(event), !isNew)
  }

  protected abstract step(event: TypedEvent): TSnapshot
  protected abstract withError(error: unknown): TSnapshot
  /** Nothing of this actor may fire any more. */
  protected abstract dropTimers(): void
  /** Those it begins with start before anything else of it happens. */
  protected abstract startChildren(): void

  get ref(): AnyActorRef {
    return this.site.ref
  }

  get isStarted(): boolean {
    return this.#phase === 'running'
  }

  get isAlive(): boolean {
    return this.#phase !== 'stopped'
  }

  /** For after the step under way. */
  protected later(work: () => void): void {
    this.#deferred.push(work)
  }

  start(): void {
    if (this.#phase !== 'created') return
    this.#phase = 'running'
    if (this.snapshot.status === 'error') return this.#fail(this.snapshot.error)
    if (this.snapshot.status === 'active') this.startChildren()
    this.#settle(this.snapshot)
    if (this.isStarted) this.#mailbox.open()
  }

  send(event: TypedEvent): void {
    if (this.#phase === 'stopped') return
    this.site.run.countEvent()
    this.#mailbox.add(event)
  }

  stop(): void {
    this.#mailbox.clear()
    if (this.#phase === 'created') this.#phase = 'stopped'
    else this.send({ type: STOP })
  }

  #process(event: TypedEvent): void {
    if (this.#phase !== 'running') return
    const next = this.#stepOrFail(event)
    if (next === undefined) return
    this.#settle(next)
    if (event.type === STOP) this.#end()
  }

  #stepOrFail(event: TypedEvent): TSnapshot | undefined {
    try {
      return this.step(event)
    } catch (error) {
      if (this.site.toParent === undefined || error instanceof NotDurableError) throw error
      this.#deferred = []
      this.#fail(error)
      return undefined
    }
  }

  #settle(next: TSnapshot): void {
    this.snapshot = next
    for (let work = this.#deferred.shift(); work !== undefined; work = this.#deferred.shift()) work()
    const { id, sync, toParent } = this.site
    if (next.status === 'active') {
      if (sync === true) toParent?.({ type: `xstate.snapshot.${id}`, snapshot: next } as TypedEvent)
    } else if (next.status === 'done') {
      this.#end()
      toParent?.({ type: `xstate.done.actor.${id}`, output: next.output, actorId: id } as TypedEvent)
    } else if (next.status === 'error') {
      this.#fail(next.error)
    }
  }

  #fail(error: unknown): void {
    const { id, toParent } = this.site
    const data = dataOfError(error)
    this.snapshot = this.withError(data)
    this.#end()
    toParent?.({ type: `xstate.error.actor.${id}`, error: data, actorId: id } as TypedEvent)
  }

  #end(): void {
    if (this.#phase !== 'running') return
    this.dropTimers()
    this.#mailbox.clear()
    this.#phase = 'stopped'
    this.site.run.systemIds.release(this.ref)
  }
}
