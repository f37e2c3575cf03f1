/**
 * What consumers ask of the one writer: leases, acks, and the other ends of an attempt.
 *
 * Owns: how each becomes events. Leaves what follows in memory to the desk.
 *
 * GU1. An attempt is counted by its lease, which is durable before the handler starts (G6).
 * GU2. An ack and the sends staged with it are one unit (G7).
 */
import type { UnlostError } from '../persistence/index.ts'
import type { BatchDraft } from './batch-draft.ts'
import type { Delivery } from './delivery.ts'
import { StaleLeaseError } from './errors.ts'
import type { Lane } from './lane.ts'
import type { LedgerEvent } from './ledger-event.ts'
import type { Outgoing } from './outgoing.ts'
import type { Unit } from './unit.ts'

/** Told when a unit is durable, or cannot be. */
export interface Outcomes {
  readonly done: () => void
  readonly failed: (error: UnlostError) => void
}

/** What a lease or an ack takes in a batch, at most. */
export const UNIT_BYTES = 64
export const UNIT_BYTES_EACH = 32

export class LeaseUnit implements Unit {
  readonly hasMessages = false
  readonly withdrawn = false
  readonly deliveries: readonly Delivery[]
  readonly #outcomes: Outcomes

  constructor(deliveries: readonly Delivery[], outcomes: Outcomes) {
    this.deliveries = deliveries
    this.#outcomes = outcomes
  }

  get bytes(): number {
    return UNIT_BYTES + UNIT_BYTES_EACH * this.deliveries.length
  }

  build(draft: BatchDraft): void {
    const byLane = new Map<Lane, Map<number, number[]>>()
    for (const delivery of this.deliveries) {
      if (delivery.state === 'lost') continue
      const byAttempt = entryOf(byLane, delivery.feed.lane, () => new Map<number, number[]>())
      entryOf(byAttempt, delivery.attempt, () => []).push(delivery.stored.offset)
    }
    for (const [lane, byAttempt] of byLane) {
      for (const [attempt, offsets] of byAttempt) draft.lease(lane, attempt, offsets)
    }
  }

  confirm(): void {
    this.#outcomes.done()
  }

  refuse(error: UnlostError): void {
    this.#outcomes.failed(error)
  }

  postponed(): void {}
}

/** Acks that gather until the next batch. */
export class AckUnit implements Unit {
  readonly hasMessages = false
  readonly withdrawn = false
  readonly #waiting: { readonly delivery: Delivery; readonly outcomes: Outcomes | undefined }[] = []
  readonly #acked: (delivery: Delivery) => void
  readonly #sealed: () => void

  /** `sealed` is called when no more may be added, `acked` for each delivery whose ack is durable. */
  constructor(sealed: () => void, acked: (delivery: Delivery) => void) {
    this.#sealed = sealed
    this.#acked = acked
  }

  get bytes(): number {
    return UNIT_BYTES + UNIT_BYTES_EACH * this.#waiting.length
  }

  add(delivery: Delivery, outcomes: Outcomes | undefined): void {
    this.#waiting.push({ delivery, outcomes })
  }

  build(draft: BatchDraft): void {
    this.#sealed()
    for (const { delivery } of this.#waiting) {
      if (delivery.state !== 'lost') draft.ack(delivery.feed.lane, delivery.stored.offset)
    }
  }

  confirm(): void {
    for (const { delivery, outcomes } of this.#waiting) {
      this.#acked(delivery)
      outcomes?.done()
    }
  }

  refuse(error: UnlostError): void {
    this.#sealed()
    for (const { outcomes } of this.#waiting) outcomes?.failed(error)
  }

  postponed(): void {}
}

/** An ack with the sends that were staged in its handler. */
export class HandOverUnit implements Unit {
  readonly hasMessages = true
  readonly withdrawn = false
  readonly bytes: number
  readonly #delivery: Delivery
  readonly #sends: readonly Outgoing[]
  readonly #outcomes: Outcomes

  constructor(delivery: Delivery, sends: readonly Outgoing[], outcomes: Outcomes) {
    this.#delivery = delivery
    this.#sends = sends
    this.#outcomes = outcomes
    this.bytes = sends.reduce((sum, message) => sum + message.bytes, 128)
  }

  build(draft: BatchDraft): void {
    if (this.#delivery.state === 'lost') {
      throw new StaleLeaseError('the lease was lost meanwhile; nothing was written', {
        outcome: 'not-written',
      })
    }
    draft.messages(this.#sends)
    draft.ack(this.#delivery.feed.lane, this.#delivery.stored.offset)
  }

  confirm(): void {
    this.#outcomes.done()
  }

  refuse(error: UnlostError): void {
    this.#outcomes.failed(error)
  }

  postponed(): void {}
}

/** A retry or a death. The event is made when the batch is, so that its times are the batch's. */
export class EndUnit implements Unit {
  readonly hasMessages = false
  readonly withdrawn = false
  readonly bytes: number
  readonly #event: LedgerEvent
  readonly #outcomes: Outcomes

  constructor(event: LedgerEvent, outcomes: Outcomes) {
    this.#event = event
    this.#outcomes = outcomes
    this.bytes = UNIT_BYTES + 3 * JSON.stringify(event).length
  }

  build(draft: BatchDraft): void {
    draft.event(this.#event)
  }

  confirm(): void {
    this.#outcomes.done()
  }

  refuse(error: UnlostError): void {
    this.#outcomes.failed(error)
  }

  postponed(): void {}
}

/** The entry of a key, made when it is missing. */
function entryOf<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key)
  if (known !== undefined) return known
  const fresh = make()
  map.set(key, fresh)
  return fresh
}
