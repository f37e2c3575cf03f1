/**
 * Deliveries to a loop: `for await (const message of consumer)`.
 *
 * Owns: handing leased messages out one by one, and giving back what the loop left.
 * Leaves slots and leases to the session.
 *
 * IT1. A message that the loop got is settled by the loop, or by the end of its lease; its slot is taken until then.
 * IT2. Leaving the loop gives back every message that was not settled, without burning its attempt.
 * IT3. What was leased and not handed out burns no attempt, however slow the loop is: its lease begins when it is
 *     handed out, and what waits too long for that goes back.
 */
import type { UnlostError } from '../persistence/index.ts'
import type { Reading } from './binding.ts'
import type { Delivery } from './delivery.ts'
import type { Desk } from './desk.ts'
import { StaleLeaseError, UndecodableError } from './errors.ts'
import { Fifo } from './fifo.ts'
import { reasonOf } from './handler-mode.ts'
import type { Message } from './message.ts'
import type { Mode, Session } from './session.ts'

type Result<Value> = IteratorResult<Message<Value>, undefined>

interface Waiter<Value> {
  readonly resolve: (result: Result<Value>) => void
  readonly reject: (error: unknown) => void
}

export class Iteration<Value> implements Mode, AsyncIterableIterator<Message<Value>, undefined> {
  readonly #desk: Desk
  readonly #session: Session
  readonly #binding: Reading<Value>
  readonly #ready = new Fifo<Delivery>()
  readonly #out = new Set<Delivery>()
  readonly #waiters = new Fifo<Waiter<Value>>()
  #isEnded = false
  #isAway = false
  /** The loop was left: what is leased from now on goes back at once. */
  #isLeft = false
  #failure: UnlostError | undefined

  constructor(desk: Desk, binding: Reading<Value>, session: Session) {
    this.#desk = desk
    this.#binding = binding
    this.#session = session
  }

  begin(delivery: Delivery): void {
    this.#out.add(delivery)
    delivery.onEnd = () => {
      this.#out.delete(delivery)
      this.#session.free(delivery)
    }
    if (this.#isLeft) return this.#desk.parts.hub.background(this.giveBack())
    this.#ready.push(delivery)
    this.#serve()
  }

  expired(delivery: Delivery): void {
    const { hub } = this.#desk.parts
    this.#isAway = this.#waiters.size === 0
    if (delivery.message === undefined) hub.background(this.#release([delivery]))
    else hub.background(this.#desk.expire(delivery))
  }

  paused(): void {
    this.#desk.parts.hub.background(this.giveBackWaiting())
  }

  ended(error: UnlostError | undefined): void {
    this.#isEnded = true
    this.#failure = error
    // The drain took too long: nobody watches these leases any more.
    if (error === undefined) this.#desk.parts.hub.background(this.giveBack())
    this.#serve()
  }

  /** The loop let a lease run out, and has not asked for a message since. */
  get isAway(): boolean {
    return this.#isAway
  }

  next(): Promise<Result<Value>> {
    if (this.#isAway) this.#desk.wake()
    this.#isAway = false
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject })
      this.#serve()
    })
  }

  /** The loop was left. */
  async return(): Promise<Result<Value>> {
    this.#session.drain()
    await this.giveBack()
    await this.#session.done.catch(() => {})
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  /** Gives back every message that is not settled. */
  async giveBack(): Promise<void> {
    this.#isLeft = true
    await this.#release([...this.#out])
  }

  /** Gives back what waits to be handed out. */
  async giveBackWaiting(): Promise<void> {
    await this.#release([...this.#out].filter((delivery) => delivery.message === undefined))
  }

  async #release(deliveries: readonly Delivery[]): Promise<void> {
    const left = deliveries.filter((delivery) => delivery.state === 'leased')
    const ends = left.map((delivery) => this.#desk.settle(delivery, { kind: 'release' }))
    for (const end of await Promise.allSettled(ends)) {
      // A lease that a seek took away meanwhile needs no giving back.
      if (end.status === 'rejected' && !(end.reason instanceof StaleLeaseError)) throw end.reason
    }
  }

  #serve(): void {
    while (this.#waiters.size > 0) {
      const message = this.#take()
      if (message === undefined && !this.#isEnded) return
      const waiter = this.#waiters.shift()
      if (message !== undefined) waiter?.resolve({ done: false, value: message })
      else if (this.#failure === undefined) waiter?.resolve({ done: true, value: undefined })
      else waiter?.reject(this.#failure)
    }
  }

  /** The next message that can be handed out; those that cannot end here. */
  #take(): Message<Value> | undefined {
    for (;;) {
      const delivery = this.#ready.shift()
      if (delivery === undefined) return undefined
      const message = delivery.state === 'leased' ? this.#open(delivery) : undefined
      if (message !== undefined) return message
    }
  }

  #open(delivery: Delivery): Message<Value> | undefined {
    const { hooks, group, hub } = this.#desk.parts
    try {
      const message = this.#binding.message(delivery)
      delivery.message = message
      this.#session.restartLease(delivery)
      for (const interceptor of hooks.onConsume) interceptor.onConsume?.(message, group)
      return message
    } catch (error) {
      const reason = reasonOf(error)
      const kind = error instanceof UndecodableError ? 'dead' : 'nack'
      hub.background(this.#desk.settle(delivery, { kind, reason }))
      return undefined
    }
  }
}
