/**
 * A child that is a pure function: `fromTransition`, or any logic that starts nothing.
 *
 * Owns: stepping it. Leaves its life to `inner-cell.ts`.
 *
 * PC1. It is part of the turn of the machine around it, and of its state.
 */
import type { AnyActorLogic, AnyActorRef, AnyActorScope } from 'xstate'
import type { TypedEvent } from './actor-logic.ts'
import { InnerCell, type CellSite } from './inner-cell.ts'
import { turnSystem } from './live-system.ts'
import type { ChildState, PureSnapshot } from './machine-state.ts'
import type { ChildSite } from './outside-cell.ts'

export class PureCell extends InnerCell<PureSnapshot> {
  readonly #logic: AnyActorLogic
  readonly #scope: AnyActorScope

  private constructor(logic: AnyActorLogic, site: CellSite, start: PureStart) {
    const scope = scopeOf(site.ref)
    const snapshot = 'state' in start ? start.state : initial(logic, scope, start.input)
    super(site, snapshot, !('state' in start))
    this.#logic = logic
    this.#scope = scope
  }

  static begin(logic: AnyActorLogic, site: ChildSite, input: unknown): PureCell {
    return new PureCell(logic, site, { input })
  }

  static revive(logic: AnyActorLogic, site: ChildSite, state: PureSnapshot): PureCell {
    return new PureCell(logic, site, { state })
  }

  find(): undefined {
    return undefined
  }

  protected override step(event: TypedEvent): PureSnapshot {
    return this.#logic.transition(this.snapshot, event, this.#scope) as PureSnapshot
  }

  protected override withError(error: unknown): PureSnapshot {
    return { ...this.snapshot, status: 'error', error }
  }

  protected override dropTimers(): void {}

  protected override startChildren(): void {}

  toChild(): ChildState {
    const { ref, src = '', sync = false } = this.site
    return { kind: 'pure', ref, src, sync, state: this.snapshot }
  }
}

type PureStart = { readonly input: unknown } | { readonly state: PureSnapshot }

function initial(logic: AnyActorLogic, scope: AnyActorScope, input: unknown): PureSnapshot {
  try {
    return logic.getInitialSnapshot(scope, input) as PureSnapshot
  } catch (error) {
    return { status: 'error', error }
  }
}

function scopeOf(self: AnyActorRef): AnyActorScope {
  return {
    self,
    id: self.id,
    sessionId: self.sessionId,
    system: turnSystem,
    logger: ignore,
    defer: ignore,
    emit: ignore,
    stopChild: ignore,
    actionExecutor: ignore,
  }
}

function ignore(): void {}
