/**
 * A feed over a mailbox that is made up as it is read.
 *
 * Owns: the mailbox, the time, and taking what is ready. Leaves what must be true to the tests of the feed.
 *
 * FR1. Messages are made when they are read: a long mailbox takes no memory of its own.
 */
import assert from 'node:assert/strict'
import type { Run, Store } from '../../persistence/index.ts'
import {
  ByteWriter,
  DueClock,
  Feed,
  Lane,
  MailboxReader,
  MailboxState,
  RecentRuns,
  writeRecord,
  writeRunHead,
  type StoredMessage,
} from '../../runtime/internal.ts'
import { SimulatedClock } from '../index.ts'
import { MemoryStore, memoryDisk } from './memory-store.ts'

export interface FeedRigOptions {
  /** Messages in the mailbox. */
  readonly count: number
  /** Messages in a run. Default 100. */
  readonly runCount?: number
  readonly valueBytes?: number
  readonly key?: string
  /** All are due so long after the start. */
  readonly dueMs?: number
}

export class FeedRig {
  readonly lane = new Lane(1, 1, 0)
  readonly mailbox = new MailboxState(1, 1, 0)
  readonly feed: Feed
  readonly unreadable: number[] = []
  isFailing = false
  /** What the store answers instead. */
  answer: (runs: readonly Run[]) => readonly Run[] = (runs) => runs
  readonly #clock = new SimulatedClock()
  readonly #options: FeedRigOptions
  readonly #dueAtMs: number | undefined

  constructor(options: FeedRigOptions) {
    this.#options = options
    this.#dueAtMs = options.dueMs === undefined ? undefined : this.nowMs + options.dueMs
    this.mailbox.advance(options.count, 1)
    this.feed = new Feed({
      lane: this.lane,
      mailbox: this.mailbox,
      reader: new MailboxReader(this.#store(), new RecentRuns(0)),
      dueClock: new DueClock(this.#clock),
      windowCount: 2_048,
      retryCount: 1e9,
      fetched: () => {},
      wake: () => this.#clock.defer(() => this.feed.fill()),
      unreadable: (offset) => this.unreadable.push(offset),
    })
  }

  get nowMs(): number {
    return this.#clock.nowMs()
  }

  /** Reads on until there is no room or nothing more. */
  async fill(): Promise<void> {
    this.feed.fill()
    await this.#clock.advance(0)
  }

  async advance(ms: number): Promise<void> {
    await this.#clock.advance(ms)
    await this.fill()
  }

  take(): StoredMessage {
    assert.notEqual(this.feed.first, undefined, 'something is ready')
    const taken = this.feed.take()
    assert.ok(taken !== undefined, 'what is first can be taken')
    return taken
  }

  /** Takes and settles everything, in the order in which it is handed out. */
  async takeAll(): Promise<number[]> {
    const offsets: number[] = []
    for (await this.fill(); this.feed.first !== undefined;) {
      const message = this.take()
      offsets.push(message.offset)
      this.lane.ack([[message.offset, message.offset + 1]])
      this.feed.settled(message)
      if (this.feed.first === undefined) await this.fill()
    }
    return offsets
  }

  #store(): Store {
    const store = new MemoryStore(memoryDisk())
    store.read = (_, offset) => {
      if (this.isFailing) return Promise.reject(new TypeError('cannot read'))
      return Promise.resolve(offset >= this.#options.count ? [] : this.answer([this.#run(offset)]))
    }
    return store
  }

  #run(offset: number): Run {
    const { count, runCount = 100, key, valueBytes = 8 } = this.#options
    const firstOffset = offset - (offset % runCount)
    const size = Math.min(runCount, count - firstOffset)
    const writer = new ByteWriter(4_096)
    writeRunHead(writer, { producer: 1, epoch: 1, sequence: firstOffset + 1 })
    const fields = { key, headers: undefined, dueMs: this.#dueAtMs, messageId: undefined }
    for (let i = 0; i < size; i += 1) writeRecord(writer, fields, Buffer.alloc(valueBytes))
    return { mailbox: 1, firstOffset, count: size, timestampMs: 0, bytes: writer.take() }
  }
}
