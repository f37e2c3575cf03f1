/**
 * The desk of one group: hands messages out and takes their ends in.
 *
 * Owns: who may have a message now, leases in this process, and what follows their ends.
 * Leaves what an end writes to `endings.ts`, reading ahead to the feeds, running handlers to the sessions, and durability to the broker.
 *
 * DE1. A handler starts only after its lease is durable (G6).
 * DE2. After a crash, messages whose handler may have killed the process are tried one at a time, alone in their
 *     group, before others, so that only the guilty one uses up its attempts and no traffic keeps it waiting.
 *     Groups take turns at this: one suspect at a time in the whole runtime.
 * DE3. A message whose attempts are used up goes to the dead letters without another run.
 */
import type { UnlostError } from '../persistence/index.ts'
import type { Broker } from './broker.ts'
import type { Clock } from './clock.ts'
import { Delivery, type Ending, type Settler } from './delivery.ts'
import { DueAlarm } from './due-alarm.ts'
import type { DueClock } from './due-clock.ts'
import { StaleLeaseError } from './errors.ts'
import { Endings } from './endings.ts'
import type { EventHub } from './events.ts'
import type { Feed } from './feed.ts'
import { LeaseUnit, UNIT_BYTES, UNIT_BYTES_EACH } from './group-units.ts'
import type { Hooks } from './interceptor.ts'
import { OWNER_CRASHED } from './lane.ts'
import type { Quarantine } from './quarantine.ts'
import type { Random } from './random.ts'
import type { StoredMessage } from './record.ts'
import { EventUnit } from './unit.ts'

/** How a consumer wants to be served. */
export interface Terms {
  readonly maxDeliveries: number
  readonly minDelayMs: number
  readonly maxDelayMs: number
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
  readonly quarantine: Quarantine
}

export class Desk implements Settler {
  readonly parts: DeskParts
  readonly #sessions = new Set<Session>()
  readonly #active = new Set<Delivery>()
  terms: Terms = { maxDeliveries: 5, minDelayMs: 100, maxDelayMs: 60_000 }
  #turn = 0
  #waking = false
  #alone: Delivery | undefined
  readonly #wakeUp = (): void => this.wake()
  /** Seeks under way: no lease is given meanwhile. */
  #seeks = 0
  readonly #alarm: DueAlarm
  readonly #endings: Endings

  constructor(parts: DeskParts) {
    this.parts = parts
    this.#endings = new Endings(parts, this)
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
    this.terms = terms
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
    const deliveries = this.#seeks > 0 ? [] : this.#take(Math.min(max, this.#leasesMax()))
    if (deliveries.length === 0) return 0
    const done = (): void => leased(deliveries.filter((delivery) => this.#begin(delivery)))
    this.parts.broker.submit(new LeaseUnit(deliveries, { done, failed }))
    for (const feed of this.parts.feeds) feed.fill()
    return deliveries.length
  }

  /** As many as surely fit one batch. */
  #leasesMax(): number {
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
      if (this.#active.size > 0 || !this.parts.quarantine.enter(this.#wakeUp)) return []
      this.#alone = this.#takeFrom(suspect)
      if (this.#alone !== undefined) return [this.#alone]
      this.parts.quarantine.leave()
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
    const { maxDeliveries } = this.terms
    const delivery = new Delivery(this, { feed, stored, attempt: used + 1, maxDeliveries })
    if (used < maxDeliveries) return delivery
    const reason =
      open?.crashed === true ? OWNER_CRASHED : (open?.history.at(-1)?.reason ?? 'no attempts left')
    this.parts.hub.background(this.#endings.die(delivery, reason, undefined))
    return undefined
  }

  settle(delivery: Delivery, ending: Ending): Promise<void> {
    return this.#endings.settle(delivery, ending)
  }

  /** The handler returned: no promise is needed for its ack. */
  handled(delivery: Delivery): void {
    this.#endings.handled(delivery)
  }

  /** A lease that outlived its time and that no handler holds: the message is ready again. */
  expire(delivery: Delivery): Promise<void> {
    return this.#endings.expire(delivery)
  }

  /** The message is finished with: the next of its key may go. */
  done(delivery: Delivery): void {
    if (delivery.state === 'lost') return
    this.forget(delivery)
    delivery.feed.settled(delivery.stored)
    this.wake()
  }

  /** The delivery is over, whatever becomes of its message. */
  forget(delivery: Delivery): void {
    if (delivery.state !== 'lost') delivery.state = 'settled'
    this.#active.delete(delivery)
    this.#leaveAlone(delivery)
    delivery.onEnd?.()
  }

  #leaveAlone(delivery: Delivery): void {
    if (this.#alone !== delivery) return
    this.#alone = undefined
    this.parts.quarantine.leave()
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
    this.forget(delivery)
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

/** Its last attempt ended with its owner's process: perhaps by its fault. */
function isSuspect(feed: Feed): boolean {
  const { first } = feed
  return first !== undefined && feed.lane.open.get(first.offset)?.crashed === true
}
