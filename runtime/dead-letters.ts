/**
 * The dead letters of a group: look at them, send them back, give them up.
 *
 * Owns: the view and the two verbs. Leaves the state to the lane, and messages' bytes to the store.
 *
 * DD1. A dead letter stays until it is redriven or purged; its message stays on disk with it.
 * DD2. A dry run tells what would happen and changes nothing.
 */
import type { Reading } from './binding.ts'
import type { Broker } from './broker.ts'
import type { Desk } from './desk.ts'
import { InvalidOptionError } from './errors.ts'
import type { Feed } from './feed.ts'
import type { DeadEntry } from './lane.ts'
import type { AttemptRecord } from './ledger-event.ts'
import type { MailboxReader } from './mailbox-reader.ts'
import { bool, callable, checkOptions, wholeNumber, type Rules } from './option-check.ts'
import type { Headers } from './record.ts'
import { EventUnit } from './unit.ts'

/** One dead letter with its history. `value` is undefined when the codec cannot read it (see `reason`). */
export interface DeadLetterInfo<Value> {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly group: string
  readonly key: string | undefined
  readonly headers: Headers
  readonly value: Value | undefined
  readonly reason: string
  /** How many attempts it had. */
  readonly attempts: number
  /** When it died, in milliseconds since 1970. */
  readonly diedAt: number
  readonly history: readonly AttemptRecord[]
}

/** Which dead letters. All when nothing is given. */
export interface DeadLetterFilter<Value> {
  readonly partition?: number
  readonly offsets?: readonly number[]
  readonly where?: (letter: DeadLetterInfo<Value>) => boolean
  /** At most so many, oldest first. */
  readonly limit?: number
}

export interface DeadLetterAction<Value> extends DeadLetterFilter<Value> {
  /** Tell what would happen; change nothing. Default false. */
  readonly dryRun?: boolean
}

export interface DeadLetterResult {
  readonly count: number
  readonly dryRun: boolean
  readonly letters: readonly { readonly partition: number; readonly offset: number }[]
}

const FILTER_RULES: Rules = {
  partition: wholeNumber(0),
  offsets: (value, where) => {
    if (Array.isArray(value) && value.every((offset) => Number.isSafeInteger(offset))) return
    throw new InvalidOptionError(`${where} must be an array of offsets`)
  },
  where: callable,
  limit: wholeNumber(0),
}

const ACTION_RULES: Rules = { ...FILTER_RULES, dryRun: bool }

export interface DeadLettersParts<Value> {
  readonly binding: Reading<Value>
  readonly desk: Desk
  readonly broker: Broker
  readonly reader: MailboxReader
}

interface Found<Value> {
  readonly feed: Feed
  readonly letter: DeadLetterInfo<Value>
}

export class DeadLetters<Value> {
  readonly #parts: DeadLettersParts<Value>

  /** @internal */
  constructor(parts: DeadLettersParts<Value>) {
    this.#parts = parts
  }

  /** The dead letters, by partition and offset. */
  async list(filter: DeadLetterFilter<Value> = {}): Promise<DeadLetterInfo<Value>[]> {
    checkOptions(filter, FILTER_RULES, 'deadLetters.list')
    return (await this.#find(filter)).map(({ letter }) => letter)
  }

  /**
   * Sends dead letters back to their group, with a fresh count of attempts.
   *
   * @example
   * await runtime.deadLetters(orders, { group: 'billing' }).redrive({ dryRun: true })
   */
  async redrive(action: DeadLetterAction<Value> = {}): Promise<DeadLetterResult> {
    const result = await this.#act('redrive', action)
    if (action.dryRun !== true) this.#parts.desk.wake()
    return result
  }

  /** Gives dead letters up: their messages may leave the disk. */
  purge(action: DeadLetterAction<Value> = {}): Promise<DeadLetterResult> {
    return this.#act('purge', action)
  }

  async #act(kind: 'redrive' | 'purge', action: DeadLetterAction<Value>): Promise<DeadLetterResult> {
    checkOptions(action, ACTION_RULES, `deadLetters.${kind}`)
    const found = await this.#find(action)
    const dryRun = action.dryRun === true
    if (!dryRun && found.length > 0) await this.#commit(kind, found)
    const letters = found.map(({ letter }) => ({ partition: letter.partition, offset: letter.offset }))
    return { count: letters.length, dryRun, letters }
  }

  async #commit(kind: 'redrive' | 'purge', found: readonly Found<Value>[]): Promise<void> {
    const feeds = new Set(found.map(({ feed }) => feed))
    const lists = [...feeds].map((feed) => ({
      feed,
      offsets: found.filter((item) => item.feed === feed).map(({ letter }) => letter.offset),
    }))
    await new Promise<void>((resolve, reject) => {
      const unit = new EventUnit(
        (draft) => {
          for (const { feed, offsets } of lists) {
            draft.event({ kind, group: feed.lane.group, mailbox: feed.lane.mailbox, offsets })
          }
        },
        (error) => (error === undefined ? resolve() : reject(error)),
        256 + 32 * found.length,
      )
      this.#parts.broker.submit(unit)
    })
    if (kind === 'redrive') for (const { feed, offsets } of lists) feed.redriven(offsets)
  }

  async #find(filter: DeadLetterFilter<Value>): Promise<Found<Value>[]> {
    const found: Found<Value>[] = []
    const limit = filter.limit ?? Number.POSITIVE_INFINITY
    for (const feed of this.#parts.desk.parts.feeds) {
      if (filter.partition !== undefined && feed.mailbox.partition !== filter.partition) continue
      const entries = [...feed.lane.dead].toSorted(([a], [b]) => a - b)
      for (const [offset, entry] of entries) {
        if (found.length >= limit) return found
        if (filter.offsets !== undefined && !filter.offsets.includes(offset)) continue
        const letter = await this.#letter(feed, offset, entry)
        if (filter.where === undefined || filter.where(letter)) found.push({ feed, letter })
      }
    }
    return found
  }

  async #letter(feed: Feed, offset: number, entry: DeadEntry): Promise<DeadLetterInfo<Value>> {
    const { binding, desk, reader } = this.#parts
    const stored = await reader.message(feed.mailbox.mailbox, offset)
    return {
      topic: binding.name,
      partition: feed.mailbox.partition,
      offset,
      group: desk.parts.group,
      key: stored?.key,
      headers: stored?.headers ?? {},
      value: stored === undefined ? undefined : readable(() => binding.value(stored.value)),
      reason: entry.reason,
      attempts: entry.attempt,
      diedAt: entry.atMs,
      history: entry.history,
    }
  }
}

function readable<Value>(read: () => Value): Value | undefined {
  try {
    return read()
  } catch {
    // The reason of the dead letter already says that the codec cannot read it.
    return undefined
  }
}
