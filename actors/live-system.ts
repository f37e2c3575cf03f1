/**
 * What user code sees of the actor system during a turn: `self`, `system`, references to children.
 *
 * Owns: one inert system of XState that all turns share, and what a reference means.
 * Leaves to `turn-run.ts` who is in a turn.
 *
 * LS1. Nothing here can start, schedule or send: an attempt is refused by name, never lost.
 * LS2. `system.now()`, `system.random()` and `system.id()` are those of the turn.
 */
import { createActor, fromTransition } from 'xstate'
import type { AnyActorLogic, AnyActorRef } from 'xstate'
import type { TurnScope } from './actor-logic.ts'
import { NotDurableError } from './errors.ts'
import { SYSTEM_ID } from './machine-refusals.ts'

/** What the turn under way offers. Turns are synchronous, so there is one at a time. */
export interface TurnAmbient {
  readonly scope: TurnScope
  /** The state of an actor of this turn; undefined for one that is not of it. */
  snapshotOf(ref: AnyActorRef | undefined): unknown
}

let ambient: TurnAmbient | undefined

/** Runs `work` as a part of a turn, also inside another one. */
export function within<TResult>(turn: TurnAmbient, work: () => TResult): TResult {
  const outer = ambient
  ambient = turn
  try {
    return work()
  } finally {
    ambient = outer
  }
}

function scopeNow(): TurnScope {
  if (ambient === undefined) throw new NotDurableError('system', OUTSIDE)
  return ambient.scope
}

const OUTSIDE = {
  rule: 'send-in-turn',
  reason: 'the time, chance and ids of a turn exist only during the turn',
  remedy: 'Take them inside an assign or an expression of an action, and keep them in the context',
} as const

const SENT = {
  rule: 'send-in-turn',
  reason: 'a send by hand during a turn would not be a part of its commit',
  remedy: 'Use the actions raise, sendTo or deliver',
} as const

const inert = createActor(fromTransition((state: object) => state, {}))

function refuseSend(): never {
  throw new NotDurableError('send', SENT)
}

/** XState notes a `systemId` when it makes a reference, so also that of a child which only the turn asks for. */
function refuseSystemId(systemId: string): never {
  throw new NotDurableError(`system id '${systemId}'`, SYSTEM_ID)
}

/** What the system of a durable actor offers beyond XState's own: to user code it is `system`. */
export interface TurnSystem {
  now(): number
  random(): number
  id(): string
}

/** Shared by all turns; reads what differs from the turn under way. */
export const turnSystem: AnyActorRef['system'] & TurnSystem = Object.assign(
  Object.create(inert.system) as typeof inert.system,
  {
    _relay: refuseSend,
    _set: refuseSystemId,
    now: () => scopeNow().nowMs,
    random: () => scopeNow().random(),
    id: () => scopeNow().id(),
  },
)

const rootMembers = {
  system: turnSystem,
  send: refuseSend,
  sessionId: 'durable',
  src: undefined,
  getSnapshot: () => ambient?.snapshotOf(undefined),
  // Also of one that somebody finds in a committed state, outside of any turn.
  toJSON: () => ({ xstate$$type: 1, id: 'self' }),
}

/** `self` of every durable actor itself; its id and address are those of the turn. */
export const rootSelf = Object.create(inert, {
  ...Object.fromEntries(Object.entries(rootMembers).map(([name, value]) => [name, { value }])),
  _parent: { value: undefined, writable: true },
  address: { get: () => scopeNow().address },
  id: { get: () => `${scopeNow().address.actor}/${scopeNow().address.key}` },
}) as AnyActorRef

/** A logic that does nothing: XState makes references of it, whose state is ours. */
export const stubLogic: AnyActorLogic = {
  transition: (state: unknown) => state,
  getInitialSnapshot: () => ({ status: 'active', output: undefined, error: undefined }),
  getPersistedSnapshot: (state: unknown) => state,
} as unknown as AnyActorLogic

/** When a child was made: tells it from an earlier one under its id. */
const births = new WeakMap<AnyActorRef, number>()

/** Undefined for the actor itself, and for a child of a state that did not note it yet. */
export function bornOf(ref: AnyActorRef): number | undefined {
  return births.get(ref)
}

/** A reference to a child as XState makes them when it spawns. */
export function makeRef(
  parent: AnyActorRef,
  id: string,
  { src, born }: { readonly src: string; readonly born: number | undefined },
): AnyActorRef {
  return adopt(createActor(stubLogic, { id, parent, src } as object), born)
}

/** Makes a reference answer with the state that the turn under way knows. */
export function adopt(ref: AnyActorRef, born: number | undefined): AnyActorRef {
  if (born !== undefined) births.set(ref, born)
  ref.getSnapshot = () => ambient?.snapshotOf(ref)
  return ref
}

/** The ids from the root down to a reference; undefined for what is no reference of a durable actor. */
export function pathOfRef(value: unknown): readonly string[] | undefined {
  const path: string[] = []
  let at: unknown = value
  while (at !== rootSelf) {
    if (!isRef(at)) return undefined
    path.unshift(at.id)
    at = parentOf(at)
  }
  return path
}

/** XState gives every reference its parent, under a name of its own. */
export function parentOf(ref: AnyActorRef): AnyActorRef | undefined {
  return Reflect.get(ref, '_parent') as AnyActorRef | undefined
}

function isRef(value: unknown): value is AnyActorRef {
  return typeof value === 'object' && value !== null && 'sessionId' in value && '_parent' in value
}
