/**
 * The way of mail from the mailbox into turns.
 *
 * Owns: the order of the mailbox, how much is taken at once, and care after a crash. Leaves actors that lag to
 * `actor-lags.ts`.
 *
 * AK1. Mail is taken in the order of the mailbox, each once; that of actors that lag is passed over.
 * AK2. One batch takes so much that others get a word in, and that the journal takes it whole.
 * AK3. After a crash the mail that may have been under way is taken one by one, each counted on disk before.
 */
import type { ActorLedgerEvent } from './actor-event.ts'
import type { ActorHost } from './actor-host.ts'
import { FIRST_TRY, type TurnBatch } from './actor-turns.ts'
import type { DraftedRun } from './fresh-letters.ts'
import { readLetters, type StoredLetter } from './record.ts'

/** How many mails one batch takes at most: so many are suspect after a crash. */
export const BATCH_COUNT = 2_048
/** Mails between two looks at the clock. */
const SLICE_COUNT = 64
/** How long turns are taken before others get a word in. */
const BATCH_MS = 12

export class ActorIntake {
  readonly #host: ActorHost
  /** Below this offset mail is taken one by one, counted before. */
  readonly #cautiousUntil: number
  /** Below this offset mail is taken one by one. */
  #slowUntil = 0
  /** The mail at the cursor was counted in this run already. */
  #counted = -1
  #fetchedTo: number
  readonly #reader = {}

  constructor(host: ActorHost) {
    this.#host = host
    const { kind, mailbox, wasCrashed } = host.parts
    this.#cautiousUntil = wasCrashed ? Math.min(mailbox.next, kind.cursor + BATCH_COUNT) : 0
    this.#fetchedTo = kind.cursor
  }

  /** Takes the next mail; false when there is none. */
  step(): boolean {
    const { kind, mailbox } = this.#host.parts
    if (kind.cursor >= mailbox.next) return false
    if (kind.cursor < mailbox.first) return this.#jump(mailbox.first)
    this.#host.withRuns(kind.cursor, (runs) => this.#takeRuns(runs))
    return true
  }

  /** What lies before is gone by a trim. */
  #jump(first: number): boolean {
    this.#host.submit(
      { events: [{ kind: 'consumed', actors: this.#host.parts.kind.number, next: first }], sends: [] },
      () => {},
    )
    return true
  }

  #takeRuns(runs: readonly DraftedRun[]): void {
    const { kind } = this.#host.parts
    if (kind.cursor < this.#cautiousUntil) return this.#takeCautiously(runs)
    const isSlow = kind.cursor < this.#slowUntil
    const batch = this.#host.newBatch()
    const only = isSlow ? messageAt(runs, kind.cursor) : undefined
    const next = this.#takeAll(batch, runs, isSlow ? 1 : BATCH_COUNT)
    this.#host.commit({
      batch,
      only: only === undefined ? undefined : { message: only, tries: FIRST_TRY },
      marks: () => [this.#consumed(next)],
      slowDown: () => (this.#slowUntil = next),
    })
  }

  #consumed(next: number): ActorLedgerEvent {
    return { kind: 'consumed', actors: this.#host.parts.kind.number, next }
  }

  /** Steps through mail while there is room; returns where it stopped. */
  #takeAll(batch: TurnBatch, runs: readonly DraftedRun[], max: number): number {
    const { kind, clock, limits, broker } = this.#host.parts
    const room = Math.min(limits.batchBytes, broker.batchBytesMax / 2)
    const endMs = clock.monotonicMs() + BATCH_MS
    const queue = [...runs]
    let at = kind.cursor
    while (batch.count < max && batch.bytes < room && clock.monotonicMs() < endMs) {
      const run = queue[0] ?? this.#host.parts.reader.recent(this.#host.parts.mailbox.mailbox, at)
      if (run === undefined) return at
      queue[0] = run
      const messages = readLetters(run, at, Math.min(SLICE_COUNT, max - batch.count))
      this.#fetched(messages)
      for (const message of messages) this.#take(batch, message)
      at = (messages.at(-1)?.offset ?? at) + 1
      if (at >= run.firstOffset + run.count) queue.shift()
    }
    return at
  }

  #take(batch: TurnBatch, message: StoredLetter): void {
    const { lags } = this.#host.parts.kind
    if (lags.size > 0 && lags.has(message.key ?? '')) batch.skip()
    else batch.take(message)
  }

  #fetched(messages: readonly StoredLetter[]): void {
    const [first] = messages
    const fresh = messages.findIndex(({ offset }) => offset >= this.#fetchedTo)
    const from = messages[fresh]
    if (first === undefined || from === undefined) return
    this.#fetchedTo = first.offset + messages.length
    this.#host.parts.fetched(this.#reader, from, messages.length - fresh)
  }

  /** One mail, counted on disk before its turn: it may be what ended the last run. */
  #takeCautiously(runs: readonly DraftedRun[]): void {
    const { kind, supervision } = this.#host.parts
    const message = messageAt(runs, kind.cursor)
    if (message === undefined) return this.#takeNothing()
    const { offset, key = '' } = message
    const attempt = kind.tried?.offset === offset ? kind.tried.attempt : 0
    const isCounted = this.#counted === offset
    const isHeld = kind.lags.has(key)
    if (!isHeld && !isCounted && attempt < supervision.maxAttempts) return this.#count(offset, attempt + 1)
    const batch = this.#host.newBatch()
    const tries = { attempt, history: [] }
    this.#fetched([message])
    if (isHeld) batch.skip()
    else if (isCounted) batch.take(message, tries)
    else batch.crashed(message, tries)
    this.#host.commit({
      batch,
      only: { message, tries },
      marks: () => [this.#consumed(offset + 1)],
      slowDown: () => {},
    })
  }

  #count(offset: number, attempt: number): void {
    this.#counted = offset
    const { number: actors } = this.#host.parts.kind
    this.#host.submit({ events: [{ kind: 'tried', actors, offset, attempt }], sends: [] }, () => {})
  }

  /** The store says there is nothing although there should be: look again later. */
  #takeNothing(): void {
    this.#host.parts.unreadable(this.#host.parts.kind.cursor, undefined)
  }
}

export function messageAt(runs: readonly DraftedRun[], offset: number): StoredLetter | undefined {
  for (const run of runs) {
    if (offset < run.firstOffset + run.count) return readLetters(run, offset, 1)[0]
  }
  return undefined
}
