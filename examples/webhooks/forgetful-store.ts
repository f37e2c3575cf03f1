/**
 * A store that confirms too early: the sabotage `no-fsync`.
 *
 * Owns: saying "durable" while a batch is still in memory, and writing it later. Leaves the writing to the real store.
 *
 * A kill takes the memory of a process but not what the kernel already holds, so a journal that merely skipped its
 * fsync would look innocent here; only a power cut convicts it. This double therefore puts the early confirmation where
 * SIGKILL can reach it: the newest batches are in no file at all when their senders are told that they are safe.
 */
// In your own program: import { openStore } from 'unlost/persistence'
import {
  openStore,
  type Batch,
  type Committed,
  type OpenStore,
  type Run,
  type Store,
} from '../../persistence/index.ts'

/** So much stays unwritten, until somebody needs it written. */
const HELD_BYTES_MAX = 64 * 1024 * 1024

export const openForgetfulStore: OpenStore = async (directory, options) =>
  new ForgetfulStore(await openStore(directory, options))

class ForgetfulStore implements Store {
  readonly recovered: Store['recovered']
  readonly limits: Store['limits']
  readonly #real: Store
  readonly #held: Batch[] = []
  #heldBytes = 0
  #committed: Committed = { eventBytesSinceCheckpoint: 0, journalBytes: 0 }
  #writing: Promise<unknown> = Promise.resolve()

  constructor(real: Store) {
    this.#real = real
    this.recovered = real.recovered
    this.limits = real.limits
  }

  async commit(batch: Batch): Promise<Committed> {
    const copy = copyOf(batch)
    this.#held.push(copy)
    this.#heldBytes += bytesOf(copy)
    if (this.#heldBytes > HELD_BYTES_MAX) await this.#writeUntil(HELD_BYTES_MAX)
    return this.#committed
  }

  async read(mailbox: number, offset: number, bytesMax: number): Promise<readonly Run[]> {
    if (this.#held.some((batch) => batch.runs.length > 0)) await this.#writeUntil(0)
    return this.#real.read(mailbox, offset, bytesMax)
  }

  async offsetAt(mailbox: number, timestampMs: number): Promise<number> {
    await this.#writeUntil(0)
    return this.#real.offsetAt(mailbox, timestampMs)
  }

  async checkpoint(state: Uint8Array): Promise<Committed> {
    await this.#writeUntil(0)
    return this.#real.checkpoint(state)
  }

  async trim(firsts: ReadonlyMap<number, number>): Promise<Committed> {
    await this.#writeUntil(0)
    return this.#real.trim(firsts)
  }

  async release(): Promise<void> {
    await this.#writeUntil(0)
    await this.#real.release()
  }

  /** Oldest first, one at a time, also when several ask. */
  #writeUntil(leftBytes: number): Promise<unknown> {
    this.#writing = this.#writing.then(() => this.#write(leftBytes))
    return this.#writing
  }

  async #write(leftBytes: number): Promise<void> {
    while (this.#heldBytes > leftBytes) {
      const batch = this.#held.shift()
      if (batch === undefined) return
      this.#heldBytes -= bytesOf(batch)
      this.#committed = await this.#real.commit(batch)
    }
  }
}

/** The runtime may use its buffers again once it was told. */
function copyOf({ events, runs }: Batch): Batch {
  return {
    events: events.map((event) => Uint8Array.from(event)),
    runs: runs.map((run) => ({ ...run, bytes: Uint8Array.from(run.bytes) })),
  }
}

function bytesOf({ events, runs }: Batch): number {
  const pieces = [...events, ...runs.map((run) => run.bytes)]
  return pieces.reduce((sum, piece) => sum + piece.length, 0)
}
