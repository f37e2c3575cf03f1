/**
 * One piece of work for the broker: written whole or not at all, in one batch.
 *
 * Owns: the contract between those who ask (producers, consumers, administration) and the one writer.
 *
 * UN1. `build` adds to the batch or throws having added nothing.
 * UN2. Exactly one of `confirm` and `refuse` is called, once; `confirm` only after the batch is durable.
 */
import type { UnlostError } from '../persistence/index.ts'
import type { BatchDraft } from './batch-draft.ts'

export interface Unit {
  /** Messages may be refused on a full disk where events are not. */
  readonly hasMessages: boolean
  /** At least what it will take in a batch. */
  readonly bytes: number
  /** Given up before it joined a batch: skipped. */
  readonly withdrawn: boolean
  build(draft: BatchDraft): void
  confirm(): void
  refuse(error: UnlostError): void
  /** Its batch was refused for now (disk full); it stays in line. */
  postponed(error: UnlostError): void
}

/** A unit of events alone: declarations, seeks, redrives. */
export class EventUnit implements Unit {
  readonly hasMessages = false
  readonly bytes: number
  readonly withdrawn = false
  readonly #build: (draft: BatchDraft) => void
  readonly #settle: (error?: UnlostError) => void

  constructor(build: (draft: BatchDraft) => void, settle: (error?: UnlostError) => void, bytes = 1024) {
    this.#build = build
    this.#settle = settle
    this.bytes = bytes
  }

  build(draft: BatchDraft): void {
    this.#build(draft)
  }

  confirm(): void {
    this.#settle()
  }

  refuse(error: UnlostError): void {
    this.#settle(error)
  }

  postponed(): void {}
}
