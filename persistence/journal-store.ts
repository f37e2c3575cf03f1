/**
 * The store that works in line: each call runs the journal and settles a promise.
 *
 * Owns: turning thrown errors into rejections. Leaves everything else to `journal.ts`, the same code that the thread runs.
 *
 * JS1. Every call has had its whole effect when it returns its promise.
 */

import type { Journal } from './journal.ts'
import type { Batch, Committed, Recovered, Run, Store, StoreLimits } from './store.ts'

export class JournalStore implements Store {
  readonly recovered: Recovered
  readonly limits: StoreLimits
  readonly #journal: Journal

  constructor(journal: Journal) {
    this.#journal = journal
    this.recovered = journal.recovered
    this.limits = journal.limits
  }

  commit(batch: Batch): Promise<Committed> {
    return settle(() => this.#journal.commit(batch))
  }

  read(mailbox: number, offset: number, bytesMax: number): Promise<readonly Run[]> {
    return settle(() => this.#journal.read(mailbox, offset, bytesMax))
  }

  offsetAt(mailbox: number, timestampMs: number): Promise<number> {
    return settle(() => this.#journal.offsetAt(mailbox, timestampMs))
  }

  checkpoint(state: Uint8Array): Promise<Committed> {
    return settle(() => this.#journal.checkpoint(state))
  }

  trim(firsts: ReadonlyMap<number, number>): Promise<Committed> {
    return settle(() => this.#journal.trim(firsts))
  }

  release(): Promise<void> {
    return settle(() => this.#journal.release())
  }
}

function settle<Result>(work: () => Result): Promise<Result> {
  return new Promise((resolve) => {
    resolve(work())
  })
}
