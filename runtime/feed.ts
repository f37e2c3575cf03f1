/**
 * The messages of one mailbox on their way to one group: read ahead, held back, ready.
 *
 * Owns: the cursor, the bounded window of messages in memory, the delayed ones, and order per key.
 * Leaves what is durably done to the lane, and who gets a message to the desk.
 *
 * FE1. Messages are read in order of offset, each once, except those that come back for a retry or a redrive.
 * FE2. A message is ready only when it is durable, due, unsettled, and first of its key.
 * FE3. At most about `windowCount` messages (and `WINDOW_BYTES`) are in memory, whatever the backlog (G11).
 * FE4. A message that the others of its key wait for can always be read, however full the window is of those others.
 * FE5. What the store leaves out, repeats or cannot read is told (`onFetch`, `unreadable`), never passed over in silence.
 */
import { CorruptError, type Run } from '../persistence/index.ts'
import type { DueClock } from './due-clock.ts'
import { DueHeap } from './due-heap.ts'
import { Fifo } from './fifo.ts'
import { KeyOrder } from './key-order.ts'
import type { Lane } from './lane.ts'
import type { MailboxReader } from './mailbox-reader.ts'
import type { MailboxState } from './mailbox-state.ts'
import { readRun, type StoredMessage } from './record.ts'

const WINDOW_BYTES = 8 * 1024 * 1024

/** When a single message is looked for again that could not be read. */
const READ_RETRY_MS = 1_000

export interface FeedParts {
  readonly lane: Lane
  readonly mailbox: MailboxState
  readonly reader: MailboxReader
  readonly dueClock: DueClock
  readonly windowCount: number
  readonly retryCount: number
  /** Tells the interceptors what was read for the first time. */
  readonly fetched: (reader: object, run: Run, messages: readonly StoredMessage[]) => void
  /** Something became ready, or may be read. */
  readonly wake: () => void
  readonly unreadable: (offset: number, error: unknown) => void
}

export class Feed {
  readonly lane: Lane
  readonly mailbox: MailboxState
  readonly #parts: FeedParts
  readonly #ready = new Fifo<StoredMessage>()
  readonly #keys = new KeyOrder<StoredMessage>()
  readonly #delayed = new DueHeap()
  /** Retries that are due: each holds its key. */
  readonly #retries = new Fifo<number>()
  /** Others that come back: fallen due for the first time, redriven, or below the floor at the start. */
  readonly #returning = new Fifo<number>()
  /** Redriven and not settled since: one of them must not be here twice. */
  readonly #redriven = new Set<number>()
  #cursor: number
  #bytes = 0
  #reading = false
  #generation: object = {}

  constructor(parts: FeedParts) {
    this.#parts = parts
    this.lane = parts.lane
    this.mailbox = parts.mailbox
    this.#cursor = parts.lane.floor
    this.#queueBelowFloor()
  }

  get readyCount(): number {
    return this.#ready.size
  }

  /** The next ready message. One that went by a retention rule meanwhile is passed over. */
  get first(): StoredMessage | undefined {
    for (;;) {
      const first = this.#ready.first
      if (first === undefined || !this.lane.isSettled(first.offset)) return first
      this.take()
      this.settled(first)
    }
  }

  get blockedCount(): number {
    return this.#keys.waitingCount
  }

  get delayedCount(): number {
    return this.#delayed.size
  }

  /** Messages that were not read yet. */
  get unreadCount(): number {
    return Math.max(0, this.mailbox.next - this.#cursor) + this.#returning.size + this.#retries.size
  }

  get nextDueMs(): number | undefined {
    return this.#delayed.nextDueMs
  }

  get isBacklogged(): boolean {
    return this.#delayed.size >= this.#parts.retryCount && this.lane.open.size >= this.#parts.retryCount
  }

  /** Takes the message that `first` shows. */
  take(): StoredMessage | undefined {
    const message = this.#ready.shift()
    if (message !== undefined) this.#bytes -= message.value.length
    return message
  }

  /** Reads on while there is room; recent messages at once, others in a moment. */
  fill(): void {
    this.#releaseDue()
    while (!this.#reading) {
      if (this.#retries.size > 0 && (this.#hasRoom() || this.#ready.size === 0)) this.#readOne(this.#retries)
      else if (!this.#hasRoom()) return
      else if (this.#returning.size > 0) this.#readOne(this.#returning)
      else if (this.#cursor < this.mailbox.next && !this.isBacklogged) this.#readOn()
      else return
    }
  }

  /** The message was settled: the next of its key may go. */
  settled(message: StoredMessage): void {
    this.#redriven.delete(message.offset)
    this.#freeKey(this.#keys.leave(message.key, (waiting) => waiting.offset))
  }

  #freeKey(next: StoredMessage | undefined): void {
    if (next === undefined) return
    this.#bytes -= next.value.length
    if (this.lane.isSettled(next.offset)) this.settled(next)
    else this.#arrive(next)
  }

  /** The message was given back before it was handled: it is the first again. */
  returned(message: StoredMessage): void {
    this.#ready.insert(message, (other) => other.offset < message.offset)
    this.#bytes += message.value.length
  }

  /** The message will come again at `dueMs`; it keeps its key. */
  retried(message: StoredMessage, dueMs: number): void {
    if (dueMs > this.#parts.dueClock.nowMs()) this.#delayed.add(dueMs, message.offset)
    else this.#makeReady(message)
  }

  /** Dead letters come back. */
  redriven(offsets: readonly number[]): void {
    for (const offset of offsets) if (offset < this.#cursor) this.#comeBack(offset)
  }

  #comeBack(offset: number): void {
    if (this.#redriven.has(offset)) return
    this.#redriven.add(offset)
    this.#returning.push(offset)
  }

  /** Begins again where the lane now stands. */
  reset(): void {
    this.#ready.drain()
    this.#retries.drain()
    this.#returning.drain()
    this.#redriven.clear()
    this.#keys.clear()
    this.#delayed.clear()
    this.#bytes = 0
    this.#cursor = Math.max(this.lane.floor, this.mailbox.first)
    this.#generation = {}
    this.#reading = false
    this.#queueBelowFloor()
  }

  #hasRoom(): boolean {
    const count = this.#ready.size + this.#keys.waitingCount
    return count < this.#parts.windowCount && this.#bytes < WINDOW_BYTES
  }

  #queueBelowFloor(): void {
    const below = [...this.lane.open.keys()].filter((offset) => offset < this.#cursor)
    for (const offset of below.toSorted((a, b) => a - b)) this.#comeBack(offset)
  }

  #releaseDue(): void {
    const nowMs = this.#parts.dueClock.nowMs()
    for (;;) {
      const offset = this.#delayed.takeDue(nowMs)
      if (offset === undefined) return
      const queue = this.lane.open.has(offset) ? this.#retries : this.#returning
      queue.push(offset)
    }
  }

  #readOn(): void {
    if (this.#cursor < this.mailbox.first) this.#skipTo(this.mailbox.first)
    const runs = this.#parts.reader.runs(this.mailbox.mailbox, this.#cursor)
    if (!(runs instanceof Promise)) this.#takeRuns(runs)
    else this.#await(runs, (read) => this.#takeRuns(read) && this.#parts.wake())
  }

  /** What lies before was given up by a retention rule: the numbers begin anew. */
  #skipTo(first: number): void {
    this.#cursor = first
    this.#generation = {}
  }

  #readOne(queue: Fifo<number>): void {
    const offset = queue.shift()
    if (offset === undefined) return
    if (this.lane.isSettled(offset)) return this.#gone(offset)
    const reading = this.#parts.reader.message(this.mailbox.mailbox, offset)
    const take = (read: StoredMessage | undefined): void => {
      if (read === undefined) this.#gone(offset)
      else this.#arrive(read)
      this.#parts.wake()
    }
    this.#await(reading, take, (error) => {
      this.#delayed.add(this.#parts.dueClock.nowMs() + READ_RETRY_MS, offset)
      this.#parts.unreadable(offset, error)
    })
  }

  /** The message went by a retention rule while it waited: the next of its key may go. */
  #gone(offset: number): void {
    this.#redriven.delete(offset)
    this.#freeKey(this.#keys.leaveAt(offset, (waiting) => waiting.offset))
  }

  #await<Value>(
    reading: Promise<Value>,
    take: (value: Value) => unknown,
    failed: (error: unknown) => void = (error) => this.#parts.unreadable(this.#cursor, error),
  ): void {
    const generation = this.#generation
    this.#reading = true
    const done = (then: () => void): void => {
      if (generation !== this.#generation) return
      this.#reading = false
      then()
    }
    reading.then(
      (value) => done(() => take(value)),
      (error: unknown) => done(() => failed(error)),
    )
  }

  /** False when there was nothing new: such a store must not be asked in a circle. */
  #takeRuns(runs: readonly Run[]): boolean {
    const before = this.#cursor
    runs.forEach((run, index) => this.#takeRun(run, index === 0))
    if (this.#cursor === before) this.#missing(this.mailbox.next)
    return this.#cursor > before
  }

  /** The store leaves out what lies between the cursor and `end`. */
  #missing(end: number): void {
    const offsets = [{ mailbox: this.mailbox.mailbox, first: this.#cursor, last: end - 1 }]
    const reason = 'a read leaves out confirmed messages'
    const error = new CorruptError({ file: 'the journal', start: 0, end: 0, reason, offsets })
    this.#parts.unreadable(this.#cursor, error)
  }

  #takeRun(run: Run, isFirst: boolean): void {
    // Only the first run of an answer may begin before what was asked for; another that does is a repeat.
    const messages = readRun(run, isFirst ? this.#cursor : run.firstOffset)
    const [first] = messages
    if (run.firstOffset > this.#cursor) this.#missing(run.firstOffset)
    if (first !== undefined) this.#parts.fetched(this.#generation, run, messages)
    const fresh = messages.filter(({ offset }) => offset >= this.#cursor)
    this.#cursor = Math.max(this.#cursor, run.firstOffset + run.count)
    for (const message of fresh) this.#arrive(message)
  }

  #arrive(message: StoredMessage): void {
    if (this.lane.isSettled(message.offset)) return
    const open = this.lane.open.get(message.offset)
    const dueMs = open === undefined ? this.#dueMs(message) : open.dueMs
    const isDelayed = dueMs !== undefined && dueMs > this.#parts.dueClock.nowMs()
    // A message whose sender delayed it gives up its place in its key's order; a retry keeps it.
    if (isDelayed && open === undefined) return this.#delayed.add(dueMs, message.offset)
    if (!this.#keys.enter(message.key, message.offset, message)) {
      this.#bytes += message.value.length
      return
    }
    if (isDelayed) this.#delayed.add(dueMs, message.offset)
    else this.#makeReady(message)
  }

  /** A time is a time; only a delay of an earlier run is measured anew. */
  #dueMs({ offset, dueMs, isDelay, timestampMs }: StoredMessage): number | undefined {
    if (dueMs === undefined || isDelay !== true || offset >= this.mailbox.inherited) return dueMs
    return this.#parts.dueClock.due(dueMs, dueMs - timestampMs)
  }

  #makeReady(message: StoredMessage): void {
    this.#ready.push(message)
    this.#bytes += message.value.length
  }
}
