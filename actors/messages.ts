/**
 * Actions with which a machine reaches beyond itself: another durable actor, a topic, the asker.
 *
 * Owns: the helpers that users write. They are `sendTo` of XState with targets of ours.
 * Leaves to `machine-cell.ts` what they become: parts of the turn's commit.
 *
 * ME1. Target, event and delay are worked out inside the turn, from context and event.
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
import { replyTarget, type Carrier, type TopicTarget } from './turn-target.ts'

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
  return send(to, event, options)
}

/**
 * An action that sends a value to a topic, in the commit of this turn. The schema of the topic checks it at the commit.
 *
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
  const target: TopicTarget = { '~target': 'topic', topic, options }
  return send(target, carrier(value), undefined)
}

/**
 * An action that answers the `ask` which brought the event of this turn. The answer is committed with the turn. When the
 * event came by `send`, it goes nowhere.
 *
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
  return send(replyTarget, carrier(value), undefined)
}

function carrier(value: (...both: never) => unknown): (...both: unknown[]) => Carrier {
  const make = value as (...both: unknown[]) => unknown
  return (...both) => ({ type: 'unlost.value', value: make(...both) })
}

/** XState hands any target through to the executor; only its types want an actor. */
function send(to: unknown, event: unknown, options: DeliverOptions | undefined): never {
  return sendTo(to as AnyActorRef, event as never, options as never) as never
}
