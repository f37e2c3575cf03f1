/**
 * One run of a consumer: demand, slots, leases and its end, as `consumerMachine` decides.
 *
 * Owns: how many deliveries are out, when more are asked for, lease times, draining.
 * Leaves what is done with a delivery to its mode (a handler, or a loop of the user's).
 *
 * SE1. Never more than `concurrency` deliveries are out.
 * SE2. It ends once: drained, closed or failed; `done` tells.
 * SE3. While messages wait and nothing moves, a `stalled` event names the cause (G8).
 */
import { consumerMachine, perform } from '../actors/index.ts'
import type { ActionTable, ConsumerEvent, ConsumerEnd } from '../actors/index.ts'
import { ClosedError, type UnlostError } from '../persistence/index.ts'
import type { Cancel } from './clock.ts'
import type { Delivery } from './delivery.ts'
import type { Desk, Session as DeskSession, Terms } from './desk.ts'
import type { StallCause } from './events.ts'
import type { Watched } from './inspection.ts'

export interface SessionOptions extends Terms {
  readonly concurrency: number
  readonly leaseMs: number
  readonly stallMs: number
  readonly drainTimeoutMs: number
}

/** What is done with a leased delivery. It calls `free` when its slot may be used again. */
export interface Mode {
  /** Nobody takes what is leased: leave it to other consumers of the group. */
  readonly isAway: boolean
  begin(delivery: Delivery): void
  /** The lease of a delivery has outlived its time. */
  expired(delivery: Delivery): void
  /** Nothing is handed out until further notice: what was leased and not begun goes back. */
  paused(): void
  /** The session has ended: nothing more will begin. */
  ended(error: UnlostError | undefined): void
}

export class Session implements DeskSession {
  readonly done: Promise<void>
  readonly #desk: Desk
  readonly #options: SessionOptions
  readonly #mode: Mode
  readonly #runner: Watched<typeof consumerMachine>
  readonly #table: ActionTable<typeof consumerMachine>
  readonly #out = new Set<Delivery>()
  #slots = 0
  #creditDue = false
  #moved = false
  #failure: UnlostError | undefined
  #cancelLeases: Cancel = () => {}
  /** When leases are looked at next. */
  #leasesAtMs = Number.POSITIVE_INFINITY
  #cancelStall: Cancel = () => {}
  #letGo: Cancel = () => {}
  #cancelDrain: Cancel = () => {}
  #resolve: () => void = () => {}
  #reject: (error: UnlostError) => void = () => {}

  constructor(desk: Desk, options: SessionOptions, makeMode: (session: Session) => Mode) {
    this.#desk = desk
    this.#options = options
    const { hub, topic, group } = desk.parts
    this.#runner = hub.inspection.watched(`consumer ${topic}/${group}`, consumerMachine)
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    this.#table = {
      lease: () => this.#lease(),
      stopLeasing: () => this.#tellIdle(),
      finish: ({ end }) => this.#finish(end),
      announceStalled: ({ cause }) => this.#stalled(cause),
      unexpected: ({ event }) => desk.parts.hub.unexpected('a consumer', event),
    }
    this.#mode = makeMode(this)
  }

  start(): void {
    this.#letGo = this.#desk.parts.clock.hold()
    this.#desk.attach(this, this.#options)
    this.#watchStalls()
  }

  get isEnded(): boolean {
    return this.#runner.snapshot.hasTag('final')
  }

  ready(): void {
    this.#step({ type: 'READY' })
  }

  pause(): void {
    this.#step({ type: 'PAUSE' })
    if (!this.isEnded) this.#mode.paused()
  }

  resume(): void {
    this.#step({ type: 'RESUME' })
  }

  /** Lets what runs come to its end; after `drainTimeoutMs` its signal is aborted and nothing is waited for. */
  drain(): void {
    if (this.isEnded) return
    this.#step({ type: 'DRAIN' })
    if (this.isEnded) return
    this.#cancelDrain()
    this.#cancelDrain = this.#desk.parts.clock.schedule(this.#options.drainTimeoutMs, () => this.#giveUp())
  }

  fail(error: UnlostError): void {
    this.#failure ??= error
    this.#step({ type: 'FAILED' })
  }

  /** The delivery's slot may be used again. */
  free(delivery: Delivery): void {
    if (this.#out.delete(delivery)) this.#freeSlots(1)
  }

  #freeSlots(count: number): void {
    this.#slots -= count
    this.#moved = true
    if (this.#slots === 0) this.#tellIdle()
    if (this.#creditDue) return
    this.#creditDue = true
    this.#desk.parts.clock.defer(() => {
      this.#creditDue = false
      this.#step({ type: 'CREDIT' })
    })
  }

  #stalled(cause: StallCause): void {
    const { topic, group, hub } = this.#desk.parts
    hub.emit('stalled', { cause, topic, group, stalledMs: this.#options.stallMs })
  }

  /** The handler of this message outlived its lease. */
  overran(delivery: Delivery): void {
    const { topic, group, hub } = this.#desk.parts
    const { partition } = delivery.feed.mailbox
    const at = { topic, group, partition, offset: delivery.stored.offset }
    hub.emit('stalled', { cause: 'lease-expired', ...at, stalledMs: this.#options.leaseMs })
  }

  #step(event: ConsumerEvent): void {
    perform(this.#table, this.#runner.step(event))
  }

  #lease(): void {
    const credit = this.#options.concurrency - this.#slots
    if (credit > 0 && !this.#mode.isAway) this.#slots += this.#ask(credit)
    if (this.#slots >= this.#options.concurrency) this.#step({ type: 'NO_CREDIT' })
    else this.#step({ type: 'EMPTY' })
  }

  #ask(credit: number): number {
    const taken = this.#desk.lease(
      credit,
      (leased) => this.#begin(leased, taken),
      (error) => this.fail(error),
    )
    return taken
  }

  /** Leases are durable. Some of those that were asked for may be lost meanwhile, by a seek. */
  #begin(deliveries: readonly Delivery[], taken: number): void {
    this.#moved = true
    if (deliveries.length < taken) this.#freeSlots(taken - deliveries.length)
    if (!this.#isOpen()) return this.#giveBack(deliveries)
    if (deliveries.length === 0) return
    const leaseUntilMs = this.#desk.parts.clock.monotonicMs() + this.#options.leaseMs
    for (const delivery of deliveries) {
      delivery.leaseUntilMs = leaseUntilMs
      this.#out.add(delivery)
    }
    this.#watchLeases(this.#options.leaseMs)
    for (const delivery of deliveries) this.#mode.begin(delivery)
  }

  /** The time of the lease begins now: the message is about to be handled. */
  restartLease(delivery: Delivery): void {
    delivery.leaseUntilMs = this.#desk.parts.clock.monotonicMs() + this.#options.leaseMs
    this.#watchLeases(this.#options.leaseMs)
  }

  /** Whether a message may begin: not after a pause, nor after the end was asked for. */
  #isOpen(): boolean {
    const { snapshot } = this.#runner
    return !(this.isEnded || snapshot.matches('draining') || snapshot.matches('paused'))
  }

  #giveBack(deliveries: readonly Delivery[]): void {
    if (deliveries.length === 0) return
    for (const delivery of deliveries) {
      this.#desk.parts.hub.background(this.#desk.settle(delivery, { kind: 'release' }))
    }
    this.#freeSlots(deliveries.length)
  }

  /** A consumer that drains has ended when its last acks are durable. */
  #tellIdle(): void {
    if (this.#slots > 0) return
    if (!this.#runner.snapshot.matches('draining')) return this.#step({ type: 'IDLE_NOW' })
    this.#desk.flush().then(
      () => this.#step({ type: 'IDLE_NOW' }),
      (error: UnlostError) => this.fail(error),
    )
  }

  #giveUp(): void {
    for (const delivery of this.#out) delivery.abort(new ClosedError('the consumer was closed'))
    this.#step({ type: 'CLOSE' })
  }

  #finish(end: ConsumerEnd): void {
    this.#runner.end()
    this.#desk.detach(this)
    this.#letGo()
    this.#cancelStall()
    this.#cancelDrain()
    this.#cancelLeases()
    const failure = end === 'failed' ? (this.#failure ?? new ClosedError('the runtime has ended')) : undefined
    this.#mode.ended(failure)
    if (failure === undefined) this.#resolve()
    else this.#reject(failure)
  }

  #watchLeases(waitMs: number): void {
    const atMs = this.#desk.parts.clock.monotonicMs() + waitMs
    if (atMs >= this.#leasesAtMs) return
    this.#cancelLeases()
    this.#leasesAtMs = atMs
    this.#cancelLeases = this.#desk.parts.clock.schedule(waitMs, () => {
      this.#leasesAtMs = Number.POSITIVE_INFINITY
      this.#checkLeases()
    })
  }

  #checkLeases(): void {
    const nowMs = this.#desk.parts.clock.monotonicMs()
    let earliestMs = Number.POSITIVE_INFINITY
    for (const delivery of [...this.#out]) {
      if (delivery.leaseUntilMs <= nowMs) this.#expire(delivery)
      else earliestMs = Math.min(earliestMs, delivery.leaseUntilMs)
    }
    if (earliestMs < Number.POSITIVE_INFINITY) this.#watchLeases(earliestMs - nowMs)
  }

  #expire(delivery: Delivery): void {
    delivery.leaseUntilMs = Number.POSITIVE_INFINITY
    this.#mode.expired(delivery)
  }

  /** Looks now and then whether anything has moved since the last look. */
  #watchStalls(): void {
    this.#cancelStall = this.#desk.parts.clock.schedule(this.#options.stallMs, () => {
      this.#checkStall()
      if (!this.isEnded) this.#watchStalls()
    })
  }

  #checkStall(): void {
    const moved = this.#moved
    this.#moved = false
    const { feeds } = this.#desk.parts
    const isWaiting = feeds.some((feed) => feed.readyCount + feed.blockedCount + feed.unreadCount > 0)
    if (moved || !(isWaiting || this.#runner.snapshot.matches('draining'))) return
    if (feeds.some((feed) => feed.isBacklogged)) return this.#stalled('retry-backlog')
    this.#step({ type: 'OVERDUE' })
    this.#desk.wake()
  }
}
