/**
 * One attempt at one message: from the lease to its end.
 *
 * Owns: the state of the lease in this process, and what was staged with it. Leaves durability to the desk.
 * `deliveryMachine` is its specification.
 *
 * DV1. A delivery ends once: what comes after is a `StaleLeaseError`.
 * DV2. Sends staged in a handler are committed with its ack, or not at all (G7).
 */
import { StaleLeaseError } from './errors.ts'
import type { Feed } from './feed.ts'
import { checkOptions, finiteNumber, text, wholeNumber, type Rules } from './option-check.ts'
import type { Message, NackOptions } from './message.ts'
import type { Outgoing } from './outgoing.ts'
import type { StoredMessage } from './record.ts'

export type DeliveryState = 'leasing' | 'leased' | 'settling' | 'settled' | 'lost'

/** How an attempt ends. */
export type Ending =
  | { readonly kind: 'ack' }
  | { readonly kind: 'nack'; readonly reason: string; readonly delayMs?: number }
  | { readonly kind: 'retry-after'; readonly delayMs: number }
  | { readonly kind: 'dead'; readonly reason: string }
  | { readonly kind: 'release' }

/** Makes ends durable. Implemented by the desk. */
export interface Settler {
  settle(delivery: Delivery, ending: Ending): Promise<void>
  monotonicMs(): number
}

export interface DeliveryParts {
  readonly feed: Feed
  readonly stored: StoredMessage
  /** Which attempt it is, from 1. */
  readonly attempt: number
  readonly maxDeliveries: number
}

const NACK_RULES: Rules = { delayMs: wholeNumber(0), reason: text }

export class Delivery {
  readonly stored: StoredMessage
  readonly feed: Feed
  readonly attempt: number
  readonly maxDeliveries: number
  readonly #settler: Settler
  state: DeliveryState = 'leasing'
  leaseUntilMs = Number.POSITIVE_INFINITY
  /** Sends to commit with the ack; promises where a schema answers later. */
  staged: (Outgoing | Promise<Outgoing>)[] = []
  /** What the handler sees; made when the attempt begins. */
  message: Message<unknown> | undefined
  /** Set by whoever must know that the attempt is over. */
  onEnd: (() => void) | undefined
  #abort: AbortController | undefined
  #aborted: unknown

  constructor(settler: Settler, parts: DeliveryParts) {
    this.#settler = settler
    this.feed = parts.feed
    this.stored = parts.stored
    this.attempt = parts.attempt
    this.maxDeliveries = parts.maxDeliveries
  }

  /** Made only when a handler asks for it: most never do. */
  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController()
      if (this.#aborted !== undefined) this.#abort.abort(this.#aborted)
    }
    return this.#abort.signal
  }

  abort(reason: unknown): void {
    this.#aborted ??= reason
    this.#abort?.abort(reason)
  }

  ackAsked(): Promise<void> {
    return this.#ask({ kind: 'ack' })
  }

  async nackAsked(options: NackOptions): Promise<void> {
    checkOptions(options, NACK_RULES, 'nack')
    const { delayMs, reason = 'nack' } = options
    return this.#ask({ kind: 'nack', reason, ...(delayMs === undefined ? {} : { delayMs }) })
  }

  async deadLetterAsked(reason: string): Promise<void> {
    text(reason, 'deadLetter: the reason')
    return this.#ask({ kind: 'dead', reason })
  }

  extend(ms: number): void {
    finiteNumber(0, Number.MAX_SAFE_INTEGER)(ms, 'extend: the time')
    if (this.state !== 'leased') throw this.#stale('extend')
    this.leaseUntilMs = this.#settler.monotonicMs() + ms
  }

  async #ask(ending: Ending): Promise<void> {
    if (this.state !== 'leased') throw this.#stale(ending.kind)
    return this.#settler.settle(this, ending)
  }

  #stale(verb: string): StaleLeaseError {
    const why = this.state === 'lost' ? 'its lease was lost' : 'it was settled already'
    return new StaleLeaseError(
      `${verb} of offset ${this.stored.offset} (attempt ${this.attempt}): ${why}; nothing changed`,
    )
  }
}
