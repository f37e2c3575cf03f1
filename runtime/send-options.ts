/**
 * The options of one send.
 *
 * Owns: their names and checks. Leaves what they do to the binding and the producer.
 *
 * SO1. A send without options pays for none.
 */
import { isDate } from './clock.ts'
import { InvalidOptionError } from './errors.ts'
import {
  abortSignal,
  checkOptions,
  either,
  text,
  wholeNumber,
  type Rule,
  type Rules,
} from './option-check.ts'

export interface SendOptions {
  /** Instead of the topic's key function. */
  readonly key?: string
  /** Instead of the partition of the key; counted from 0. */
  readonly partition?: number
  /** Carried along; strings only. */
  readonly headers?: Readonly<Record<string, string>>
  /** Deliver not before so many milliseconds from now. Survives restarts. */
  readonly delayMs?: number
  /** Deliver not before this time (a Date, or milliseconds since 1970). Not together with `delayMs`. */
  readonly deliverAt?: Date | number
  /** The business's own id of the message: the same one again is answered with the first one's receipt. */
  readonly messageId?: string
  /** Give up when aborted; the error says whether the message may still appear. */
  readonly signal?: AbortSignal
  /** Give up after so many milliseconds. Default: the producer's (30,000). */
  readonly deliveryTimeoutMs?: number
}

/** The options of a batch, which is sent as a whole. */
export type BatchOptions = Pick<
  SendOptions,
  'signal' | 'deliveryTimeoutMs' | 'headers' | 'delayMs' | 'deliverAt' | 'key' | 'partition'
>

const TEXT_CHARS_MAX = 65_536

const boundedText: Rule = (value, where) => {
  text(value, where)
  if (typeof value === 'string' && value.length > TEXT_CHARS_MAX) {
    throw new InvalidOptionError(`${where} is longer than ${TEXT_CHARS_MAX} characters`, {
      outcome: 'not-written',
    })
  }
}

export const headersRule: Rule = (value, where) => {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  const entries = isObject ? Object.entries(value) : []
  if (!isObject || entries.some(([, header]) => typeof header !== 'string')) {
    throw new InvalidOptionError(`${where} must be an object of strings`, { outcome: 'not-written' })
  }
  for (const [name, header] of entries) boundedText(header, `${where}.${name}`)
}

const dateRule: Rule = (value, where) => {
  if (isDate(value) && !Number.isNaN(value.getTime())) return
  throw new InvalidOptionError(`${where} must be a valid Date`, { outcome: 'not-written' })
}

const BATCH_RULES: Rules = {
  key: boundedText,
  partition: wholeNumber(0),
  headers: headersRule,
  delayMs: wholeNumber(0),
  deliverAt: either('a valid Date or whole milliseconds since 1970', dateRule, wholeNumber(0)),
  signal: abortSignal,
  deliveryTimeoutMs: wholeNumber(1),
}

const SEND_RULES: Rules = { ...BATCH_RULES, messageId: boundedText }

export const NO_OPTIONS: SendOptions = Object.freeze({})

export function checkSendOptions(options: SendOptions, where: string): void {
  if (options === NO_OPTIONS) return
  checkOptions(options, SEND_RULES, where)
  refuseTwoTimes(options, where)
}

export function checkBatchOptions(options: BatchOptions, where: string): void {
  if (options === NO_OPTIONS) return
  checkOptions(options, BATCH_RULES, where)
  refuseTwoTimes(options, where)
}

function refuseTwoTimes(options: SendOptions, where: string): void {
  if (options.delayMs === undefined || options.deliverAt === undefined) return
  throw new InvalidOptionError(`${where}: give delayMs or deliverAt, not both`, { outcome: 'not-written' })
}
