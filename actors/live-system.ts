/**
 * What user code sees of the actor system during a turn: `self`, `system`, references to children.
 *
 * Owns: one inert system of XState that all turns share, and what a reference means.
 * Leaves to `turn-run.ts` who is in a turn.
 *
 * LS1. Nothing here can start, schedule or send: an attempt is refused by name, never lost.
 * LS2. `system.now()`, `system.random()` and `system.id()` are those of the turn.
 * LS3. A reference runs no code of its logic: XState makes one by making the first state of what it refers to, which is ours.
 * LS4. The ids that XState gives are of the turn and a counter: each is given once in the life of an actor, and the same turn
 *      gives the same ones.
 */
import { createActor, fromTransition } from 'xstate'
import type { AnyActorLogic, AnyActorRef } from 'xstate'
import type { TurnScope } from './actor-logic.ts'
import { NotDurableError } from './errors.ts'

/** What the turn under way offers. Turns are synchronous, so there is one at a time. */
export interface TurnAmbient {
  readonly scope: TurnScope
  readonly systemIds: {
    take(id: string, ref: AnyActorRef): void
    get(id: string): AnyActorRef | undefined
    all(): Record<string, AnyActorRef>
  }
  /** The reference that XState made last. */
  made: AnyActorRef | undefined
  /** The state of an actor of this turn; undefined for one that is not of it. */
  snapshotOf(ref: AnyActorRef | undefined): unknown
  /** A new id for a reference. */
  bookId(): string
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

function turnNow(): TurnAmbient {
  if (ambient === undefined) throw new NotDurableError('system', OUTSIDE)
  return ambient
}

const OUTSIDE = {
  rule: 'send-in-turn',
  reason: 'the time, chance and ids of a turn exist only during the turn',
  remedy: 'Take them inside an assign or an expression of an action, and keep them in the context',
} as const

/** What code that runs outside of turns gets when it looks for others of its actor. */
export function refuseSystem(systemId?: string): never {
  throw new NotDurableError(`system.get('${String(systemId)}')`, NO_SYSTEM)
}

const NO_SYSTEM = {
  rule: 'send-in-turn',
  reason: 'who has a systemId is known only during a turn',
  remedy:
    'Send from the machine: sendTo(({ system }) => system.get(id), event); or let what runs outside tell its parent',
} as const

const SENT = {
  rule: 'send-in-turn',
  reason: 'a send by hand during a turn would not be a part of its commit',
  remedy: 'Use the actions raise, sendTo or deliver',
} as const

const inert = createActor(fromTransition((state: object) => state, {}))
const bookAnyId = Reflect.get(inert.system, '_bookId') as () => string

function refuseSend(): never {
  throw new NotDurableError('send', SENT)
}

/** XState tells of a reference just before it makes its first state. */
function noteMade({ type, actorRef }: { readonly type: string; readonly actorRef: AnyActorRef }): void {
  if (type !== '@xstate.actor') return
  Reflect.set(actorRef, 'logic', stubLogic)
  if (ambient !== undefined) ambient.made = actorRef
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
    _bookId: () => ambient?.bookId() ?? Reflect.apply(bookAnyId, inert.system, []),
    _sendInspectionEvent: noteMade,
    _set: (id: string, ref: AnyActorRef) => turnNow().systemIds.take(id, ref),
    get: (id: string) => turnNow().systemIds.get(id),
    getAll: () => turnNow().systemIds.all(),
    now: () => turnNow().scope.nowMs,
    random: () => turnNow().scope.random(),
    id: () => turnNow().scope.id(),
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
  address: { get: () => turnNow().scope.address },
  id: { get: () => `${turnNow().scope.address.actor}/${turnNow().scope.address.key}` },
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

export interface RefSpec {
  readonly src: string
  readonly born: number | undefined
  readonly systemId?: string | undefined
}

/** A reference to a child as XState makes them when it spawns. */
export function makeRef(parent: AnyActorRef, id: string, { src, born, systemId }: RefSpec): AnyActorRef {
  const ref = adopt(createActor(stubLogic, { id, parent, src } as object), born)
  return systemId === undefined ? ref : Object.assign(ref, { systemId })
}

/** Makes a reference answer with the state that the turn under way knows, and bear a session id that a restart keeps. */
export function adopt(ref: AnyActorRef, born: number | undefined): AnyActorRef {
  if (born !== undefined) births.set(Object.assign(ref, { sessionId: `x:${born}` }), born)
  ref.getSnapshot = () => ambient?.snapshotOf(ref)
  return ref
}

/** XState keeps it on the reference; undefined for one without. */
export function systemIdOf(ref: AnyActorRef): string | undefined {
  return (ref as { readonly systemId?: string }).systemId
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
