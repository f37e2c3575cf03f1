/**
 * Messages of a mailbox, from memory where they are recent, from the store where they are not.
 *
 * Owns: the choice between the two. Leaves decoding values to the message, and order to the feed.
 *
 * MR1. It returns only durable messages (G5).
 * MR2. A recent run costs no promise.
 */
import type { Store } from '../persistence/index.ts'
import type { DraftedRun } from './fresh-letters.ts'
import type { RecentRuns } from './recent-runs.ts'
import { readRun, type StoredMessage } from './record.ts'

/** How much is read from the store at once. */
const READ_BYTES = 256 * 1024

export class MailboxReader {
  readonly #store: Store
  readonly #recent: RecentRuns

  constructor(store: Store, recent: RecentRuns) {
    this.#store = store
    this.#recent = recent
  }

  /** Runs from `offset` on: at once when they are recent. */
  runs(mailbox: number, offset: number): readonly DraftedRun[] | Promise<readonly DraftedRun[]> {
    const recent = this.#recent.find(mailbox, offset)
    return recent === undefined ? this.#store.read(mailbox, offset, READ_BYTES) : [recent]
  }

  /** The run that holds `offset`, if it was committed lately. */
  recent(mailbox: number, offset: number): DraftedRun | undefined {
    return this.#recent.find(mailbox, offset)
  }

  /** One message, or undefined when it is gone. */
  async message(mailbox: number, offset: number): Promise<StoredMessage | undefined> {
    const recent = this.#recent.find(mailbox, offset)
    const [run] = recent === undefined ? await this.#store.read(mailbox, offset, 1) : [recent]
    if (run === undefined || run.firstOffset > offset) return undefined
    return readRun(run, offset, 1)[0]
  }

  offsetAt(mailbox: number, timestampMs: number): Promise<number> {
    return this.#store.offsetAt(mailbox, timestampMs)
  }
}
