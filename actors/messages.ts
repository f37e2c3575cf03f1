/**
 * Actions with which a machine reaches beyond itself: another durable actor, a topic, the asker.
 *
 * Owns: the helpers that users write. They are `sendTo` of XState with targets of ours.
 * Leaves to `machine-cell.ts` what they become: parts of the turn's commit.
 *
 * ME1. Target, event and delay are worked out inside the turn, from context and event.
 * ME2. What can be no message is refused where it is written, and a target that is no address in the turn.
 */
import { sendTo } from 'xstate'
import type {
  ActionArgs,
  ActionFunction,
  AnyActorRef,
  EventObject,
  MachineContext,
  ParameterizedObject,
} from 'xstate'
import type { Address, PublishOptions, TypedEvent } from './actor-logic.ts'
import { InvalidOptionError, NotDurableError } from './errors.ts'
import { anything, checkOptions, type Rules } from './option-check.ts'
import { isAddress, replyTarget, type Carrier, type TopicTarget } from './turn-target.ts'

type Params = ParameterizedObject['params'] | undefined

/** A value, or a function that makes it of context, event and params. */
type From<TArguments, TParams, TValue> = TValue | ((arguments_: TArguments, params: TParams) => TValue)

/** The events that an address takes. */
type EventOf<TAddress> =
  TAddress extends Address<infer TTo> ? (unknown extends TTo ? TypedEvent : TTo) : TypedEvent

type Action<
  TContext extends MachineContext,
  TExpressionEvent extends EventObject,
  TEvent extends EventObject,
  TParams extends Params,
> = ActionFunction<TContext, TExpressionEvent, TEvent, TParams, never, never, never, never, never>

/** `delay` in milliseconds; `id` for a later `cancel(id)`. */
export interface DeliverOptions {
  readonly id?: string
  readonly delay?: number
}

/**
 * An action that sends an event to another durable actor, in the commit of this turn. With `delay` it is sent later, at
 * the same time whatever restarts lie between.
 *
 * @throws InvalidEventError in the turn, when the event has no type or a type of XState's own.
 * @throws InvalidOptionError when an option is unknown. NotDurableError (`unknown-target`) when `to` is no address, or, in
 *     the turn, gives none.
 * @example
 * actions: deliver(({ context }) => account.at(context.to), ({ event }) => ({ type: 'DEPOSIT', amount: event.amount }))
 */
export function deliver<
  TContext extends MachineContext,
  TExpressionEvent extends EventObject,
  TParams extends Params,
  TEvent extends EventObject,
  TAddress extends Address<never> | Address<TypedEvent>,
  const TSent extends EventOf<TAddress>,
>(
  to: From<ActionArgs<TContext, TExpressionEvent, TEvent>, TParams, TAddress>,
  event: From<ActionArgs<TContext, TExpressionEvent, TEvent>, TParams, TSent>,
  options?: DeliverOptions,
): Action<TContext, TExpressionEvent, TEvent, TParams> {
  checkOptions(options, DELIVER_RULES, 'deliver')
  return send(addressOf(to), event, options)
}

const DELIVER_RULES: Rules = { id: anything, delay: anything }

/** XState takes no target for the machine itself. */
function addressOf(to: unknown): unknown {
  if (typeof to !== 'function') return checkedAddress(to)
  const make = to as (...both: unknown[]) => unknown
  return (...both: unknown[]) => checkedAddress(make(...both))
}

function checkedAddress(to: unknown): unknown {
  if (isAddress(to)) return to
  throw new NotDurableError('deliver', {
    rule: 'unknown-target',
    reason: `the target is ${to === null ? 'null' : typeof to}, and no address of an actor`,
    remedy: 'Give one: deliver(definition.at(key), event), or a function that gives one',
  })
}

/**
 * An action that sends a value to a topic, in the commit of this turn. The schema of the topic checks it at the commit.
 *
 * @throws InvalidOptionError when `value` is no function. UnstorableError in the turn, when JSON would change the value and
 *     the topic has no codec of its own.
 * @example
 * actions: publish(invoices, ({ context }) => ({ order: context.id, total: context.total }))
 */
export function publish<
  TContext extends MachineContext,
  TExpressionEvent extends EventObject,
  TParams extends Params,
  TEvent extends EventObject,
>(
  topic: object | string,
  value: (arguments_: ActionArgs<TContext, TExpressionEvent, TEvent>, params: TParams) => unknown,
  options?: PublishOptions,
): Action<TContext, TExpressionEvent, TEvent, TParams> {
  checkMaker(value, 'publish', 'publish(topic, ({ context }) => context.total)')
  const target: TopicTarget = { '~target': 'topic', topic, options }
  return send(target, carrier(value), undefined)
}

/**
 * An action that answers the `ask` which brought the event of this turn. The answer is committed with the turn. When the
 * event came by `send`, it goes nowhere.
 *
 * @throws InvalidOptionError when `value` is no function. UnstorableError in the turn, when JSON would change the value.
 * @example
 * on: { BALANCE: { actions: reply(({ context }) => context.balance) } }
 */
export function reply<
  TContext extends MachineContext,
  TExpressionEvent extends EventObject,
  TParams extends Params,
  TEvent extends EventObject,
>(
  value: (arguments_: ActionArgs<TContext, TExpressionEvent, TEvent>, params: TParams) => unknown,
): Action<TContext, TExpressionEvent, TEvent, TParams> {
  checkMaker(value, 'reply', 'reply(({ context }) => context.total)')
  return send(replyTarget, carrier(value), undefined)
}

function checkMaker(value: unknown, where: string, how: string): void {
  if (typeof value === 'function') return
  throw new InvalidOptionError(`${where}: the value must come from a function: ${how}`, NOT_WRITTEN)
}

const NOT_WRITTEN = { outcome: 'not-written' } as const

function carrier(value: (...both: never) => unknown): (...both: unknown[]) => Carrier {
  const make = value as (...both: unknown[]) => unknown
  return (...both) => ({ type: 'unlost.value', value: make(...both) })
}

/** XState hands any target through to the executor; only its types want an actor. */
function send(to: unknown, event: unknown, options: DeliverOptions | undefined): never {
  return sendTo(to as AnyActorRef, event as never, options as never) as never
}
