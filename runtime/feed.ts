/**
 * The messages of one mailbox on their way to one group: read ahead, held back, ready.
 *
 * Owns: the cursor, the bounded window of messages in memory, the delayed ones, and order per key.
 * Leaves what is durably done to the lane, and who gets a message to the desk.
 *
 * FE1. Messages are read in order of offset, each once, except those that come back for a retry or a redrive.
 * FE2. A message is ready only when it is durable, due, unsettled, and first of its key.
 * FE3. At most about `windowCount` messages (and `WINDOW_BYTES`) are in memory, whatever the backlog (G11).
 */
import type { Run } from '../persistence/index.ts'
import type { DueClock } from './due-clock.ts'
import { DueHeap } from './due-heap.ts'
import { Fifo } from './fifo.ts'
import { KeyOrder } from './key-order.ts'
import type { Lane } from './lane.ts'
import type { MailboxReader } from './mailbox-reader.ts'
import type { MailboxState } from './mailbox-state.ts'
import { readRun, type StoredMessage } from './record.ts'

const WINDOW_BYTES = 8 * 1024 * 1024

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
  readonly #returning = new Fifo<number>()
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
    return Math.max(0, this.mailbox.next - this.#cursor) + this.#returning.size
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
    while (!this.#reading && this.#hasRoom) {
      if (this.#returning.size > 0) this.#readReturning()
      else if (this.#cursor < this.mailbox.next && !this.isBacklogged) this.#readOn()
      else return
    }
  }

  /** The message was settled: the next of its key may go. */
  settled(message: StoredMessage): void {
    const next = this.#keys.leave(message.key, (waiting) => waiting.offset)
    if (next === undefined) return
    this.#bytes -= next.value.length
    if (this.lane.isSettled(next.offset)) this.settled(next)
    else this.#arrive(next)
  }

  /** The message will come again at `dueMs`; it keeps its key. */
  retried(message: StoredMessage, dueMs: number): void {
    if (dueMs > this.#parts.dueClock.nowMs()) this.#delayed.add(dueMs, message.offset)
    else this.#makeReady(message)
  }

  /** Dead letters come back. */
  redriven(offsets: readonly number[]): void {
    for (const offset of offsets) if (offset < this.#cursor) this.#returning.push(offset)
  }

  /** Begins again where the lane now stands. */
  reset(): void {
    this.#ready.drain()
    this.#returning.drain()
    this.#keys.clear()
    this.#delayed.clear()
    this.#bytes = 0
    this.#cursor = Math.max(this.lane.floor, this.mailbox.first)
    this.#generation = {}
    this.#reading = false
    this.#queueBelowFloor()
  }

  get #hasRoom(): boolean {
    const count = this.#ready.size + this.#keys.waitingCount
    return count < this.#parts.windowCount && this.#bytes < WINDOW_BYTES
  }

  #queueBelowFloor(): void {
    const below = [...this.lane.open.keys()].filter((offset) => offset < this.#cursor)
    for (const offset of below.toSorted((a, b) => a - b)) this.#returning.push(offset)
  }

  #releaseDue(): void {
    const nowMs = this.#parts.dueClock.nowMs()
    for (;;) {
      const offset = this.#delayed.takeDue(nowMs)
      if (offset === undefined) return
      this.#returning.push(offset)
    }
  }

  #readOn(): void {
    const runs = this.#parts.reader.runs(this.mailbox.mailbox, this.#cursor)
    if (runs instanceof Promise) this.#await(runs, (read) => this.#takeRuns(read))
    else this.#takeRuns(runs)
  }

  #readReturning(): void {
    const offset = this.#returning.shift()
    if (offset === undefined || this.lane.isSettled(offset)) return
    const message = this.#parts.reader.message(this.mailbox.mailbox, offset)
    this.#await(message, (read) => {
      if (read !== undefined) this.#arrive(read)
    })
  }

  #await<Value>(reading: Promise<Value>, take: (value: Value) => void): void {
    const generation = this.#generation
    this.#reading = true
    const done = (then: () => void): void => {
      if (generation !== this.#generation) return
      this.#reading = false
      then()
    }
    reading.then(
      (value) =>
        done(() => {
          take(value)
          this.#parts.wake()
        }),
      (error: unknown) => done(() => this.#parts.unreadable(this.#cursor, error)),
    )
  }

  #takeRuns(runs: readonly Run[]): void {
    // A store that answers with nothing where there should be something must not be asked in a circle.
    if (runs.length === 0) this.#cursor = this.mailbox.next
    for (const run of runs) this.#takeRun(run)
  }

  #takeRun(run: Run): void {
    const messages = readRun(run, this.#cursor)
    const [first] = messages
    if (first !== undefined) this.#parts.fetched(this.#generation, run, messages)
    this.#cursor = Math.max(this.#cursor, run.firstOffset + run.count)
    for (const message of messages) this.#arrive(message)
  }

  #arrive(message: StoredMessage): void {
    if (this.lane.isSettled(message.offset)) return
    const open = this.lane.open.get(message.offset)
    const dueMs = open === undefined ? message.dueMs : open.dueMs
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

  #makeReady(message: StoredMessage): void {
    this.#ready.push(message)
    this.#bytes += message.value.length
  }
}
