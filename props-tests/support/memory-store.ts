/**
 * A store in memory, for tests of the runtime that are not about storage.
 *
 * Owns: the store's contract without a disk, and the ways in which a test makes it fail.
 * Leaves durability to the real stores, which the same contract suite runs on.
 *
 * M1. `reopen` gives what was committed, as a new store.
 */
import assert from 'node:assert/strict'
import type { Batch, Committed, Recovered, Run, Store } from '../../persistence/index.ts'

export interface MemoryDisk {
  readonly batches: Batch[]
  checkpoint: Uint8Array | undefined
  eventsAfterCheckpoint: Uint8Array[]
}

export function memoryDisk(): MemoryDisk {
  return { batches: [], checkpoint: undefined, eventsAfterCheckpoint: [] }
}

export class MemoryStore implements Store {
  readonly disk: MemoryDisk
  readonly recovered: Recovered
  readonly limits = { batchBytesMax: 4 * 1024 * 1024 }
  /** Called before each commit: throw or reject to make it fail, wait to make it slow. */
  beforeCommit: (batch: Batch) => void | Promise<void> = () => {}
  /** What a reader gets, so that a test can lose, repeat and swap. */
  onRead: (runs: readonly Run[]) => readonly Run[] = (runs) => runs

  constructor(disk: MemoryDisk) {
    this.disk = disk
    const ends = new Map<number, { first: number; next: number }>()
    for (const run of disk.batches.flatMap((batch) => batch.runs)) {
      ends.set(run.mailbox, { first: 0, next: run.firstOffset + run.count })
    }
    this.recovered = {
      report: {
        previous: disk.batches.length === 0 ? 'none' : 'crashed',
        epoch: 1,
        durationMs: 0,
        segments: 1,
        frames: disk.batches.length,
        messages: 0,
        bytesSetAside: 0,
        setAside: [],
        unknownFiles: [],
      },
      checkpoint: disk.checkpoint,
      events: [...disk.eventsAfterCheckpoint],
      mailboxes: ends,
    }
  }

  async commit(batch: Batch): Promise<Committed> {
    const copy: Batch = {
      events: batch.events.map((event) => Uint8Array.from(event)),
      runs: batch.runs.map((run) => ({ ...run, bytes: Uint8Array.from(run.bytes) })),
    }
    await this.beforeCommit(batch)
    const ends = new Map<number, number>()
    for (const { mailbox, firstOffset, count } of copy.runs) {
      assert.equal(firstOffset, ends.get(mailbox) ?? this.#next(mailbox))
      ends.set(mailbox, firstOffset + count)
    }
    this.disk.batches.push(copy)
    this.disk.eventsAfterCheckpoint.push(...copy.events)
    return this.#committed()
  }

  read(mailbox: number, offset: number): Promise<readonly Run[]> {
    const runs = this.#runs(mailbox).filter((run) => run.firstOffset + run.count > offset)
    return Promise.resolve(this.onRead(runs))
  }

  offsetAt(mailbox: number, timestampMs: number): Promise<number> {
    const found = this.#runs(mailbox).find((run) => run.timestampMs >= timestampMs)
    return Promise.resolve(found?.firstOffset ?? this.#next(mailbox))
  }

  checkpoint(state: Uint8Array): Promise<Committed> {
    this.disk.checkpoint = Uint8Array.from(state)
    this.disk.eventsAfterCheckpoint = []
    return Promise.resolve(this.#committed())
  }

  trim(): Promise<Committed> {
    return Promise.resolve(this.#committed())
  }

  release(): Promise<void> {
    return Promise.resolve()
  }

  #runs(mailbox: number): Run[] {
    return this.disk.batches.flatMap((batch) => batch.runs).filter((run) => run.mailbox === mailbox)
  }

  #next(mailbox: number): number {
    const last = this.#runs(mailbox).at(-1)
    return last === undefined ? 0 : last.firstOffset + last.count
  }

  #committed(): Committed {
    const bytes = this.disk.eventsAfterCheckpoint.reduce((sum, event) => sum + event.length, 0)
    return { eventBytesSinceCheckpoint: bytes, journalBytes: 0 }
  }
}
