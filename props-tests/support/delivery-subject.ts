/**
 * One message in a runtime beside the machine that specifies its life, driven by the same steps.
 *
 * Owns: what each step means to the runtime and to the machine, and comparing the two after it.
 * Leaves choosing the steps to the property, and the deviations it must find to its bugs.
 *
 * DJ1. After each step the runtime has nothing left to do; then state, attempt and history are those of the machine.
 */
import assert from 'node:assert/strict'
import { createRunner, deliveryMachine, type DeliveryEvent, type Runner } from '../../actors/index.ts'
import { DeadLetter, defineTopic, RetryAfter, StaleLeaseError, type Message } from '../../runtime/index.ts'
import { Ledger, readEvent, type LedgerEvent } from '../../runtime/internal.ts'
import { deferred, World, type Deferred } from './consume-world.ts'

export const stepKinds = [
  'ack',
  'nack',
  'nack-now',
  'retry-after',
  'retry-now',
  'dead',
  'crash',
  'tick',
  'redrive',
  'purge',
  'skip',
  'stale',
] as const

/** `lost`: the process ends before the record of the step is durable; `kept`: after, before anybody was told. */
export interface Step {
  readonly kind: (typeof stepKinds)[number]
  readonly fault: 'none' | 'lost' | 'kept'
}

/** What is made wrong on the runtime's side. */
export type Bug = 'none' | 'crash-forgets-attempt' | 'retry-after-burns' | 'one-too-many' | 'ack-forgotten'

const maxDeliveries = 3
const topic = defineTopic<number>('subject')
const waitMs = 500

export class DeliverySubject {
  readonly #world = new World()
  readonly #machine: Runner<typeof deliveryMachine> = createRunner(deliveryMachine, { maxDeliveries })
  readonly #bug: Bug
  #lease = 0
  #message: Message<number> | undefined
  #stale: Message<number> | undefined
  #outcome: Deferred = deferred()

  constructor(bug: Bug) {
    this.#bug = bug
  }

  async begin(): Promise<void> {
    await this.#world.open()
    await this.#world.runtime.producer(topic, { id: 'p' }).send(1)
    this.#machine.step({ type: 'ADMITTED', later: false, behind: false })
    await this.#consume()
    await this.#compare()
  }

  async step(step: Step): Promise<void> {
    if (step.kind === 'stale') return this.#askStale()
    if (step.kind === 'crash') await this.#crash(false)
    else if (this.#state === 'leased') await this.#answer(step)
    else if (this.#state === 'delayed' && step.kind === 'tick') await this.#tick(step)
    else if (this.#state === 'dead') await this.#administer(step)
    else return
    await this.#compare()
  }

  get #state(): string {
    return this.#machine.snapshot.value
  }

  async #consume(): Promise<void> {
    const allowed = this.#bug === 'one-too-many' ? maxDeliveries + 1 : maxDeliveries
    const retry = { minDelayMs: waitMs, maxDelayMs: waitMs }
    void this.#world.runtime
      .consumer(topic, { group: 'g', maxDeliveries: allowed, retry })
      .run((message) => this.#handle(message))
    await this.#world.settle()
    this.#leaseIfReady()
  }

  #handle(message: Message<number>): Promise<void> {
    this.#message = message
    this.#outcome = deferred()
    return this.#outcome.promise
  }

  #leaseIfReady(): void {
    if (this.#state !== 'ready') return
    this.#machine.step({ type: 'LEASE', leaseId: ++this.#lease })
    this.#machine.step({ type: 'RECORDED' })
  }

  async #answer({ kind, fault }: Step): Promise<void> {
    const event = answerOf(kind, this.#lease)
    if (event === undefined) return
    this.#arm(fault)
    this.#stale = this.#message
    this.#message = undefined
    if (kind === 'skip') this.#skip()
    else if (kind === 'nack-now') this.#nackNow()
    else this.#end(kind)
    await this.#world.settle()
    // A seek has no state between: until it is durable the lease is what it was.
    if (event.type !== 'REMOVED' || fault !== 'lost') this.#machine.step(event)
    await this.#record(fault, event)
  }

  #skip(): void {
    // It never settles where the process ends before.
    this.#world.runtime.consumer(topic, { group: 'g' }).seek('latest').catch(assert.fail)
  }

  #nackNow(): void {
    this.#stale?.nack({ delayMs: 0, reason: 'TypeError: no' }).catch(assert.fail)
    this.#outcome.resolve()
  }

  #end(kind: Step['kind']): void {
    if (kind === 'ack') this.#outcome.resolve()
    else this.#outcome.reject(errorOf(kind, this.#bug))
  }

  async #record(fault: Step['fault'], event: DeliveryEvent): Promise<void> {
    if (fault !== 'none') return this.#crash(fault === 'kept')
    if (event.type !== 'REMOVED') this.#machine.step({ type: 'RECORDED' })
    this.#leaseIfReady()
  }

  async #tick({ fault }: Step): Promise<void> {
    this.#arm(fault)
    this.#message = undefined
    await this.#world.clock.advance(waitMs)
    this.#machine.step({ type: 'DUE', behind: false })
    this.#machine.step({ type: 'LEASE', leaseId: ++this.#lease })
    if (fault === 'none') this.#machine.step({ type: 'RECORDED' })
    else await this.#crash(fault === 'kept')
  }

  async #administer({ kind, fault }: Step): Promise<void> {
    if (fault !== 'none' || (kind !== 'redrive' && kind !== 'purge')) return
    const letters = this.#world.runtime.deadLetters(topic, { group: 'g' })
    this.#message = undefined
    const acted = kind === 'redrive' ? letters.redrive() : letters.purge()
    await this.#world.settle()
    assert.equal((await acted).count, 1)
    this.#machine.step(kind === 'redrive' ? { type: 'REDRIVEN', behind: false } : { type: 'REMOVED' })
    this.#leaseIfReady()
  }

  #arm(fault: Step['fault']): void {
    if (fault === 'lost') this.#world.store.beforeCommit = never
    if (fault === 'kept') this.#world.store.beforeAnswer = never
  }

  async #crash(recorded: boolean): Promise<void> {
    this.#machine.step({ type: 'CRASHED', recorded })
    this.#stale = undefined
    this.#message = undefined
    const { disk } = this.#world
    if (this.#bug === 'crash-forgets-attempt') dropLast(disk.eventsAfterCheckpoint, 'lease')
    if (this.#bug === 'ack-forgotten') dropLast(disk.eventsAfterCheckpoint, 'ack')
    await this.#world.crash()
    await this.#consume()
  }

  async #askStale(): Promise<void> {
    if (this.#stale === undefined) return
    await assert.rejects(this.#stale.ack(), StaleLeaseError)
    const before = this.#machine.snapshot
    this.#machine.step({ type: 'ACK', leaseId: -1 })
    assert.equal(this.#machine.snapshot.value, before.value)
    await this.#world.settle()
    await this.#compare()
  }

  async #compare(): Promise<void> {
    const { value, context } = this.#machine.snapshot
    const { dead, open } = this.#lane()
    const lag = await this.#world.runtime.consumer(topic, { group: 'g' }).lag()
    const [{ ready, leased, delayed } = assert.fail('one partition')] = lag.partitions
    assert.deepEqual(
      { ready, leased, delayed, dead: dead.size, running: this.#message?.attempt },
      {
        ready: 0,
        leased: value === 'leased' ? 1 : 0,
        delayed: value === 'delayed' ? 1 : 0,
        dead: value === 'dead' ? 1 : 0,
        running: value === 'leased' ? context.attempt : undefined,
      },
    )
    const kept = open.get(0) ?? dead.get(0)
    assert.equal(kept !== undefined, value === 'leased' || value === 'delayed' || value === 'dead')
    if (kept === undefined) return
    assert.equal(kept.attempt, context.forgiven ? context.attempt - 1 : context.attempt)
    const history = kept.history.map(({ attempt, reason }) => ({ attempt, reason }))
    assert.deepEqual(history, context.history)
  }

  /** What the journaled events say. */
  #lane(): ReturnType<Ledger['lane']> {
    const ledger = new Ledger()
    for (const event of this.#world.disk.eventsAfterCheckpoint) ledger.apply(readEvent(event), 0)
    const [group] = ledger.groups.values()
    return group?.lanes[0] ?? assert.fail('the group was declared')
  }
}

/** The process ends before this settles. */
function never(): Promise<void> {
  return new Promise(() => {})
}

function answerOf(kind: Step['kind'], leaseId: number): DeliveryEvent | undefined {
  switch (kind) {
    case 'ack':
      return { type: 'ACK', leaseId }
    case 'nack':
      return { type: 'NACK', leaseId, reason: 'TypeError: no', delayed: true }
    case 'nack-now':
      return { type: 'NACK', leaseId, reason: 'TypeError: no', delayed: false }
    case 'skip':
      return { type: 'REMOVED' }
    case 'retry-after':
      return { type: 'RETRY_AFTER', leaseId, delayed: true }
    case 'retry-now':
      return { type: 'RETRY_AFTER', leaseId, delayed: false }
    case 'dead':
      return { type: 'DEAD_LETTER', leaseId, reason: 'wanted' }
    default:
      return undefined
  }
}

function errorOf(kind: Step['kind'], bug: Bug): Error {
  if (kind === 'dead') return new DeadLetter('wanted')
  if (kind === 'nack' || bug === 'retry-after-burns') return new TypeError('no')
  return new RetryAfter(kind === 'retry-now' ? 0 : waitMs)
}

function dropLast(events: Uint8Array[], kind: LedgerEvent['kind']): void {
  const at = events.findLastIndex((event) => readEvent(event).kind === kind)
  if (at !== -1) events.splice(at, 1)
}
