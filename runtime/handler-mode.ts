/**
 * Deliveries to a handler: return is ack, throw is nack.
 *
 * Owns: calling the handler, and what its end means. Leaves making the end durable to the desk.
 *
 * HM1. A message is acknowledged only after its handler returned, or called `ack` (G6).
 * HM2. A handler that outlives its lease is told by its signal; its message is not given to another before it ends.
 */
import { inspect } from 'node:util'
import { ClosedError } from '../persistence/index.ts'
import type { Reading } from './binding.ts'
import type { Delivery, Ending } from './delivery.ts'
import type { Desk } from './desk.ts'
import { DeadLetter, RetryAfter, StaleLeaseError, UndecodableError } from './errors.ts'
import { HandlerContext, type HandOver } from './handler-context.ts'
import type { Message } from './message.ts'
import type { Mode, Session } from './session.ts'

export type Handler<Value> = (message: Message<Value>, context: HandlerContext) => unknown

export class HandlerMode<Value> implements Mode {
  readonly #desk: Desk
  readonly #session: Session
  readonly #binding: Reading<Value>
  readonly #handler: Handler<Value>
  readonly #handOver: HandOver
  readonly isAway = false

  constructor(
    parts: { desk: Desk; binding: Reading<Value>; handOver: HandOver },
    session: Session,
    handler: Handler<Value>,
  ) {
    this.#desk = parts.desk
    this.#binding = parts.binding
    this.#handOver = parts.handOver
    this.#session = session
    this.#handler = handler
  }

  begin(delivery: Delivery): void {
    try {
      const message = this.#binding.message(delivery)
      delivery.message = message
      for (const interceptor of this.#desk.parts.hooks.onConsume) {
        interceptor.onConsume?.(message, this.#desk.parts.group)
      }
      const result = this.#handler(message, new HandlerContext(delivery, this.#handOver))
      if (!isThenable(result)) return this.#returned(delivery)
      result.then(
        () => this.#returned(delivery),
        (error: unknown) => this.#threw(delivery, error),
      )
    } catch (error) {
      this.#threw(delivery, error)
    }
  }

  expired(delivery: Delivery): void {
    delivery.abort(new StaleLeaseError('the lease is over; extend() it in time, or raise leaseMs'))
    this.#session.overran(delivery)
  }

  paused(): void {}

  ended(): void {}

  #returned(delivery: Delivery): void {
    if (delivery.state !== 'leased') return this.#session.free(delivery)
    if (delivery.staged.length === 0) {
      this.#desk.handled(delivery)
      return this.#session.free(delivery)
    }
    this.#desk.settle(delivery, { kind: 'ack' }).then(
      () => this.#session.free(delivery),
      (error: unknown) => this.#threw(delivery, error),
    )
  }

  #threw(delivery: Delivery, error: unknown): void {
    delivery.staged = []
    if (delivery.state === 'leased') {
      this.#desk.parts.hub.background(this.#desk.settle(delivery, endingOf(error)))
    }
    this.#session.free(delivery)
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}

function endingOf(error: unknown): Ending {
  if (error instanceof RetryAfter && Number.isFinite(error.delayMs) && error.delayMs >= 0) {
    return { kind: 'retry-after', delayMs: error.delayMs }
  }
  if (error instanceof DeadLetter) return { kind: 'dead', reason: error.message }
  if (error instanceof UndecodableError) return { kind: 'dead', reason: reasonOf(error) }
  if (error instanceof ClosedError) return { kind: 'release' }
  return { kind: 'nack', reason: reasonOf(error) }
}

/** The words of whatever was thrown. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : inspect(error)
}
