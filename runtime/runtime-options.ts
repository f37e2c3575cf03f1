/**
 * The options of a runtime, its producers and its consumers.
 *
 * Owns: their names, defaults and checks. Leaves what they do to those who take them.
 *
 * RO1. What is not built yet is refused by name, never accepted and ignored.
 */
import type { OpenStore } from '../persistence/index.ts'
import { defaultMaxDelayMs, defaultMinDelayMs, type ActorDefinition } from '../actors/index.ts'
import { checkDefinition } from './actor-definition.ts'
import type { Clock } from './clock.ts'
import { InvalidOptionError } from './errors.ts'
import type { Interceptor } from './interceptor.ts'
import { LIMIT_RULES, type Limits } from './limits.ts'
import {
  bool,
  callable,
  checkOptions,
  port,
  record,
  text,
  wholeNumber,
  type Rule,
  type Rules,
} from './option-check.ts'
import type { Random } from './random.ts'
import type { SessionOptions } from './session.ts'

export interface RuntimeOptions {
  /** Replace an owner that is alive but stopped. Default false: a second opener gets `UNLOST_LOCKED`. */
  readonly takeover?: boolean
  /** Code beside the way of every message, in this order. The numbering and checking pair comes after it. */
  readonly interceptors?: readonly Interceptor[]
  /** Whether producers number and consumers check. Default true. */
  readonly continuity?: boolean
  readonly limits?: Partial<Limits>
  readonly clock?: Clock
  readonly random?: Random
  /** Definitions of durable actors that this runtime hosts, as `defineActor` makes them. */
  readonly actors?: readonly ActorDefinition[]
  /** Another engine, or a wrapped one. Default: the journal in the directory. */
  readonly store?: OpenStore
}

export interface ProducerOptions {
  /** Who sends: numbers go on under it after a restart. Default: `auto-1`, `auto-2` … in the order of making. */
  readonly id?: string
  /** How long a send may take. Default 30,000 ms. */
  readonly deliveryTimeoutMs?: number
}

export interface ConsumerOptions {
  readonly group: string
  /** How many messages may be out at once. Default 1. Messages of one key are handled one after the other. */
  readonly concurrency?: number
  /** After so many attempts a message goes to the dead letters. Default 5. */
  readonly maxDeliveries?: number
  /** Back-off after a failed attempt: doubling from `minDelayMs` (100) up to `maxDelayMs` (60,000), with jitter. */
  readonly retry?: { readonly minDelayMs?: number; readonly maxDelayMs?: number }
  /** How long a message may be out before its handler is told by its signal. Default 30,000 ms. */
  readonly leaseMs?: number
}

const later: Rule = (_, where) => {
  throw new InvalidOptionError(
    `${where} is not supported yet: every confirmed message is on one disk, synced`,
  )
}

function isNamed(item: unknown): boolean {
  return typeof item === 'object' && item !== null && typeof Reflect.get(item, 'name') === 'string'
}

const interceptorsRule: Rule = (value, where) => {
  if (!Array.isArray(value) || !value.every(isNamed)) {
    throw new InvalidOptionError(`${where} must be an array of objects with a name and hooks`)
  }
  for (const item of value) checkOptions(item, HOOK_RULES, `${where} '${Reflect.get(item, 'name')}'`)
}

const HOOK_RULES: Rules = {
  name: text,
  onSend: callable,
  onConfirm: callable,
  onFetch: callable,
  onConsume: callable,
  onSettle: callable,
}

const actorsRule: Rule = (value, where) => {
  if (!Array.isArray(value)) throw new InvalidOptionError(`${where} must be an array of definitions`)
  for (const item of value as readonly unknown[]) checkDefinition(item, `${where}: each`)
}

export const RUNTIME_RULES: Rules = {
  takeover: bool,
  interceptors: interceptorsRule,
  continuity: bool,
  limits: record(LIMIT_RULES),
  clock: port('nowMs', 'monotonicMs', 'schedule', 'defer', 'hold'),
  random: port('fraction', 'bytes'),
  actors: actorsRule,
  store: callable,
  mirrors: later,
  minInSync: later,
  durability: later,
}

export const PRODUCER_RULES: Rules = { id: text, deliveryTimeoutMs: wholeNumber(1) }

export const CONSUMER_RULES: Rules = {
  group: text,
  concurrency: wholeNumber(1, 100_000),
  maxDeliveries: wholeNumber(1),
  retry: record({ minDelayMs: wholeNumber(0), maxDelayMs: wholeNumber(0) }),
  leaseMs: wholeNumber(1),
}

export const DELIVERY_TIMEOUT_MS = 30_000

export function sessionOptions(options: ConsumerOptions, limits: Limits): SessionOptions {
  const { retry = {} } = options
  return {
    concurrency: options.concurrency ?? 1,
    maxDeliveries: options.maxDeliveries ?? 5,
    minDelayMs: retry.minDelayMs ?? defaultMinDelayMs,
    maxDelayMs: retry.maxDelayMs ?? defaultMaxDelayMs,
    leaseMs: options.leaseMs ?? 30_000,
    stallMs: limits.stallMs,
    drainTimeoutMs: limits.drainTimeoutMs,
  }
}
