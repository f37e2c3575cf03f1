/**
 * What the host sees of an actor, whatever its behaviour is written in: pure functions over state that is data.
 *
 * Owns: the words between `actors/` and the host: events in, effects out, state as text.
 * Leaves to `machine-logic.ts` and `reducer-logic.ts` how a turn comes about; to the host mailboxes, commits, clocks.
 *
 * AL1. Everything here is synchronous and pure: the same state, event and scope give the same result, letter for letter.
 * AL2. A call that throws has changed nothing: the state it was given stays as it was.
 * AL3. Effects are in the order in which the behaviour asked for them.
 */

/** Where mail goes: a definition's name and a key. Plain data; may be kept in a context. */
export interface Address<TEvent = unknown> {
  readonly actor: string
  readonly key: string
  /** Never there; carries the type of the events. */
  readonly '~event'?: TEvent
}

/** `done`, `error` and `stopped` are final: such an actor takes no further turn. */
export type ActorStatus = 'active' | 'done' | 'error' | 'stopped'

/** Anything with a type, as XState has it. */
export interface TypedEvent {
  readonly type: string
}

/** What the outside may deliver to a turn. All but `event` are made by the host and cannot be forged by a user's mail. */
export type ActorEvent =
  /** Mail: from a user, another actor, a topic. Checked at the door by `checkEvent`. */
  | { readonly kind: 'event'; readonly event: TypedEvent }
  /** An armed timer is due. One that is armed no longer changes nothing. */
  | { readonly kind: 'timer'; readonly timer: string }
  /** A started effect settled. A result whose `generation` is no longer running changes nothing. */
  | { readonly kind: 'done'; readonly effect: string; readonly generation: number; readonly output: unknown }
  | {
      readonly kind: 'failed'
      readonly effect: string
      readonly generation: number
      readonly error: unknown
    }
  /** A running callback sent an event to the machine that started it. */
  | {
      readonly kind: 'sent'
      readonly effect: string
      readonly generation: number
      readonly event: TypedEvent
    }

/** An error as data, because it has to survive a restart. `dataOfError` makes one; what is JSON already stays as it is. */
export interface ErrorData {
  readonly name: string
  readonly message: string
  readonly code?: string | number
}

/** Committed state, as the host stores it. */
export interface StoredState {
  readonly version: number
  readonly hash: string
  /** What `save` gave. */
  readonly text: string
}

/** A state in memory. Opaque to the host apart from this; immutable, so keep it as long as you like. */
export interface LoadedState {
  readonly status: ActorStatus
}

/** What a turn may know of the world. Deterministic: made from the mail and the address. */
export interface TurnScope {
  readonly address: Address
  /** When the mail was accepted, in milliseconds since 1970; never the time of the retry. */
  readonly nowMs: number
  /** The commit sequence of this actor: 1 for the first turn. Grows by at least one with each turn. */
  readonly turn: number
  /** In [0, 1), seeded by address and turn. */
  random(): number
  /** A new id, seeded by address and turn. */
  id(): string
}

export interface TurnResult {
  readonly state: LoadedState
  readonly effects: readonly ActorEffect[]
  /** False when the event meant nothing in this state: nothing changed and nothing was asked for. */
  readonly handled: boolean
  readonly status: ActorStatus
  /** With status `done`. */
  readonly output?: unknown
  /** With status `error`: what failed, as data. */
  readonly error?: unknown
}

/** Options of one message to a topic; the host gives them their meaning. */
export interface PublishOptions {
  readonly key?: string
  /** Instead of the partition of the key; counted from 0. */
  readonly partition?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Delivered not before so many milliseconds after the turn. */
  readonly delayMs?: number
  /** Delivered not before this time, in milliseconds since 1970. Not together with `delayMs`. */
  readonly deliverAt?: number
  readonly messageId?: string
}

/** To another durable actor, or to itself through the mailbox. A delayed one is a timer first. */
export interface DeliverEffect {
  readonly kind: 'deliver'
  readonly to: Address
  readonly event: TypedEvent
}

export interface PublishEffect {
  readonly kind: 'publish'
  /** A topic that `defineTopic` made, or its name. */
  readonly topic: unknown
  readonly value: unknown
  readonly options?: PublishOptions
}

/** To the `ask` with which this event came; without one it goes nowhere. */
export interface ReplyEffect {
  readonly kind: 'reply'
  readonly value: unknown
}

/** To those who subscribe to this actor. */
export interface EmitEffect {
  readonly kind: 'emit'
  readonly event: TypedEvent
}

/**
 * Due `delayMs` after `nowMs` of the turn. The name is used once in the life of an actor. The state itself knows
 * what the timer means; `event` is for those who look.
 */
export interface ArmEffect {
  readonly kind: 'arm'
  readonly timer: string
  readonly event: TypedEvent
  readonly delayMs: number
}

/** Only of what was armed. */
export interface CancelEffect {
  readonly kind: 'cancel'
  readonly timer: string
}

/** A promise or a callback, to run after the commit, at least once. `logic.runnable(src)` has the code. */
export interface StartEffect {
  readonly kind: 'start'
  /** The place: one effect runs in it at a time. */
  readonly effect: string
  /** Which start of that place this is; comes back with the result. Grows. */
  readonly generation: number
  readonly src: string
  readonly input: unknown
  /** The id of the child in its machine, and whether the machine wants its snapshots (`onSnapshot`). */
  readonly child: string
  readonly snapshots: boolean
}

export interface StopEffect {
  readonly kind: 'stop'
  readonly effect: string
  readonly generation: number
}

/** An event for a running callback; lost when it does not run, as in XState. */
export interface TellEffect {
  readonly kind: 'tell'
  readonly effect: string
  readonly generation: number
  readonly event: TypedEvent
}

export interface LogEffect {
  readonly kind: 'log'
  readonly label: string | undefined
  readonly value: unknown
}

/** A custom action. `name`, `params`, `context` and `event` are enough to run it again: `logic.action(name)`. */
export interface ActionEffect {
  readonly kind: 'action'
  /** Stable over restarts: the name in `setup`, or the place in the machine for a function written in line. */
  readonly name: string
  readonly params: unknown
  readonly context: unknown
  readonly event: TypedEvent
  /** The user wrote `unconfirmed: true` in the params: runs before the commit, perhaps without one. */
  readonly unconfirmed: boolean
}

export type ActorEffect =
  | DeliverEffect
  | PublishEffect
  | ReplyEffect
  | EmitEffect
  | ArmEffect
  | CancelEffect
  | StartEffect
  | StopEffect
  | TellEffect
  | LogEffect
  | ActionEffect

/** Code of an action. The host makes `self` and `system`; they are handed on as they are. */
export type ActionCode = (
  info: {
    readonly context: unknown
    readonly event: TypedEvent
    readonly self: unknown
    readonly system: unknown
  },
  params: unknown,
) => unknown

/** What a run of outside code may tell. All of it becomes mail of the actor, except `emit`. */
export interface RunReport {
  done(output: unknown): void
  /** `error` as data, see `dataOfError`. */
  failed(error: unknown): void
  sent(event: TypedEvent): void
}

export interface RunArguments {
  readonly input: unknown
  /** Stable: the same for every try of one start. User code reads it with `effectId(self)`. */
  readonly id: string
  /** As the start effect has them. */
  readonly child: string
  readonly snapshots: boolean
  readonly report: RunReport
}

/** Code that runs outside of turns: a promise, a callback, an observable. */
export interface Running {
  /** True for a promise, which has to settle; false for a callback or an observable, which may go on for ever. */
  readonly settles: boolean
  tell(event: TypedEvent): void
  /** Aborts the promise's signal, calls the callback's clean-up. Nothing is reported afterwards. */
  stop(): void
}

/** Starts outside code. Reports may come before it returns. */
export type Runnable = (arguments_: RunArguments) => Running

/** A timer that the state waits for. */
export interface ArmedTimer {
  readonly timer: string
  readonly event: TypedEvent
}

/** What users see of a committed state. */
export interface ActorView {
  readonly status: ActorStatus
  /** The state value of a machine; absent for a reducer. */
  readonly value?: unknown
  /** The context of a machine, the state of a reducer. */
  readonly context: unknown
  readonly output?: unknown
  readonly error?: unknown
  /** Child machines and reducers by id. Promises and callbacks have no state of their own. */
  readonly children?: Readonly<Record<string, ActorView>>
}

export interface ActorLogic {
  readonly name: string
  readonly version: number
  /** Of the structure (states, events, delays …): differs when stored state may not fit. */
  readonly hash: string
  /** The config of its machine, for those who look. */
  readonly config?: object
  /**
   * The first state of an actor, and what its entry asks for.
   * @throws what the user's code throws.
   */
  begin(scope: TurnScope, input: unknown): TurnResult
  /**
   * From committed text, through `migrate` where version or hash differ.
   * @throws UnfitStateError when they do not fit this definition; MigrationError when `migrate` fails.
   */
  load(stored: StoredState): LoadedState
  /**
   * Canonical JSON: same state, same text.
   * @throws UnstorableError by path for what JSON would lose (Date, Map, BigInt …).
   */
  save(state: LoadedState): string
  /**
   * One event. A state that is not active is given back as it is, unhandled.
   * @throws what the user's code throws; RefusedInTurnError for what cannot be durable and shows only now.
   */
  turn(scope: TurnScope, state: LoadedState, event: ActorEvent): TurnResult
  view(state: LoadedState): ActorView
  /** The promises and callbacks that this state waits for: to start after a restart, and after a migration. */
  running(state: LoadedState): readonly StartEffect[]
  /** `src` of a start. Undefined after an upgrade that dropped it. */
  runnable(src: string): Runnable | undefined
  /** `name` of an action effect. Undefined after an upgrade that dropped it. */
  action(name: string): ActionCode | undefined
  /** The timers that this state waits for. */
  timers(state: LoadedState): readonly ArmedTimer[]
  /** Those of them that mean nothing to this definition, after an upgrade that renamed their event. */
  orphans(state: LoadedState): readonly ArmedTimer[]
}
