/**
 * A promise, a callback or an observable, as a turn sees it: started and stopped by effects, run by somebody else.
 *
 * Owns: its state and its effects. Leaves running it to `outside-code.ts` and the host.
 *
 * OU1. What was stopped in the turn that spawned it is never started.
 * OU2. A result of an earlier start of the same place changes nothing.
 */
import type { AnyActorRef } from 'xstate'
import type { TypedEvent } from './actor-logic.ts'
import { bornOf } from './live-system.ts'
import type { ChildState, OutsideState } from './machine-state.ts'
import type { Around, Cell, OutsideResult } from './turn-run.ts'

/** A child and the machine around it. */
export interface ChildSite extends Around {
  readonly id: string
  readonly ref: AnyActorRef
  readonly src: string
  readonly sync: boolean
  /** Its place inside the actor, and the name of its code from the root machine on. */
  readonly place: string
  readonly code: string
}

export class OutsideCell implements Cell {
  readonly #site: ChildSite
  #state: OutsideState
  #phase: 'created' | 'running' | 'stopped'

  /** `state` of one that was committed; none for a new one. */
  constructor(site: ChildSite, state: OutsideState | { readonly input: unknown }) {
    this.#site = site
    const isOld = 'generation' in state
    const generation = bornOf(site.ref) ?? site.run.generation()
    this.#state = isOld ? state : { status: 'active', generation, input: state.input }
    this.#phase = !isOld ? 'created' : state.status === 'active' ? 'running' : 'stopped'
  }

  get ref(): AnyActorRef {
    return this.#site.ref
  }

  get snapshot(): OutsideState {
    return this.#state
  }

  find(): undefined {
    return undefined
  }

  start(): void {
    if (this.#phase !== 'created') return
    this.#phase = 'running'
    const { generation, input } = this.#state
    const { place, code, run, id, sync } = this.#site
    run.effects.push({
      kind: 'start',
      effect: place,
      generation,
      src: code,
      input,
      child: id,
      snapshots: sync,
    })
  }

  send(event: TypedEvent): void {
    if (this.#phase !== 'running') return
    const { place, run } = this.#site
    run.effects.push({ kind: 'tell', effect: place, generation: this.#state.generation, event })
  }

  get isStarted(): boolean {
    return this.#phase === 'running'
  }

  get isAlive(): boolean {
    return this.#phase !== 'stopped'
  }

  stop(): void {
    if (this.#phase === 'running') {
      const { place, run } = this.#site
      run.effects.push({ kind: 'stop', effect: place, generation: this.#state.generation })
      this.#state = { status: 'stopped', generation: this.#state.generation }
    }
    this.#phase = 'stopped'
  }

  /** What came back from outside. */
  settle(result: OutsideResult): void {
    const { id, toParent } = this.#site
    const { generation } = this.#state
    if (result.generation !== generation || this.#phase !== 'running') return
    if (result.kind === 'sent') return toParent(result.event)
    this.#phase = 'stopped'
    this.#site.run.systemIds.release(this.ref)
    if (result.kind === 'done') {
      this.#state = { status: 'done', generation, output: result.output }
      return toParent({ type: `xstate.done.actor.${id}`, output: result.output, actorId: id } as TypedEvent)
    }
    this.#state = { status: 'error', generation, error: result.error }
    toParent({ type: `xstate.error.actor.${id}`, error: result.error, actorId: id } as TypedEvent)
  }

  toChild(): ChildState {
    const { ref, src, sync } = this.#site
    return { kind: 'outside', ref, src, sync, state: this.#state }
  }
}
