/**
 * The declaration of a kind of actor: its name, what it does, and how it is upgraded.
 *
 * Owns: `defineActor` and its checks. Leaves running actors to the runtime, turns to the two kinds of logic.
 *
 * DA1. A definition is immutable and holds no state; any number of runtimes may use it.
 * DA2. A wrong option, a misspelt one and a machine that cannot be durable are refused here, before anything is opened.
 * DA3. An address is plain data and the same for the same key.
 */
import type { AnyStateMachine, EventFromLogic } from 'xstate'
import type {
  ActorDefinition,
  ActorSubscription,
  MachineActorOptions,
  MachineTypes,
  ReducerActorOptions,
  ReducerView,
} from './actor-definition.ts'
import type { ActorLogic, Address, TypedEvent } from './actor-logic.ts'
import { InvalidOptionError, NotDurableError } from './errors.ts'
import { MachineLogic } from './machine-logic.ts'
import { checkStatic } from './machine-refusals.ts'
import { isMachine, planMachine, type MachinePlan } from './machine-plan.ts'
import {
  anything,
  callable,
  checkName,
  checkOptions,
  oneOf,
  record,
  wholeNumber,
  type Rule,
} from './option-check.ts'
import { ReducerLogic, type ReducerCode } from './reducer-logic.ts'
import type { Upgrade } from './stored-state.ts'

/**
 * Declares a kind of actor. Declaring does nothing on disk; open the runtime with `{ actors: [definition] }`.
 *
 * Machine or reducer, everything of one turn is one record on disk: the new state, the events to other actors and to
 * topics, replies, timers. What cannot be made durable in a machine is refused here, with the reason and the remedy.
 *
 * @param name 1 to 127 of letters, digits and `. _ : @ ~ -`; part of every address, so it stays over all versions.
 * @throws InvalidOptionError when the name or an option is wrong.
 * @throws NotDurableError when the machine asks for something that cannot survive a restart.
 * @example
 * const account = defineActor('account', { machine: accountMachine, version: 2, migrate: (snapshot) => snapshot })
 * @example
 * const counter = defineActor('counter', {
 *   initial: { count: 0 },
 *   reducer: (state, event: { type: 'ADD'; by: number }) => ({ count: state.count + event.by }),
 * })
 */
export function defineActor<
  TMachine extends AnyStateMachine,
  TReplies extends object = object,
  const TValues extends readonly unknown[] = [],
  const TFed extends EventFromLogic<TMachine> = EventFromLogic<TMachine>,
>(
  name: string,
  options: MachineActorOptions<TMachine, TReplies, TValues, TFed>,
): ActorDefinition<MachineTypes<TMachine, TReplies>>
export function defineActor<
  TState,
  TEvent extends TypedEvent,
  TInput = unknown,
  TEmitted = TypedEvent,
  TOutput = unknown,
  TReplies extends object = object,
  const TValues extends readonly unknown[] = [],
  const TFed extends TEvent = TEvent,
>(
  name: string,
  options: ReducerActorOptions<
    { state: TState; event: TEvent; input: TInput; emitted: TEmitted; output: TOutput },
    TReplies,
    TValues,
    TFed
  >,
): ActorDefinition<{
  event: TEvent
  input: TInput
  output: TOutput
  replies: TReplies
  emitted: TEmitted
  view: ReducerView<TState, TOutput>
}>
export function defineActor(name: string, options: object | undefined): ActorDefinition {
  checkName(name, 'the name of an actor')
  const where = `defineActor('${name}')`
  checkOptions(options, RULES, where)
  const given = (options ?? {}) as GivenOptions
  const definition = Object.freeze({
    name,
    version: given.version ?? 1,
    logic: logicOf(name, given, where),
    schema: given.schema,
    subscriptions: Object.freeze([...(given.subscriptions ?? [])]),
    supervision: given.supervision === undefined ? undefined : Object.freeze({ ...given.supervision }),
    effectTimeoutMs: given.effectTimeoutMs,
    idempotencyCount: given.idempotencyCount,
    at: (key: string): Address<never> => addressOf(name, key),
  })
  return definition
}

/** The options once their types have been checked by value. */
interface GivenOptions extends Pick<Partial<ActorDefinition>, 'version' | 'schema' | 'supervision'> {
  readonly machine?: AnyStateMachine
  readonly reducer?: ReducerCode['reduce']
  readonly initial?: unknown
  readonly migrate?: Upgrade['migrate']
  readonly subscriptions?: readonly ActorSubscription[]
  readonly effectTimeoutMs?: number
  readonly idempotencyCount?: number
}

function logicOf(name: string, options: GivenOptions, where: string): ActorLogic {
  const upgrade: Upgrade = { name, version: options.version ?? 1, migrate: options.migrate }
  const { machine, reducer } = options
  if ((machine === undefined) === (reducer === undefined)) {
    throw new InvalidOptionError(`${where}: give either 'machine' or 'reducer'`)
  }
  if (machine !== undefined) {
    if ('initial' in options)
      throw new InvalidOptionError(`${where}: 'initial' belongs to a reducer; a machine has its own`)
    return new MachineLogic(planOf(machine, where), upgrade)
  }
  if (!('initial' in options))
    throw new InvalidOptionError(`${where}: a reducer needs 'initial', its first state`)
  if (typeof options.initial !== 'function')
    checkStatic(options.initial, where, { name: 'initial', how: 'initial: () => ({ … })' })
  return new ReducerLogic(reducerCode(reducer as ReducerCode['reduce'], options.initial), upgrade)
}

/** XState finds some mistakes only when it looks at a state: a target or an initial state that does not exist. */
function planOf(machine: AnyStateMachine, where: string): MachinePlan {
  try {
    return planMachine(machine, where)
  } catch (cause) {
    if (cause instanceof NotDurableError) throw cause
    const words = cause instanceof Error ? cause.message : String(cause)
    throw new InvalidOptionError(`${where}: XState refuses the machine: ${words}`, { cause })
  }
}

function reducerCode(reduce: ReducerCode['reduce'], initial: unknown): ReducerCode {
  if (typeof initial === 'function') return { reduce, initial: initial as ReducerCode['initial'] }
  return { reduce, initial: () => structuredClone(initial) }
}

/** @throws InvalidOptionError when the key is no text, or none at all. */
function addressOf(actor: string, key: string): Address<never> {
  if (typeof key !== 'string' || key === '') {
    throw new InvalidOptionError(`the key of an actor '${actor}' must be a text that is not empty`)
  }
  return { actor, key }
}

const machineRule: Rule = (value, where) => {
  if (isMachine(value)) return
  throw new InvalidOptionError(`${where} must be a machine of XState 5: setup({ … }).createMachine({ … })`)
}

const schemaRule: Rule = (value, where) => {
  const isObject = (typeof value === 'object' || typeof value === 'function') && value !== null
  if (isObject && Reflect.get(value, '~standard') !== undefined) return
  throw new InvalidOptionError(`${where} must be a Standard Schema (zod, valibot, arktype …)`)
}

const topicRule: Rule = (value, where) => {
  if (typeof value === 'object' && value !== null && 'name' in value && 'partitions' in value) return
  throw new InvalidOptionError(`${where} must be a topic that defineTopic made`)
}

const subscriptionsRule: Rule = (value, where) => {
  if (!Array.isArray(value))
    throw new InvalidOptionError(`${where} must be an array of { topic, key, event }`)
  value.forEach((each: unknown, index) => checkSubscription(each, `${where}[${index}]`))
}

function checkSubscription(value: unknown, where: string): void {
  record({ topic: topicRule, key: callable, event: callable })(value, where)
  const lacking = ['topic', 'key', 'event'].find((name) => Reflect.get(value as object, name) === undefined)
  if (lacking !== undefined) throw new InvalidOptionError(`${where} lacks '${lacking}'`)
}

const RULES = {
  machine: machineRule,
  reducer: callable,
  initial: anything,
  version: wholeNumber(1),
  migrate: callable,
  schema: schemaRule,
  subscriptions: subscriptionsRule,
  replies: anything,
  supervision: record({
    maxAttempts: wholeNumber(1, 1000),
    minDelayMs: wholeNumber(0),
    maxDelayMs: wholeNumber(0),
    whenExhausted: oneOf('skip', 'park'),
  }),
  effectTimeoutMs: wholeNumber(1),
  idempotencyCount: wholeNumber(0, 10_000_000),
} as const
