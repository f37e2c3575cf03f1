/**
 * A message as a handler sees it.
 *
 * Owns: its fields and its four verbs. Leaves whether a verb is still allowed to the delivery.
 *
 * ME1. A verb on a settled or lost delivery is a `StaleLeaseError` and changes nothing.
 */
import type { Delivery } from './delivery.ts'
import type { Headers } from './record.ts'

export interface NackOptions {
  /** When to deliver again, in milliseconds from now. Default: the group's back-off. */
  readonly delayMs?: number
  /** What the history says. Default `'nack'`. */
  readonly reason?: string
}

/** One delivery of one message. */
export interface Message<Value> {
  readonly value: Value
  readonly key: string | undefined
  readonly headers: Headers
  /** The business's own id, if its sender gave one. */
  readonly messageId: string | undefined
  readonly topic: string
  readonly partition: number
  /** Position in the partition, from 0. */
  readonly offset: number
  readonly producer: { readonly id: string; readonly epoch: number; readonly sequence: number }
  /** Which attempt this is, from 1. Counted on disk before the handler began. */
  readonly attempt: number
  /** When it was stored, in milliseconds since 1970. */
  readonly timestamp: number
  /** Done. Resolves when that is on disk. */
  ack(): Promise<void>
  /** Not done: deliver again later, or to the dead letters after the last attempt. */
  nack(options?: NackOptions): Promise<void>
  /** The lease holds for `ms` milliseconds from now. */
  extend(ms: number): void
  /** To the dead letters, at once. */
  deadLetter(reason: string): Promise<void>
}

const NO_HEADERS: Headers = Object.freeze({})

export class DeliveredMessage<Value> implements Message<Value> {
  readonly value: Value
  readonly topic: string
  readonly #delivery: Delivery
  readonly #producerId: string

  constructor(
    delivery: Delivery,
    value: Value,
    names: { readonly topic: string; readonly producer: string },
  ) {
    this.#delivery = delivery
    this.value = value
    this.topic = names.topic
    this.#producerId = names.producer
  }

  get producer(): { readonly id: string; readonly epoch: number; readonly sequence: number } {
    const { epoch, sequence } = this.#delivery.stored
    return { id: this.#producerId, epoch, sequence }
  }

  get key(): string | undefined {
    return this.#delivery.stored.key
  }

  get headers(): Headers {
    return this.#delivery.stored.headers ?? NO_HEADERS
  }

  get messageId(): string | undefined {
    return this.#delivery.stored.messageId
  }

  get partition(): number {
    return this.#delivery.feed.mailbox.partition
  }

  get offset(): number {
    return this.#delivery.stored.offset
  }

  get attempt(): number {
    return this.#delivery.attempt
  }

  get timestamp(): number {
    return this.#delivery.stored.timestampMs
  }

  ack(): Promise<void> {
    return this.#delivery.ackAsked()
  }

  nack(options: NackOptions = {}): Promise<void> {
    return this.#delivery.nackAsked(options)
  }

  extend(ms: number): void {
    this.#delivery.extend(ms)
  }

  deadLetter(reason: string): Promise<void> {
    return this.#delivery.deadLetterAsked(reason)
  }
}
