/**
 * The state of a machine with its children and timers: in memory, and as data.
 *
 * Owns: the forms of both, and the way there and back. Leaves their text to `canonical-json.ts`.
 *
 * ST1. Back from its data, a state behaves as before: value, context, history, children, timers, references.
 * ST2. Loading enters no state and runs no code of the user.
 * ST3. What does not fit the machine is refused, and the refusal names what.
 */
import type { AnyActorRef, AnyActorScope, AnyMachineSnapshot } from 'xstate'
import type { ActorStatus, Address, LoadedState, PublishOptions, TypedEvent } from './actor-logic.ts'
import { UnfitStateError } from './errors.ts'
import { bornOf, makeRef, pathOfRef, rootSelf, systemIdOf } from './live-system.ts'
import type { MachinePlan } from './machine-plan.ts'
import type { ReviveHow } from './stored-state.ts'

/** A reference as data: the ids from the root down, and when that child was made, if it is one. */
export interface RefData {
  readonly path: readonly string[]
  readonly born?: number | undefined
}

/** Who gets the event of a timer that is not for the machine that armed it. */
export type TimerTarget =
  RefData | { readonly address: Address } | { readonly topic: string; readonly options?: PublishOptions }

export interface Timer {
  /** The id that `cancel` names. */
  readonly id: string
  readonly event: TypedEvent
  readonly to?: TimerTarget
  /** Another one of the same id has fired or was cancelled since: no `cancel` reaches this one. */
  readonly loose?: boolean
}

export type Timers = Readonly<Record<string, Timer>>

export interface MachineState extends LoadedState {
  readonly snapshot: AnyMachineSnapshot
  readonly children: Readonly<Record<string, ChildState>>
  readonly timers: Timers
}

interface AnyChild {
  readonly ref: AnyActorRef
  readonly src: string
  /** The parent wants each of its snapshots as an event. */
  readonly sync: boolean
}

export interface PureSnapshot {
  readonly status: ActorStatus
  readonly context?: unknown
  readonly output?: unknown
  readonly error?: unknown
}

/** A promise or the like: how far it is. */
export interface OutsideState {
  readonly status: ActorStatus
  readonly generation: number
  readonly input?: unknown
  readonly output?: unknown
  readonly error?: unknown
}

export type ChildState =
  | (AnyChild & { readonly kind: 'machine'; readonly state: MachineState })
  | (AnyChild & { readonly kind: 'pure'; readonly state: PureSnapshot })
  | (AnyChild & { readonly kind: 'outside'; readonly state: OutsideState })

/** A machine's state as data. The names are those of XState's persisted snapshot; `timers` is ours. */
export interface MachineData {
  readonly status: ActorStatus
  readonly value: unknown
  readonly context: unknown
  readonly historyValue?: Readonly<Record<string, readonly { readonly id: string }[]>> | undefined
  readonly children?: Readonly<Record<string, ChildData>> | undefined
  readonly timers?: Timers | undefined
  /** The active states in their order, and the value they belong to, where XState would restore another order. */
  readonly order?: readonly string[] | undefined
  readonly output?: unknown
  readonly error?: unknown
}

export interface ChildData {
  readonly src: string
  readonly syncSnapshot?: boolean | undefined
  /** When it was made; of what runs outside its generation says so. */
  readonly born?: number | undefined
  readonly systemId?: string | undefined
  readonly snapshot: unknown
}

export const NONE: Readonly<Record<string, never>> = Object.freeze({})

/** A live reference inside a context becomes this, and back. */
const REF = 'unlost~ref'

export function refAsData(value: object): unknown {
  const data = refDataOf(value)
  return data === undefined ? undefined : { [REF]: data.path, born: data.born }
}

/** Undefined for what is no reference. */
export function refDataOf(value: unknown): RefData | undefined {
  const path = pathOfRef(value)
  return path === undefined ? undefined : { path, born: bornOf(value as AnyActorRef) }
}

export function dataOf({ snapshot, children, timers }: MachineState, plan: MachinePlan): MachineData {
  const { status, value, context, historyValue, output, error } = snapshot as AnyMachineSnapshot & {
    readonly output: unknown
  }
  // Sorted by key, as its text is.
  return {
    children: isEmpty(children) ? undefined : mapValues(children, (child) => childDataOf(child, plan)),
    context: context as unknown,
    error: error,
    historyValue: isEmpty(historyValue)
      ? undefined
      : historyOf(historyValue as Record<string, { id: string }[]>),
    order: plan.orderOf(snapshot),
    output,
    status,
    timers: isEmpty(timers) ? undefined : timers,
    value,
  }
}

function isEmpty(record: object): boolean {
  for (const _ in record) return false
  return true
}

function historyOf(history: Record<string, readonly { readonly id: string }[]>): MachineData['historyValue'] {
  return mapValues(history, (nodes) => nodes.map(({ id }) => ({ id })))
}

function childDataOf(child: ChildState, plan: MachinePlan): ChildData {
  const how = plan.child(child.src)
  const isMachine = child.kind === 'machine' && how?.kind === 'machine'
  const snapshot = isMachine ? dataOf(child.state, how.plan) : child.state
  const born = child.kind === 'outside' ? undefined : bornOf(child.ref)
  const systemId = systemIdOf(child.ref)
  return { born, snapshot, src: child.src, syncSnapshot: child.sync || undefined, systemId }
}

function mapValues<TFrom, TTo>(
  record: Readonly<Record<string, TFrom>>,
  map: (value: TFrom, key: string) => TTo,
): Record<string, TTo> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]))
}

/** Revives a state. `hasRefs` tells whether its text held references at all. */
export function stateOf(plan: MachinePlan, data: MachineData, how: ReviveHow): MachineState {
  const state = build(plan, data, { self: rootSelf, isKnown: how.isKnown })
  if (how.hasRefs) reviveRefs(state, state)
  return state
}

interface Site {
  readonly self: AnyActorRef
  readonly isKnown: boolean
}

function build(plan: MachinePlan, data: MachineData, site: Site): MachineState {
  const { self, isKnown } = site
  if (!isKnown) checkFit(plan, data)
  const persisted = { ...data, children: {}, historyValue: data.historyValue ?? {} }
  const scope = { self } as AnyActorScope
  const snapshot = plan.machine.restoreSnapshot(persisted as never, scope) as AnyMachineSnapshot
  plan.restoreOrder(snapshot, data)
  // XState drops the history of a state that had no active child.
  const empty = Object.entries(data.historyValue ?? NONE).filter(([, past]) => past.length === 0)
  Object.assign(snapshot.historyValue, Object.fromEntries(empty))
  if (data.children === undefined)
    return { status: data.status, snapshot, children: NONE, timers: data.timers ?? NONE }
  const children = mapValues(data.children, (child, id) => buildChild(plan, child, { id, ...site }))
  const refs = mapValues(children, ({ ref }) => ref)
  Object.assign(snapshot.children as Record<string, AnyActorRef>, refs)
  return { status: data.status, snapshot, children, timers: data.timers ?? NONE }
}

function buildChild(
  plan: MachinePlan,
  { src, syncSnapshot, born, systemId, snapshot }: ChildData,
  { id, self, isKnown }: Site & { readonly id: string },
): ChildState {
  const child = plan.child(src)
  if (child === undefined) throw new UnfitStateError(`child '${id}': there is no actor '${src}' to run it`)
  const made = child.kind === 'outside' ? (snapshot as OutsideState).generation : born
  const base = { ref: makeRef(self, id, { src, born: made, systemId }), src, sync: syncSnapshot ?? false }
  if (child.kind === 'machine') {
    return {
      ...base,
      kind: 'machine',
      state: build(child.plan, snapshot as MachineData, { self: base.ref, isKnown }),
    }
  }
  if (child.kind === 'pure') return { ...base, kind: 'pure', state: snapshot as PureSnapshot }
  return { ...base, kind: 'outside', state: snapshot as OutsideState }
}

function checkFit(plan: MachinePlan, data: MachineData): void {
  const wrong = typeof data !== 'object' || data === null ? 'it is no snapshot' : plan.shape.unfit(data.value)
  if (wrong !== undefined) throw new UnfitStateError(`machine '${plan.machine.id}': ${wrong}`)
  const nodes = Object.entries(data.historyValue ?? NONE).flatMap(([id, past]) => [
    id,
    ...past.map((p) => p.id),
  ])
  const lost = nodes.find((id) => !plan.shape.hasNode(id))
  if (lost === undefined) return
  throw new UnfitStateError(
    `machine '${plan.machine.id}': the history names state '${lost}', which does not exist`,
  )
}

function reviveRefs(state: MachineState, root: MachineState): void {
  const { context, output } = state.snapshot
  const held = { context: context as unknown, output: output as unknown, timers: state.timers }
  revive(held, root)
  Object.assign(state.snapshot, { output: held.output })
  for (const child of Object.values(state.children)) {
    if (child.kind === 'machine') reviveRefs(child.state, root)
    else revive(child.state as unknown as Record<string, unknown>, root)
  }
}

/** The data was parsed a moment ago and belongs to nobody else yet, so it may be changed in place. */
function revive(part: Record<string, unknown>, root: MachineState): void {
  for (const [key, value] of Object.entries(part)) {
    if (typeof value !== 'object' || value === null) continue
    if (REF in value) part[key] = refAt({ path: value[REF], ...value } as RefData, root)
    else revive(value as Record<string, unknown>, root)
  }
}

/** A child that has gone is nobody, also when another one has its id by now. */
function refAt({ path, born }: RefData, root: MachineState): AnyActorRef {
  let ref = rootSelf
  let around = rootSelf
  let at: MachineState | undefined = root
  for (const id of path) {
    const child: ChildState | undefined = at?.children[id]
    around = ref
    ref = child?.ref ?? makeRef(around, id, { src: '', born })
    at = child?.kind === 'machine' ? child.state : undefined
  }
  return isSame(ref, born) ? ref : makeRef(around, ref.id, { src: '', born })
}

/** Whether a reference is the one that was written down. */
export function isSame(ref: AnyActorRef, born: number | undefined): boolean {
  return born === undefined || bornOf(ref) === born
}
