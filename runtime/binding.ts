/**
 * A topic as this runtime knows it: its declaration and its durable state.
 *
 * Owns: from a value to a message on its way (schema, key, partition, codec), and back.
 * Leaves numbering to the batch, and admission to the producer.
 *
 * BI1. A value is refused before anything is written or numbered.
 */
import { TooLargeError } from '../persistence/index.ts'
import { toMs } from './clock.ts'
import type { Delivery } from './delivery.ts'
import type { DueClock } from './due-clock.ts'
import { InvalidOptionError, InvalidValueError, wordsOf } from './errors.ts'
import type { TopicState } from './ledger.ts'
import type { Limits } from './limits.ts'
import { DeliveredMessage } from './message.ts'
import { NO_FIELDS, Outgoing, type SendFields, type Slot } from './outgoing.ts'
import { partitionOf } from './partition.ts'
import { checkValue } from './schema.ts'
import { NO_OPTIONS, type SendOptions } from './send-options.ts'
import type { Topic } from './topic.ts'
import type { RecordPad } from './record-pad.ts'
import { decodeValue, encodeValue, payloadBytes, type Payload } from './value-codec.ts'

/** In UTF-8. */
const BYTES_PER_CHAR_MAX = 3

/** Who sends: one slot a partition. */
export interface Sender {
  /** Where its messages wait for their batch. */
  readonly pad: RecordPad
  slot(partition: number): Slot
  /** Where a message without a key goes. */
  nextPartition(): number
}

/** The sending half. */
export interface Writing<Input> {
  readonly name: string
  outgoing(sender: Sender, input: Input, options: SendOptions): Outgoing | Promise<Outgoing>
}

/** The receiving half. */
export interface Reading<Value> {
  readonly name: string
  /** Throws `UndecodableError`, as does `message`. */
  value(stored: Buffer): Value
  message(delivery: Delivery): DeliveredMessage<Value>
}

/** Refuses more than the topic's codec does. */
export type Check = (value: unknown) => void

export class Binding<Input, Value> implements Writing<Input>, Reading<Value> {
  readonly topic: Topic<Input, Value>
  readonly state: TopicState
  readonly #check: Check | undefined
  readonly #dueClock: DueClock
  readonly #limits: Limits
  readonly #producerName: (producer: number) => string

  constructor(
    topic: Topic<Input, Value>,
    state: TopicState,
    parts: {
      dueClock: DueClock
      limits: Limits
      producerName: (producer: number) => string
      check: Check | undefined
    },
  ) {
    this.topic = topic
    this.state = state
    this.#check = parts.check
    this.#dueClock = parts.dueClock
    this.#limits = parts.limits
    this.#producerName = parts.producerName
  }

  get name(): string {
    return this.topic.name
  }

  /** The message to send: at once, or as a promise when the schema answers later. */
  outgoing(sender: Sender, input: Input, options: SendOptions): Outgoing | Promise<Outgoing> {
    const value = checkValue(this.topic, input)
    if (value instanceof Promise) {
      const asked = copyOf(options)
      return value.then((checked) => this.#encode(sender, checked, asked))
    }
    return this.#encode(sender, value, options)
  }

  #encode(sender: Sender, value: Value, options: SendOptions): Outgoing {
    this.#check?.(value)
    const payload = encodeValue(this.topic.codec, value)
    this.#checkSize(payload)
    const key = options.key ?? this.#keyOf(value)
    const partition = this.#partition(sender, key, options.partition)
    const fields = key === undefined && options === NO_OPTIONS ? NO_FIELDS : this.#fields(key, options)
    return new Outgoing(sender.slot(partition), sender.pad.write(fields, payload), fields)
  }

  #fields(key: string | undefined, options: SendOptions): SendFields {
    return {
      key,
      headers: options.headers === undefined ? undefined : { ...options.headers },
      dueMs: this.#dueMs(options),
      isDelay: options.delayMs !== undefined,
      messageId: options.messageId,
    }
  }

  #checkSize(payload: Payload): void {
    const max = this.#limits.valueBytes
    if (payload.length * BYTES_PER_CHAR_MAX <= max) return
    const size = payloadBytes(payload)
    if (size <= max) return
    throw new TooLargeError(
      `topic '${this.topic.name}': a value of ${size} bytes is over limits.valueBytes (${max})`,
      { outcome: 'not-written' },
    )
  }

  #keyOf(value: Value): string | undefined {
    if (this.topic.key === undefined) return undefined
    const key: unknown = runKey(this.topic.key, value, this.topic.name)
    if (typeof key === 'string') return key
    throw new InvalidValueError(
      `topic '${this.topic.name}': the key function gave ${typeof key}, not a string`,
    )
  }

  #partition(sender: Sender, key: string | undefined, chosen: number | undefined): number {
    const { partitions } = this.topic
    if (chosen === undefined) return key === undefined ? sender.nextPartition() : partitionOf(key, partitions)
    if (chosen < partitions) return chosen
    throw new InvalidOptionError(
      `topic '${this.topic.name}' has ${partitions} partitions, counted from 0; there is no partition ${chosen}`,
      { outcome: 'not-written' },
    )
  }

  #dueMs(options: SendOptions): number | undefined {
    if (options.delayMs !== undefined) return this.#dueClock.nowMs() + options.delayMs
    const { deliverAt } = options
    return deliverAt === undefined ? undefined : toMs(deliverAt)
  }

  value(stored: Buffer): Value {
    return decodeValue(this.topic.codec, stored)
  }

  /** What the handler sees. */
  message(delivery: Delivery): DeliveredMessage<Value> {
    const producer = this.#producerName(delivery.stored.producer)
    return new DeliveredMessage(delivery, this.value(delivery.stored.value), { topic: this.name, producer })
  }
}

/** The caller may change its options while the schema is at work. */
function copyOf(options: SendOptions): SendOptions {
  const { headers } = options
  return headers === undefined ? { ...options } : { ...options, headers: { ...headers } }
}

function runKey<Value>(key: (value: Value) => string, value: Value, topic: string): string {
  try {
    return key(value)
  } catch (cause) {
    throw new InvalidValueError(`topic '${topic}': the key function threw: ${wordsOf(cause)}`, [], cause)
  }
}
