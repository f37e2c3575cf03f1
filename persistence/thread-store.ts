/**
 * The store over the journal's thread, as the main thread sees it.
 *
 * Owns: asking, matching answers to calls, holding the process open while a call is pending, and the end of the thread.
 * Leaves the work to `journal-thread.ts` and the layout of a batch to `shared-draft.ts`.
 *
 * TS1. Every call settles: with its answer, or with `BrokenError` (outcome `unknown`) when the thread ends without one.
 * TS2. The bytes given to `commit` and `checkpoint` are copied before the call returns its promise.
 * TS3. A pending call holds the process open; a store without one does not.
 * TS4. After `release` all other calls reject with `ClosedError`; `release` itself may be repeated.
 */
import assert from 'node:assert/strict'
import type { TransferListItem, Worker } from 'node:worker_threads'
import { Announcements } from './announcements.ts'
import { BrokenError, ClosedError } from './errors.ts'
import { SharedDraft } from './shared-draft.ts'
import type { Batch, Committed, Recovered, Run, Store, StoreLimits } from './store.ts'
import { OPENING_ID } from './thread-messages.ts'
import type { Answer, FromThread, Opened, Result, ThreadStart, Work } from './thread-messages.ts'
import { unpackRecovered, unpackRuns } from './wire-bytes.ts'
import { decodeError } from './wire-error.ts'
import { startThread } from './worker-entry.ts'

interface Pending {
  resolve(result: Result): void
  reject(error: Error): void
}

/** The thread, and the calls that wait for it. */
class Thread {
  readonly draft: SharedDraft
  readonly #ended: Promise<void>
  readonly #worker: Worker
  readonly #announcements = new Announcements()
  readonly #pending = new Map<number, Pending>()
  #lastId = OPENING_ID
  #failure: BrokenError | undefined

  constructor(directory: string, segmentBytes: number, takeover: boolean) {
    this.draft = new SharedDraft(segmentBytes)
    const start: ThreadStart = {
      directory,
      segmentBytes,
      takeover,
      announcements: this.#announcements.memory,
      draft: this.draft.memory,
    }
    this.#worker = startThread('journal-worker', start)
    this.#worker.on('message', (answer: FromThread) => this.#settle(answer))
    this.#worker.on('messageerror', (cause) => this.#fail(cause))
    this.#worker.on('error', (cause) => this.#fail(cause))
    this.#ended = new Promise((resolve) => {
      this.#worker.on('exit', () => {
        this.#fail(undefined)
        resolve()
      })
    })
  }

  get isOver(): boolean {
    return this.#failure !== undefined
  }

  async terminate(): Promise<void> {
    await this.#worker.terminate()
    await this.#ended
  }

  opened(): Promise<Result> {
    return this.#wait(OPENING_ID)
  }

  /** No work is the commit of what lies in the draft. */
  ask(work: Work | undefined, handOver: TransferListItem[] = []): Promise<Result> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    this.#lastId += 1
    const id = this.#lastId
    this.#worker.postMessage(work === undefined ? id : { id, work }, handOver)
    this.#announcements.announce()
    return this.#wait(id)
  }

  /** Wakes the thread, so that it is awake when it is asked. */
  prod(): void {
    this.#announcements.prod()
  }

  /** Waits until the thread is over, and holds the process open meanwhile. */
  end(): Promise<void> {
    this.#worker.ref()
    return this.#ended
  }

  #wait(id: number): Promise<Result> {
    if (this.#pending.size === 0) this.#worker.ref()
    return new Promise((resolve, reject) => this.#pending.set(id, { resolve, reject }))
  }

  #settle(answer: FromThread): void {
    if (typeof answer !== 'number') return this.#conclude(answer)
    this.#conclude({ id: answer, result: { kind: 'committed', committed: this.draft.committed() } })
  }

  #conclude({ id, result }: Answer): void {
    const pending = this.#pending.get(id)
    assert(pending !== undefined, 'every answer has its call')
    this.#pending.delete(id)
    if (this.#pending.size === 0) this.#worker.unref()
    if (result.kind === 'failed') pending.reject(decodeError(result.error))
    else pending.resolve(result)
  }

  #fail(cause: unknown): void {
    const message = 'The thread of the journal ended. Open the directory again to find out what is on disk.'
    this.#failure ??= new BrokenError(message, { cause, outcome: 'unknown' })
    for (const pending of this.#pending.values()) pending.reject(this.#failure)
    this.#pending.clear()
    this.#worker.unref()
  }
}

export class ThreadStore implements Store {
  readonly recovered: Recovered
  readonly limits: StoreLimits
  readonly #thread: Thread
  #committing = false
  #released: Promise<void> | undefined

  private constructor(thread: Thread, opened: Opened) {
    this.#thread = thread
    this.recovered = unpackRecovered(opened.recovered)
    this.limits = opened.limits
  }

  static async open(directory: string, segmentBytes: number, takeover: boolean): Promise<ThreadStore> {
    const thread = new Thread(directory, segmentBytes, takeover)
    try {
      const result = await thread.opened()
      assert(result.kind === 'opened')
      return new ThreadStore(thread, result.opened)
    } catch (error) {
      await thread.end()
      throw error
    }
  }

  expect(): void {
    this.#thread.prod()
  }

  async commit(batch: Batch): Promise<Committed> {
    this.#assertOpen()
    assert(!this.#committing, 'one commit at a time')
    this.#thread.draft.put(batch)
    return this.#write(undefined)
  }

  async checkpoint(state: Uint8Array): Promise<Committed> {
    this.#assertOpen()
    assert(!this.#committing, 'one commit at a time')
    const copy = Uint8Array.from(state)
    return this.#write({ kind: 'checkpoint', state: copy }, [copy.buffer])
  }

  async #write(work: Work | undefined, handOver?: TransferListItem[]): Promise<Committed> {
    this.#committing = true
    try {
      const result = await this.#thread.ask(work, handOver)
      assert(result.kind === 'committed')
      return result.committed
    } finally {
      this.#committing = false
    }
  }

  async read(mailbox: number, offset: number, bytesMax: number): Promise<readonly Run[]> {
    this.#assertOpen()
    const result = await this.#thread.ask({ kind: 'read', mailbox, offset, bytesMax })
    assert(result.kind === 'runs')
    return unpackRuns(result.runs)
  }

  async offsetAt(mailbox: number, timestampMs: number): Promise<number> {
    this.#assertOpen()
    const result = await this.#thread.ask({ kind: 'offsetAt', mailbox, timestampMs })
    assert(result.kind === 'offset')
    return result.offset
  }

  async trim(firsts: ReadonlyMap<number, number>): Promise<Committed> {
    this.#assertOpen()
    assert(!this.#committing, 'one commit at a time')
    return this.#write({ kind: 'trim', firsts })
  }

  release(): Promise<void> {
    this.#released ??= this.#release()
    return this.#released
  }

  /** Ends the thread at once and releases nothing, as a kill would. For tests. */
  abandon(): Promise<void> {
    return this.#thread.terminate()
  }

  /** A thread that is over owns nothing any more, so there is nothing left to release. */
  async #release(): Promise<void> {
    if (!this.#thread.isOver) await this.#thread.ask({ kind: 'release' })
    await this.#thread.end()
  }

  #assertOpen(): void {
    if (this.#released !== undefined)
      throw new ClosedError('The store was released.', { outcome: 'not-written' })
  }
}
