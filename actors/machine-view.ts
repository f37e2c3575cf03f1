/**
 * Looks into the state of a machine: what users see, what runs outside, which timers are armed.
 *
 * Owns: the walks over a state and its children. Changes nothing.
 *
 * MV1. What runs and what is armed is told for the children too, in the order of the children.
 * MV2. A timer is an orphan when the machine that would get its event has no state that takes it.
 */
import type { AnyMachineSnapshot } from 'xstate'
import type { ActorStatus, ActorView, ArmedTimer, StartEffect } from './actor-logic.ts'
import type { MachinePlan } from './machine-plan.ts'
import type { ChildState, MachineState, Timer } from './machine-state.ts'
import { joinPlace } from './places.ts'

export function viewOf({ status, snapshot, children }: MachineState): ActorView {
  const { value, context, output, error } = snapshot as AnyMachineSnapshot & { readonly output: unknown }
  const views = Object.entries(children).flatMap(([id, child]) => {
    const view = viewOfChild(child)
    return view === undefined ? [] : [[id, view] as const]
  })
  return {
    status,
    value,
    context: context as unknown,
    ...(output !== undefined && { output }),
    ...(error !== undefined && { error: error }),
    ...(views.length > 0 && { children: Object.fromEntries(views) }),
  }
}

function viewOfChild(child: ChildState): ActorView | undefined {
  if (child.kind === 'machine') return viewOf(child.state)
  return child.kind === 'pure' ? (child.state as ActorView & { readonly status: ActorStatus }) : undefined
}

export function runningIn(state: MachineState): StartEffect[] {
  return walk(state, [], []).flatMap(({ path, code, child }) => {
    if (child.kind !== 'outside' || child.state.status !== 'active') return []
    const { generation, input } = child.state
    const names = { effect: joinPlace(path), src: joinPlace(code), child: path.at(-1) ?? '' }
    return [{ kind: 'start', ...names, generation, input, snapshots: child.sync } as const]
  })
}

interface Found {
  readonly path: readonly string[]
  readonly code: readonly string[]
  readonly child: ChildState
}

function walk(state: MachineState, path: readonly string[], code: readonly string[]): Found[] {
  return Object.entries(state.children).flatMap(([id, child]) => {
    const found = { path: [...path, id], code: [...code, child.src], child }
    return child.kind === 'machine' ? [found, ...walk(child.state, found.path, found.code)] : [found]
  })
}

export function timersIn(state: MachineState): ArmedTimer[] {
  const own = Object.entries(state.timers).map(([timer, { event }]) => ({ timer, event }))
  return [...own, ...machinesIn(state).flatMap((child) => timersIn(child.state))]
}

function machinesIn(state: MachineState): Extract<ChildState, { readonly kind: 'machine' }>[] {
  return Object.values(state.children).filter((child) => child.kind === 'machine')
}

export function orphansOf(state: MachineState, plan: MachinePlan): ArmedTimer[] {
  const own = Object.entries(state.timers)
    .filter(([, timer]) => !isTaken(timer, plan))
    .map(([timer, { event }]) => ({ timer, event }))
  const below = machinesIn(state).flatMap((child) => {
    const how = plan.child(child.src)
    return how?.kind === 'machine' ? orphansOf(child.state, how.plan) : []
  })
  return [...own, ...below]
}

function isTaken({ event, to }: Timer, plan: MachinePlan): boolean {
  return to !== undefined || plan.shape.takes(event.type)
}
