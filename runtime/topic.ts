/**
 * The declaration of a topic: its name, what its values are, and how they are spread and kept.
 *
 * Owns: `defineTopic` and its checks. Leaves storing the declaration to the ledger, and encoding to `value-codec.ts`.
 *
 * TO1. A declaration is immutable and holds no state; any number of runtimes may use it.
 * TO2. A wrong option is refused here, before anything is opened.
 * TO3. What was not declared by `defineTopic` is refused wherever a topic is asked for.
 */
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { InvalidOptionError } from './errors.ts'
import {
  bool,
  callable,
  checkName,
  checkOptions,
  either,
  oneOf,
  port,
  record,
  wholeNumber,
  type Rule,
  type Rules,
} from './option-check.ts'

/** A codec of your own. `encode` must return all bytes that `decode` needs. */
export interface ValueCodec<Value> {
  encode(value: Value): Uint8Array
  decode(bytes: Uint8Array): Value
}

/** How values become bytes: `json` (default), `binary` for a `Uint8Array`, or your own. */
export type CodecChoice<Value> = 'json' | 'binary' | ValueCodec<Value>

/**
 * Keeps messages that all groups are done with, for replay, while both bounds hold.
 * `evenIfUnread: true` applies the bounds also to messages that a group still needs; what it lost is an event.
 */
export interface Retention {
  readonly ms?: number
  readonly bytes?: number
  readonly evenIfUnread?: boolean
}

interface CommonOptions<Value> {
  /** The order that is kept: messages of one key are handled one after the other. */
  readonly key?: (value: Value) => string
  /** How many mailboxes the topic has; fixed when the topic is first used. Default 1, up to 1,024. */
  readonly partitions?: number
  readonly codec?: CodecChoice<Value>
  /** By default a message goes when all groups are done with it; a topic without a group keeps everything. */
  readonly retain?: Retention
  /** How many `messageId`s the topic remembers for deduplication. Default 10,000. */
  readonly messageIdCount?: number
}

export interface TopicOptions<Value> extends CommonOptions<Value> {
  readonly schema?: undefined
}

export interface SchemaTopicOptions<Schema extends StandardSchemaV1> extends CommonOptions<
  StandardSchemaV1.InferOutput<Schema>
> {
  /** Any Standard Schema (zod, valibot, arktype …). Values are checked at `send`; types are inferred. */
  readonly schema: Schema
}

/** A declared topic. `Input` is what `send` takes, `Value` is what handlers get. */
export interface Topic<Input, Value = Input> {
  readonly name: string
  readonly partitions: number
  readonly codec: CodecChoice<Value>
  readonly schema: StandardSchemaV1<Input, Value> | undefined
  readonly key: ((value: Value) => string) | undefined
  readonly retain: Retention | undefined
  readonly messageIdCount: number
}

export const PARTITIONS_MAX = 1024

/** What `defineTopic` of this copy of the package made: needs no second look. */
const declared = new WeakSet<object>()
const MESSAGE_ID_COUNT = 10_000

const codecRule: Rule = either(
  "'json', 'binary' or an object with encode and decode",
  oneOf('json', 'binary'),
  port('encode', 'decode'),
)

const schemaRule: Rule = (value, where) => {
  const isObject = (typeof value === 'object' || typeof value === 'function') && value !== null
  if (isObject && Reflect.get(value, '~standard') !== undefined) return
  throw new InvalidOptionError(`${where} must be a Standard Schema (zod, valibot, arktype …)`)
}

const TOPIC_RULES: Rules = {
  schema: schemaRule,
  key: callable,
  partitions: wholeNumber(1, PARTITIONS_MAX),
  codec: codecRule,
  retain: record({ ms: wholeNumber(0), bytes: wholeNumber(0), evenIfUnread: bool }),
  messageIdCount: wholeNumber(0, 10_000_000),
}

/**
 * Declares a topic. Declaring does nothing on disk.
 *
 * @throws InvalidOptionError when the name or an option is wrong.
 * @example
 * const orders = defineTopic('orders', { schema: OrderSchema, key: (order) => order.customerId, partitions: 4 })
 */
export function defineTopic<Schema extends StandardSchemaV1>(
  name: string,
  options: SchemaTopicOptions<Schema>,
): Topic<StandardSchemaV1.InferInput<Schema>, StandardSchemaV1.InferOutput<Schema>>
export function defineTopic<Value = unknown>(name: string, options?: TopicOptions<Value>): Topic<Value>
export function defineTopic(
  name: string,
  options: TopicOptions<unknown> | SchemaTopicOptions<StandardSchemaV1> = {},
): Topic<unknown> {
  checkName(name, 'the name of a topic')
  checkOptions(options, TOPIC_RULES, `defineTopic('${name}')`)
  const topic = Object.freeze({
    name,
    partitions: options.partitions ?? 1,
    codec: options.codec ?? 'json',
    schema: options.schema,
    key: options.key,
    retain: options.retain === undefined ? undefined : Object.freeze({ ...options.retain }),
    messageIdCount: options.messageIdCount ?? MESSAGE_ID_COUNT,
  })
  declared.add(topic)
  return topic
}

/** Refuses what is no topic: a name, nothing at all, or an object of the caller's own making that is wrong. */
export function checkTopic(topic: unknown, where: string): void {
  if (typeof topic === 'object' && topic !== null && declared.has(topic)) return
  const name: unknown = typeof topic === 'object' && topic !== null ? Reflect.get(topic, 'name') : undefined
  const isComplete =
    typeof topic === 'object' && topic !== null && 'partitions' in topic && 'messageIdCount' in topic
  if (!isComplete)
    throw new InvalidOptionError(`${where}: the topic must be one that defineTopic made`, NOT_WRITTEN)
  checkName(name, 'the name of a topic')
  const options = Object.entries(topic).filter(([option]) => option !== 'name')
  checkOptions(Object.fromEntries(options), TOPIC_RULES, `${where} '${name}'`)
  declared.add(topic)
}

const NOT_WRITTEN = { outcome: 'not-written' } as const
