/**
 * The logic of an actor that is written as an XState machine.
 *
 * Owns: a turn from the event to the state after it, loading with migration, what runs and what is armed.
 * Leaves the machine's steps to `machine-cell.ts`, the forms of state to `machine-state.ts`.
 *
 * ML1. A turn gives the states, outputs, emitted events and timers that a live actor of XState gives.
 * ML2. The state a turn was given is as before, whether it ends or throws.
 * ML3. A stored state of another version goes through `migrate`, if there is one; none is taken that does not fit.
 * ML4. An actor that has ended takes no event.
 */
import type { AnyMachineSnapshot } from 'xstate'
import type {
  ActionCode,
  ActorEffect,
  ActorEvent,
  ActorLogic,
  ActorView,
  ArmedTimer,
  LoadedState,
  Runnable,
  StartEffect,
  StoredState,
  TurnResult,
  TurnScope,
} from './actor-logic.ts'
import { canonicalJson } from './canonical-json.ts'
import { makeChild } from './child-cell.ts'
import { bounded } from './endless-turn.ts'
import { isSilent, takeLightly } from './light-turn.ts'
import { rootSelf, within } from './live-system.ts'
import { MachineCell } from './machine-cell.ts'
import type { ChildPlan, MachinePlan } from './machine-plan.ts'
import { hashOf } from './machine-shape.ts'
import { NONE, dataOf, refAsData, stateOf, type MachineData, type MachineState } from './machine-state.ts'
import { orphansOf, runningIn, timersIn, viewOf } from './machine-view.ts'
import { runnableOf } from './outside-code.ts'
import { splitPlace } from './places.ts'
import { readStored, type Upgrade } from './stored-state.ts'
import { TurnRun } from './turn-run.ts'

const NOTHING: readonly ActorEffect[] = Object.freeze([])

export class MachineLogic implements ActorLogic {
  readonly name: string
  readonly version: number
  readonly hash: string
  readonly #plan: MachinePlan
  readonly #upgrade: Upgrade

  constructor(plan: MachinePlan, upgrade: Upgrade) {
    this.name = upgrade.name
    this.version = upgrade.version
    this.hash = hashOf(JSON.stringify(hashesOf(plan, new Set())))
    this.#plan = plan
    this.#upgrade = upgrade
  }

  get config(): object {
    return this.#plan.machine.config
  }

  begin(scope: TurnScope, input: unknown): TurnResult {
    const run = new TurnRun(scope, makeChild)
    return within(run, () => {
      const root = bounded(() => MachineCell.begin(this.#plan, { run, ref: rootSelf }, input))
      run.root = root
      bounded(() => root.start())
      return resultOf(run, root.toState(), true)
    })
  }

  turn(scope: TurnScope, state: LoadedState, event: ActorEvent): TurnResult {
    const before = state as MachineState
    if (before.status !== 'active') return { state, effects: NOTHING, handled: false, ...endOf(before) }
    const first = isLight(before, event)
      ? bounded(() => takeLightly(this.#plan, scope, { snapshot: before.snapshot, event: event.event }))
      : undefined
    if (isSilent(first)) return lightResult(before, first.next)
    const run = new TurnRun(scope, makeChild, before)
    return within(run, () => {
      const root = MachineCell.revive(this.#plan, { run, ref: rootSelf }, before)
      run.root = root
      root.first = first
      bounded(() => dispatch(root, event))
      const after = root.toState()
      return resultOf(run, after, after !== before || run.effects.length > 0)
    })
  }

  save(state: LoadedState): string {
    let hasRefs = false
    const replace = (value: object): unknown => {
      const data = refAsData(value)
      hasRefs ||= data !== undefined
      return data
    }
    const text = canonicalJson(dataOf(state as MachineState, this.#plan), 'state', replace) ?? '{}'
    return hasRefs ? `refs${text}` : text
  }

  load(stored: StoredState): LoadedState {
    return readStored(stored, this.#upgrade, {
      hash: this.hash,
      revive: (data, how) => stateOf(this.#plan, data as MachineData, how),
    })
  }

  view(state: LoadedState): ActorView {
    return viewOf(state as MachineState)
  }

  running(state: LoadedState): readonly StartEffect[] {
    return runningIn(state as MachineState)
  }

  timers(state: LoadedState): readonly ArmedTimer[] {
    return timersIn(state as MachineState)
  }

  orphans(state: LoadedState): readonly ArmedTimer[] {
    return orphansOf(state as MachineState, this.#plan)
  }

  runnable(src: string): Runnable | undefined {
    const { plan, last } = this.#find(src)
    const child: ChildPlan | undefined = plan?.child(last)
    return child?.kind === 'outside' ? runnableOf(child.logic) : undefined
  }

  action(name: string): ActionCode | undefined {
    const { plan, last } = this.#find(name)
    return plan?.action(last)
  }

  /** The machine that a name of code leads to, and the last part of the name. */
  #find(name: string): { readonly plan: MachinePlan | undefined; readonly last: string } {
    const parts = splitPlace(name)
    const last = parts.pop() ?? ''
    let plan: MachinePlan | undefined = this.#plan
    for (const src of parts) {
      const child: ChildPlan | undefined = plan?.child(src)
      plan = child?.kind === 'machine' ? child.plan : undefined
    }
    return { plan, last }
  }
}

/** Whether nobody but the machine itself can take part in the turn. */
function isLight(
  { children }: MachineState,
  event: ActorEvent,
): event is Extract<ActorEvent, { readonly kind: 'event' }> {
  return event.kind === 'event' && children === NONE
}

function lightResult(before: MachineState, snapshot: AnyMachineSnapshot): TurnResult {
  const handled = snapshot !== before.snapshot
  const { status, children, timers } = before
  return {
    state: handled ? { status, snapshot, children, timers } : before,
    effects: NOTHING,
    handled,
    status,
  }
}

function dispatch(root: MachineCell, event: ActorEvent): void {
  switch (event.kind) {
    case 'event':
      root.send(event.event)
      return
    case 'timer':
      root.fire(event.timer)
      return
    case 'done':
    case 'failed':
    case 'sent':
      root.at(splitPlace(event.effect))?.settle?.(event)
  }
}

function resultOf(run: TurnRun, state: MachineState, handled: boolean): TurnResult {
  return { state, effects: run.effects, handled, ...endOf(state) }
}

function endOf({ status, snapshot }: MachineState): Pick<TurnResult, 'status' | 'output' | 'error'> {
  if (status === 'done') return { status, output: snapshot.output as unknown }
  if (status === 'error') return { status, error: snapshot.error }
  return { status }
}

/** The structure of a machine and of the machines inside it. */
function hashesOf(plan: MachinePlan, seen: Set<MachinePlan>): unknown {
  if (seen.has(plan)) return 'again'
  seen.add(plan)
  return [plan.shape.hash, plan.machines().map(([src, child]) => [src, hashesOf(child, seen)])]
}
