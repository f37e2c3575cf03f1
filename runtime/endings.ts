/**
 * How deliveries of one group end: ack, nack, death, release.
 *
 * Owns: what each end writes, and its order with what follows. Leaves who is served next to the desk, and durability
 * to the broker.
 *
 * EN1. An end that cannot be made durable settles nothing: the next open returns the lease.
 * EN2. Sends that were staged are committed with the ack; when they are refused the attempt may end another way.
 * EN3. A failed attempt that was the last allowed one is a death, with its full history.
 */
import assert from 'node:assert/strict'
import { retryDelayMs } from '../actors/index.ts'
import type { Delivery, Ending } from './delivery.ts'
import type { DeskParts, Terms } from './desk.ts'
import { StaleLeaseError } from './errors.ts'
import { AckUnit, EndUnit, HandOverUnit, UNIT_BYTES, type Outcomes } from './group-units.ts'
import type { Settlement } from './interceptor.ts'
import type { AttemptRecord, LedgerEvent } from './ledger-event.ts'

/** How a message comes again. Without a reason the attempt does not count, and leaves no trace in the history. */
interface Comeback {
  readonly delayMs: number
  readonly settlement: Settlement
  readonly reason?: string
}

/** Whose deliveries they are. Implemented by the desk. */
export interface Ender {
  readonly terms: Terms
  /** The message is finished with. */
  done(delivery: Delivery): void
  /** The delivery is over; its message comes again. */
  forget(delivery: Delivery): void
  wake(): void
}

export class Endings {
  readonly parts: Omit<DeskParts, 'feeds'>
  readonly #desk: Ender
  #acks: AckUnit | undefined

  constructor(parts: Omit<DeskParts, 'feeds'>, desk: Ender) {
    this.parts = parts
    this.#desk = desk
  }

  async settle(delivery: Delivery, ending: Ending): Promise<void> {
    if (delivery.state !== 'leased') throw new StaleLeaseError('the delivery ended already; nothing changed')
    delivery.state = 'settling'
    switch (ending.kind) {
      case 'ack':
        return this.#ack(delivery)
      case 'nack':
        return this.#nack(delivery, ending.reason, ending.delayMs)
      case 'retry-after':
        return this.#retry(delivery, { delayMs: ending.delayMs, settlement: 'nack' })
      case 'dead':
        return this.die(delivery, ending.reason, this.#entry(delivery, ending.reason))
      case 'release':
        return this.#retry(delivery, { delayMs: 0, settlement: 'released' })
    }
  }

  #ack(delivery: Delivery): Promise<void> {
    if (delivery.staged.length > 0) return this.#handOver(delivery)
    return this.#durably((outcomes) => this.#gatherAck(delivery, outcomes))
  }

  /** The handler returned: no promise is needed for its ack, which joins the next batch. */
  handled(delivery: Delivery): void {
    assert(delivery.state === 'leased' && delivery.staged.length === 0)
    this.#gatherAck(delivery, undefined)
  }

  #gatherAck(delivery: Delivery, outcomes: Outcomes | undefined): void {
    const gathering = this.#acks
    const hasRoom = gathering !== undefined && gathering.bytes + UNIT_BYTES < this.parts.broker.batchBytesMax
    if (hasRoom) gathering.add(delivery, outcomes)
    else this.#submitAck(delivery, outcomes)
    // Its key is free now: a lease that is asked for after this ack is never durable before it.
    this.#desk.done(delivery)
  }

  /** Later acks join this one until its batch is built. */
  #submitAck(delivery: Delivery, outcomes: Outcomes | undefined): void {
    const sealed = (): void => {
      if (this.#acks === unit) this.#acks = undefined
    }
    const unit = new AckUnit(sealed, (acked) => this.#announce(acked, 'ack'))
    unit.add(delivery, outcomes)
    this.#acks = unit
    this.parts.broker.submit(unit)
  }

  async #handOver(delivery: Delivery): Promise<void> {
    try {
      const sends = await Promise.all(delivery.staged.map((message) => Promise.resolve(message)))
      await this.#durably((outcomes) => this.parts.broker.submit(new HandOverUnit(delivery, sends, outcomes)))
    } catch (error) {
      // Nothing of the turn was written: the attempt may still end another way.
      if (delivery.state === 'settling') delivery.state = 'leased'
      throw error
    }
    this.#desk.done(delivery)
    this.#announce(delivery, 'ack')
  }

  async #nack(delivery: Delivery, reason: string, delayMs: number | undefined): Promise<void> {
    if (delivery.attempt >= delivery.maxDeliveries)
      return this.die(delivery, reason, this.#entry(delivery, reason))
    const { minDelayMs, maxDelayMs } = this.#desk.terms
    const fraction = this.parts.random.fraction()
    const backOffMs = retryDelayMs({ attempt: delivery.attempt, minDelayMs, maxDelayMs, fraction })
    await this.#retry(delivery, { delayMs: delayMs ?? backOffMs, settlement: 'nack', reason })
  }

  async #retry(delivery: Delivery, how: Comeback): Promise<void> {
    const { delayMs, reason, settlement } = how
    const dueMs = delayMs === 0 ? 0 : this.parts.dueClock.nowMs() + delayMs
    const isForgiven = reason === undefined
    const attempt = isForgiven ? delivery.attempt - 1 : delivery.attempt
    const entry = isForgiven ? undefined : this.#entry(delivery, reason)
    await this.#end(delivery, { kind: 'retry', ...placeOf(delivery), dueMs, delayMs, attempt, entry })
    this.#desk.forget(delivery)
    if (settlement === 'released') delivery.feed.returned(delivery.stored)
    else delivery.feed.retried(delivery.stored, dueMs)
    this.#announce(delivery, settlement)
    this.#desk.wake()
  }

  /** To the dead letters. */
  async die(delivery: Delivery, reason: string, entry: AttemptRecord | undefined): Promise<void> {
    const atMs = this.parts.dueClock.nowMs()
    await this.#end(delivery, { kind: 'dead', ...placeOf(delivery), atMs, reason: shorten(reason), entry })
    this.#desk.done(delivery)
    const { topic, group, hub } = this.parts
    const { partition } = delivery.feed.mailbox
    const attempts = delivery.feed.lane.dead.get(delivery.stored.offset)?.attempt ?? delivery.attempt
    hub.emit('dead-letter', { topic, partition, offset: delivery.stored.offset, group, reason, attempts })
    this.#announce(delivery, 'dead-letter')
  }

  async #end(delivery: Delivery, event: LedgerEvent): Promise<void> {
    await this.#durably((outcomes) => this.parts.broker.submit(new EndUnit(event, outcomes)))
    if (delivery.state === 'lost') throw new StaleLeaseError('the lease was lost meanwhile; nothing changed')
  }

  #durably(submit: (outcomes: Outcomes) => void): Promise<void> {
    return new Promise((resolve, reject) => submit({ done: resolve, failed: reject }))
  }

  #entry(delivery: Delivery, reason: string): AttemptRecord {
    return { attempt: delivery.attempt, atMs: this.parts.dueClock.nowMs(), reason: shorten(reason) }
  }

  /** A lease that outlived its time and that no handler holds: the message is ready again. */
  async expire(delivery: Delivery): Promise<void> {
    if (delivery.state !== 'leased') return
    const reason = 'lease-expired'
    delivery.state = 'settling'
    const wasLast = delivery.attempt >= delivery.maxDeliveries
    if (wasLast) await this.die(delivery, reason, this.#entry(delivery, reason))
    else await this.#retry(delivery, { delayMs: 0, settlement: 'nack', reason })
    delivery.state = 'lost'
  }

  #announce(delivery: Delivery, settlement: Settlement): void {
    const { hooks, hub, group } = this.parts
    const { message } = delivery
    if (message === undefined) return
    for (const interceptor of hooks.onSettle) {
      try {
        interceptor.onSettle?.(message, group, settlement)
      } catch (error) {
        hub.emit('interceptor-error', { interceptor: interceptor.name, hook: 'onSettle', error })
      }
    }
  }
}

/** Longer reasons are cut: a reason must never be what keeps an end from being written. */
const REASON_CHARS_MAX = 1_000

function shorten(reason: string): string {
  return reason.slice(0, REASON_CHARS_MAX)
}

function placeOf(delivery: Delivery): { group: number; mailbox: number; offset: number } {
  const { group, mailbox } = delivery.feed.lane
  return { group, mailbox, offset: delivery.stored.offset }
}
