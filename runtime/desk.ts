/**
 * The desk of one group: hands messages out and takes their ends in.
 *
 * Owns: who may have a message now, leases in this process, and what follows each durable end.
 * Leaves reading ahead to the feeds, running handlers to the sessions, and durability to the broker.
 *
 * DE1. A handler starts only after its lease is durable (G6).
 * DE2. After a crash, messages whose handler may have killed the process are tried one at a time, alone in their
 *     group, before others, so that only the guilty one uses up its attempts and no traffic keeps it waiting.
 * DE3. A message whose attempts are used up goes to the dead letters without another run.
 * DE4. An end that cannot be made durable settles nothing: the next open returns the lease.
 */
import assert from 'node:assert/strict'
import { retryDelayMs } from '../actors/index.ts'
import type { UnlostError } from '../persistence/index.ts'
import type { Broker } from './broker.ts'
import type { Clock } from './clock.ts'
import { Delivery, type Ending, type Settler } from './delivery.ts'
import { DueAlarm } from './due-alarm.ts'
import type { DueClock } from './due-clock.ts'
import { StaleLeaseError } from './errors.ts'
import type { EventHub } from './events.ts'
import type { Feed } from './feed.ts'
import { AckUnit, EndUnit, HandOverUnit, LeaseUnit, type Outcomes } from './group-units.ts'
import type { Hooks, Settlement } from './interceptor.ts'
import { OWNER_CRASHED } from './lane.ts'
import type { AttemptRecord, LedgerEvent } from './ledger-event.ts'
import type { Random } from './random.ts'
import type { StoredMessage } from './record.ts'
import { EventUnit } from './unit.ts'

/** How a consumer wants to be served. */
export interface Terms {
  readonly maxDeliveries: number
  readonly minDelayMs: number
  readonly maxDelayMs: number
}

/** How a message comes again. Without a reason the attempt does not count, and leaves no trace in the history. */
interface Comeback {
  readonly delayMs: number
  readonly settlement: Settlement
  readonly reason?: string
}

/** A running consumer of the group. */
export interface Session {
  /** Messages are ready. */
  ready(): void
}

export interface DeskParts {
  readonly topic: string
  readonly group: string
  readonly feeds: readonly Feed[]
  readonly broker: Broker
  readonly clock: Clock
  readonly dueClock: DueClock
  readonly random: Random
  readonly hub: EventHub
  readonly hooks: Hooks
}

export class Desk implements Settler {
  readonly parts: DeskParts
  readonly #sessions = new Set<Session>()
  readonly #active = new Set<Delivery>()
  #acks: AckUnit | undefined
  #terms: Terms = { maxDeliveries: 5, minDelayMs: 100, maxDelayMs: 60_000 }
  #turn = 0
  #waking = false
  #alone: Delivery | undefined
  /** Seeks under way: no lease is given meanwhile. */
  #seeks = 0
  readonly #alarm: DueAlarm

  constructor(parts: DeskParts) {
    this.parts = parts
    this.#alarm = new DueAlarm(parts.clock, parts.dueClock, () => this.wake())
  }

  get activeCount(): number {
    return this.#active.size
  }

  get readyCount(): number {
    return this.parts.feeds.reduce((sum, feed) => sum + feed.readyCount, 0)
  }

  activeIn(feed: Feed): number {
    let count = 0
    for (const delivery of this.#active) if (delivery.feed === feed) count += 1
    return count
  }

  monotonicMs(): number {
    return this.parts.clock.monotonicMs()
  }

  attach(session: Session, terms: Terms): void {
    this.#sessions.add(session)
    this.#terms = terms
    this.wake()
  }

  detach(session: Session): void {
    this.#sessions.delete(session)
  }

  /** Looks for messages, once after this turn. */
  wake(): void {
    if (this.#waking || this.#sessions.size === 0) return
    this.#waking = true
    this.parts.clock.defer(() => {
      this.#waking = false
      this.#look()
    })
  }

  #look(): void {
    if (this.#seeks > 0) return
    for (const feed of this.parts.feeds) feed.fill()
    this.#alarm.set(Math.min(...this.parts.feeds.map((feed) => feed.nextDueMs ?? Number.POSITIVE_INFINITY)))
    if (this.readyCount === 0) return
    for (const session of [...this.#sessions]) session.ready()
  }

  /** Takes up to `max` messages and asks for their leases; `leased` gets them when the leases are durable. */
  lease(
    max: number,
    leased: (deliveries: readonly Delivery[]) => void,
    failed: (error: UnlostError) => void,
  ): number {
    const deliveries = this.#seeks > 0 ? [] : this.#take(Math.min(max, this.#leasesMax))
    if (deliveries.length === 0) return 0
    const done = (): void => leased(deliveries.filter((delivery) => this.#begin(delivery)))
    this.parts.broker.submit(new LeaseUnit(deliveries, { done, failed }))
    for (const feed of this.parts.feeds) feed.fill()
    return deliveries.length
  }

  /** As many as surely fit one batch. */
  get #leasesMax(): number {
    return Math.floor((this.parts.broker.batchBytesMax - UNIT_BYTES) / UNIT_BYTES_EACH)
  }

  #begin(delivery: Delivery): boolean {
    if (delivery.state === 'lost') delivery.onEnd?.()
    else delivery.state = 'leased'
    return delivery.state === 'leased'
  }

  #take(max: number): Delivery[] {
    if (this.#alone !== undefined) return []
    const { feeds } = this.parts
    for (let suspect = feeds.find(isSuspect); suspect !== undefined; suspect = feeds.find(isSuspect)) {
      // The others come to their end first: nothing new begins beside a suspect.
      if (this.#active.size > 0) return []
      this.#alone = this.#takeFrom(suspect)
      if (this.#alone !== undefined) return [this.#alone]
    }
    return this.#takeInTurn(max)
  }

  #takeInTurn(max: number): Delivery[] {
    const taken: Delivery[] = []
    const { feeds } = this.parts
    for (let misses = 0; taken.length < max && misses < feeds.length;) {
      const feed = feeds[this.#turn++ % feeds.length]
      const isFree = feed !== undefined && feed.first !== undefined && !isSuspect(feed)
      const delivery = isFree ? this.#takeFrom(feed) : undefined
      if (delivery !== undefined) taken.push(delivery)
      if (!isFree) misses += 1
      else misses = 0
    }
    return taken
  }

  #takeFrom(feed: Feed): Delivery | undefined {
    const stored = feed.take()
    const delivery = stored === undefined ? undefined : this.#deliveryOf(feed, stored)
    if (delivery !== undefined) this.#active.add(delivery)
    return delivery
  }

  /** Undefined when its attempts are used up. */
  #deliveryOf(feed: Feed, stored: StoredMessage): Delivery | undefined {
    const open = feed.lane.open.get(stored.offset)
    const used = open?.attempt ?? 0
    const { maxDeliveries } = this.#terms
    const delivery = new Delivery(this, { feed, stored, attempt: used + 1, maxDeliveries })
    if (used < maxDeliveries) return delivery
    const reason =
      open?.crashed === true ? OWNER_CRASHED : (open?.history.at(-1)?.reason ?? 'no attempts left')
    this.parts.hub.background(this.#die(delivery, reason, undefined))
    return undefined
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
        return this.#die(delivery, ending.reason, this.#entry(delivery, ending.reason))
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
    if (this.#acks !== undefined && this.#acks.bytes + UNIT_BYTES >= this.parts.broker.batchBytesMax) {
      this.#acks = undefined
    }
    this.#acks ??= this.#newAckUnit()
    this.#acks.add(delivery, outcomes)
    // Its key is free now: a lease that is asked for after this ack is never durable before it.
    this.#release(delivery, 'settled')
  }

  #newAckUnit(): AckUnit {
    const sealed = (): void => {
      if (this.#acks === unit) this.#acks = undefined
    }
    const unit = new AckUnit(sealed, (delivery) => this.#announce(delivery, 'ack'))
    this.#acks = unit
    this.parts.broker.submit(unit)
    return unit
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
    this.#release(delivery, 'settled')
    this.#announce(delivery, 'ack')
  }

  async #nack(delivery: Delivery, reason: string, delayMs: number | undefined): Promise<void> {
    if (delivery.attempt >= delivery.maxDeliveries)
      return this.#die(delivery, reason, this.#entry(delivery, reason))
    const { minDelayMs, maxDelayMs } = this.#terms
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
    await this.#end(delivery, { kind: 'retry', ...placeOf(delivery), dueMs, attempt, entry })
    this.#forget(delivery)
    if (settlement === 'released') delivery.feed.returned(delivery.stored)
    else delivery.feed.retried(delivery.stored, dueMs)
    this.#announce(delivery, settlement)
    this.wake()
  }

  async #die(delivery: Delivery, reason: string, entry: AttemptRecord | undefined): Promise<void> {
    const atMs = this.parts.dueClock.nowMs()
    await this.#end(delivery, { kind: 'dead', ...placeOf(delivery), atMs, reason: shorten(reason), entry })
    this.#release(delivery, 'settled')
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

  /** The message is finished with: the next of its key may go. */
  #release(delivery: Delivery, state: 'settled'): void {
    if (delivery.state === 'lost') return
    delivery.state = state
    this.#forget(delivery)
    delivery.feed.settled(delivery.stored)
    this.wake()
  }

  #forget(delivery: Delivery): void {
    if (delivery.state !== 'lost') delivery.state = 'settled'
    this.#active.delete(delivery)
    if (this.#alone === delivery) this.#alone = undefined
    delivery.onEnd?.()
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

  /** A lease that outlived its time and that no handler holds: the message is ready again. */
  async expire(delivery: Delivery): Promise<void> {
    if (delivery.state !== 'leased') return
    const reason = 'lease-expired'
    delivery.state = 'settling'
    const wasLast = delivery.attempt >= delivery.maxDeliveries
    if (wasLast) await this.#die(delivery, reason, this.#entry(delivery, reason))
    else await this.#retry(delivery, { delayMs: 0, settlement: 'nack', reason })
    delivery.state = 'lost'
  }

  /** Every delivery of these feeds is lost, and no lease is given, until the answer is called. */
  beginSeek(feeds: readonly Feed[]): () => void {
    this.#seeks += 1
    for (const delivery of [...this.#active]) if (feeds.includes(delivery.feed)) this.#lose(delivery)
    return () => {
      this.#seeks -= 1
      for (const feed of feeds) feed.reset()
      this.wake()
    }
  }

  #lose(delivery: Delivery): void {
    delivery.state = 'lost'
    delivery.abort(new StaleLeaseError('the group was moved to another position'))
    this.#forget(delivery)
  }

  /** When all that was asked for until now is durable. */
  flush(): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (error?: UnlostError): void => (error === undefined ? resolve() : reject(error))
      this.parts.broker.submit(new EventUnit(() => {}, settle))
    })
  }

  close(): void {
    this.#alarm.close()
  }
}

/** What a lease or an ack takes in a batch, at most. */
const UNIT_BYTES = 64
const UNIT_BYTES_EACH = 32

/** Longer reasons are cut: a reason must never be what keeps an end from being written. */
const REASON_CHARS_MAX = 1_000

function shorten(reason: string): string {
  return reason.slice(0, REASON_CHARS_MAX)
}

/** Its last attempt ended with its owner's process: perhaps by its fault. */
function isSuspect(feed: Feed): boolean {
  const { first } = feed
  return first !== undefined && feed.lane.open.get(first.offset)?.crashed === true
}

function placeOf(delivery: Delivery): { group: number; mailbox: number; offset: number } {
  const { group, mailbox } = delivery.feed.lane
  return { group, mailbox, offset: delivery.stored.offset }
}
