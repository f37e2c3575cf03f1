/**
 * What a definition of actors is, and the options that lead to one.
 *
 * Owns: the types that users meet, and what is inferred from a machine, a reducer, a schema, a topic.
 * Leaves to `define-actor.ts` the checks, to the runtime what the options of supervision do.
 */
import type { StandardSchemaV1 } from '@standard-schema/spec'
import type {
  AnyStateMachine,
  ContextFrom,
  EmittedFrom,
  EventFromLogic,
  InputFrom,
  OutputFrom,
  SnapshotFrom,
  StateValue,
} from 'xstate'
import type { ActorLogic, ActorStatus, ActorView, Address, TypedEvent } from './actor-logic.ts'
import type { ChildData, Timer } from './machine-state.ts'
import type { ReducerTurn } from './reducer-logic.ts'

/** The types of one kind of actor. */
export interface ActorTypes {
  readonly event: unknown
  readonly input: unknown
  readonly output: unknown
  /** For each event type that is answered, the type of the answer. */
  readonly replies: object
  readonly emitted: unknown
  /** What `snapshot()` gives. */
  readonly view: unknown
}

/** Immutable; any number of runtimes may use one. */
export interface ActorDefinition<TTypes extends ActorTypes = ActorTypes> {
  readonly name: string
  readonly version: number
  readonly logic: ActorLogic
  readonly schema: StandardSchemaV1<unknown, unknown> | undefined
  readonly subscriptions: readonly ActorSubscription[]
  readonly supervision: SupervisionOptions | undefined
  readonly effectTimeoutMs: number | undefined
  readonly idempotencyCount: number | undefined
  /** The address of one actor, for `deliver`, `sendTo` and a context: plain data. */
  at(key: string): Address<TTypes['event']>
  /** Never there; carries the types. */
  readonly '~types'?: TTypes
}

/** A subscription whose types were checked. */
export interface ActorSubscription {
  readonly topic: object
  readonly key: (message: never) => string
  readonly event: (message: never) => TypedEvent | undefined
}

/** What becomes of an event whose turn throws. */
export interface SupervisionOptions {
  /** So many tries, the first one included. Default 5. */
  readonly maxAttempts?: number
  /** Pause after the first failure, in milliseconds; doubles with each. Default 100. */
  readonly minDelayMs?: number
  /** The longest pause, in milliseconds. Default 60,000. */
  readonly maxDelayMs?: number
  /** After the last try: on to the next event (`skip`, the default), or wait for somebody (`park`). */
  readonly whenExhausted?: 'skip' | 'park'
}

/** A topic as far as a subscription looks at it. */
export interface SubscribedTopic<TValue> {
  readonly name: string
  readonly key: ((value: TValue) => string) | undefined
}

/** A message of a topic as the functions of a subscription see it. */
export interface TopicMessage<TValue> {
  readonly value: TValue
  readonly key: string | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** When it was stored, in milliseconds since 1970. */
  readonly timestamp: number
}

/** Feeds the messages of a topic to actors, each exactly once. */
export interface Subscription<TValue, TEvent> {
  readonly topic: SubscribedTopic<TValue>
  /** Which actor gets the message; not asked when there is no event. */
  readonly key: (message: TopicMessage<NoInfer<TValue>>) => string
  /** What the actor gets; undefined when the message concerns no actor of this kind: it is passed over. */
  readonly event: (message: TopicMessage<NoInfer<TValue>>) => TEvent | undefined
}

type Subscriptions<TValues extends readonly unknown[], TEvent> = {
  readonly [TIndex in keyof TValues]: Subscription<TValues[TIndex], TEvent>
}

/** Of all subscriptions: the values of their topics, and the events they are made into. */
interface FeedTypes {
  readonly values: readonly unknown[]
  readonly fed: unknown
}

interface CommonOptions<TEvent, TReplies extends object, TFeeds extends FeedTypes, TStored> {
  /** Raise it with every change that old states do not fit. Default 1. */
  readonly version?: number
  /** Makes of the state of an older version one of this version. Runs once per actor, at its first load. Pure. */
  readonly migrate?: (snapshot: TStored, fromVersion: number) => TStored
  /** Any Standard Schema of the events; what it refuses is not stored. */
  readonly schema?: StandardSchemaV1<unknown, TEvent>
  readonly subscriptions?: Subscriptions<TFeeds['values'], TFeeds['fed']>
  /** The types of the answers by event type; the value is never looked at: `replies: {} as { BALANCE: number }`. */
  readonly replies?: TReplies
  readonly supervision?: SupervisionOptions
  /** How long a promise may take before it counts as failed, in milliseconds. Default 300,000. */
  readonly effectTimeoutMs?: number
  /** How many idempotency keys, and the replies to them, are remembered. Default 10,000. */
  readonly idempotencyCount?: number
}

/** A machine's stored state, as `migrate` gets it: the persisted snapshot of XState, with its armed timers. */
export interface StoredMachine {
  readonly status: ActorStatus
  readonly value: StateValue
  readonly context: Readonly<Record<string, unknown>>
  readonly historyValue?: Readonly<Record<string, readonly { readonly id: string }[]>>
  readonly children?: Readonly<Record<string, ChildData>>
  /** By name; rename the `event` of one here when its event type has changed. */
  readonly timers?: Readonly<Record<string, Timer>>
  readonly output?: unknown
  readonly error?: unknown
}

/** A reducer's stored state, as `migrate` gets it. */
export interface StoredReducer {
  readonly status: ActorStatus
  readonly context?: unknown
  readonly timers?: Readonly<Record<string, Timer>>
  readonly output?: unknown
}

export interface MachineActorOptions<
  TMachine extends AnyStateMachine,
  TReplies extends object,
  TValues extends readonly unknown[],
  TFed,
> extends CommonOptions<EventFromLogic<TMachine>, TReplies, { values: TValues; fed: TFed }, StoredMachine> {
  /** An XState v5 machine, best written with `setup`. */
  readonly machine: TMachine
  readonly reducer?: undefined
  readonly initial?: undefined
}

export interface ReducerActorOptions<
  TTypes extends ReducerTypes,
  TReplies extends object,
  TValues extends readonly unknown[],
  TFed,
> extends CommonOptions<TTypes['event'], TReplies, { values: TValues; fed: TFed }, StoredReducer> {
  readonly machine?: undefined
  /** A synchronous function from state and event to the next state. It changes nothing in place. */
  readonly reducer: (
    state: TTypes['state'],
    event: TTypes['event'],
    turn: ReducerTurn<TTypes['event'], ValueOf<TReplies>, TTypes['emitted'], TTypes['output']>,
  ) => TTypes['state']
  /** The first state, or a function that makes it of the input. */
  readonly initial: TTypes['state'] | ((input: TTypes['input'], turn: ReducerTurn) => TTypes['state'])
}

export interface ReducerTypes {
  readonly state: unknown
  readonly event: TypedEvent
  readonly input: unknown
  readonly emitted: unknown
  readonly output: unknown
}

export type ValueOf<TReplies extends object> = [keyof TReplies] extends [never]
  ? unknown
  : TReplies[keyof TReplies]

/** The types of an actor that is a machine. */
export interface MachineTypes<TMachine extends AnyStateMachine, TReplies extends object> extends ActorTypes {
  readonly event: EventFromLogic<TMachine>
  readonly input: InputFrom<TMachine>
  readonly output: OutputFrom<TMachine>
  readonly replies: TReplies
  readonly emitted: EmittedFrom<TMachine>
  readonly view: MachineView<TMachine>
}

export interface MachineView<TMachine extends AnyStateMachine> {
  readonly status: ActorStatus
  readonly value: SnapshotFrom<TMachine>['value']
  readonly context: ContextFrom<TMachine>
  readonly output?: OutputFrom<TMachine>
  readonly error?: unknown
  /** Child machines and reducers by id. */
  readonly children?: Readonly<Record<string, ActorView>>
}

export interface ReducerView<TState, TOutput> {
  readonly status: ActorStatus
  readonly context: TState
  readonly output?: TOutput
}

/** The types of a definition: `TypesOf<typeof account>['event']`. */
export type TypesOf<TDefinition> = TDefinition extends ActorDefinition<infer TTypes> ? TTypes : never
/** The answer to an event; `unknown` when the definition does not say. */
export type ReplyTo<TTypes extends ActorTypes, TEvent> = TEvent extends { readonly type: infer TType }
  ? TType extends keyof TTypes['replies']
    ? TTypes['replies'][TType]
    : unknown
  : unknown
