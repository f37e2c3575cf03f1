/**
 * The journal's thread: opens the directory, then serves one request after another with synchronous calls.
 *
 * Owns: waiting for requests, answering them, the idle marker and the courtesy lock's turn of the event loop.
 * Leaves to `journal.ts` all that is written, and to `thread-store.ts` the other end.
 *
 * JT1. Every request is answered exactly once, with its result or with its error.
 * JT2. After `IDLE_MS` without a request the journal marks that all before is durable.
 * JT3. The event loop turns at least every `SLICE_MS`, so that the courtesy lock stays fresh under load.
 * JT4. The thread ends with the ownership: after a release, and after an opening that failed.
 */
import { receiveMessageOnPort } from 'node:worker_threads'
import type { MessagePort, TransferListItem } from 'node:worker_threads'
import { Announcements } from './announcements.ts'
import { CourtesyLock } from './courtesy-lock.ts'
import type { Journal } from './journal.ts'
import { openOwned } from './open-owned.ts'
import { SharedDraft } from './shared-draft.ts'
import { CAN_SPIN, monotonicMs, turn } from './system.ts'
import { OPENING_ID } from './thread-messages.ts'
import type { Result, ThreadStart, ToThread, Work } from './thread-messages.ts'
import { packRecovered, packRuns } from './wire-bytes.ts'
import { encodeError } from './wire-error.ts'

const IDLE_MS = 20
const SLICE_MS = 200
/** How long a request may be on its way after it was announced. */
const SPIN_MS = 0.2

/** Opens and serves until released. Never rejects: failures are answers. */
export async function runJournalThread(port: MessagePort, start: ThreadStart): Promise<void> {
  try {
    const { journal, lock } = await openOwned(start)
    const thread = new JournalThread(port, start, { journal, lock })
    thread.serve()
  } catch (error) {
    port.postMessage({ id: OPENING_ID, result: { kind: 'failed', error: encodeError(error) } })
    port.close()
  }
}

interface Owned {
  readonly journal: Journal
  readonly lock: CourtesyLock
}

class JournalThread {
  readonly #port: MessagePort
  readonly #announcements: Announcements
  readonly #draft: SharedDraft
  readonly #journal: Journal
  readonly #lock: CourtesyLock
  #released = false

  constructor(port: MessagePort, start: ThreadStart, { journal, lock }: Owned) {
    this.#port = port
    this.#announcements = new Announcements(start.announcements)
    this.#draft = new SharedDraft(start.segmentBytes, start.draft)
    this.#journal = journal
    this.#lock = lock
  }

  serve(): void {
    const recovered = packRecovered(this.#journal.recovered)
    const opened = { recovered, limits: this.#journal.limits }
    this.#answer(OPENING_ID, { kind: 'opened', opened })
    this.#port.on('message', (request: ToThread) => {
      this.#handle(request)
      this.#watch()
    })
  }

  /** Serves without the event loop while requests keep coming. */
  #watch(): void {
    const untilMs = monotonicMs() + SLICE_MS
    while (!this.#released) {
      const seen = this.#announcements.count()
      // Woken for nothing yet: the request that we were prodded for is on its way.
      if (this.#drain() === 0 && CAN_SPIN && this.#announcements.watch(seen, SPIN_MS)) continue
      if (monotonicMs() > untilMs) return this.#watchAgain()
      if (!this.#announcements.wait(seen, IDLE_MS)) return this.#idle()
    }
  }

  #watchAgain(): void {
    void turn().then(() => this.#watch())
  }

  /** Serves what has come; returns how much. */
  #drain(): number {
    for (let count = 0; ; count += 1) {
      const received = receiveMessageOnPort(this.#port)
      if (received === undefined) return count
      const request: ToThread = received.message
      this.#handle(request)
    }
  }

  /** A marker that fails leaves the journal broken or fenced; the next request is told. */
  #idle(): void {
    try {
      this.#journal.idle()
    } catch {
      // The journal remembers.
    }
  }

  #handle(request: ToThread): void {
    if (typeof request === 'number') return this.#commit(request)
    const { id, work } = request
    if (work.kind === 'release') return void this.#release(id)
    try {
      this.#answer(id, this.#perform(work))
    } catch (error) {
      this.#answer(id, { kind: 'failed', error: encodeError(error) })
    }
  }

  #commit(id: number): void {
    try {
      this.#draft.putCommitted(this.#journal.commitDraft(this.#draft.draft()))
    } catch (error) {
      return this.#answer(id, { kind: 'failed', error: encodeError(error) })
    }
    this.#port.postMessage(id)
  }

  #perform(work: Exclude<Work, { kind: 'release' }>): Result {
    switch (work.kind) {
      case 'read':
        return { kind: 'runs', runs: packRuns(this.#journal.read(work.mailbox, work.offset, work.bytesMax)) }
      case 'offsetAt':
        return { kind: 'offset', offset: this.#journal.offsetAt(work.mailbox, work.timestampMs) }
      case 'checkpoint':
        return { kind: 'committed', committed: this.#journal.checkpoint(work.state) }
      case 'trim':
        return { kind: 'committed', committed: this.#journal.trim(work.firsts) }
    }
  }

  /** The lock goes last: until then it tells others that this owner still writes. */
  async #release(id: number): Promise<void> {
    this.#released = true
    let result: Result = { kind: 'released' }
    try {
      this.#journal.release()
    } catch (error) {
      result = { kind: 'failed', error: encodeError(error) }
    }
    await this.#lock.release()
    this.#answer(id, result)
    this.#port.close()
  }

  #answer(id: number, result: Result): void {
    this.#port.postMessage({ id, result }, handedOver(result))
  }
}

function handedOver(result: Result): TransferListItem[] {
  if (result.kind === 'runs') return [result.runs.packed.bytes]
  if (result.kind === 'opened') return [result.opened.recovered.packed.bytes]
  return []
}
