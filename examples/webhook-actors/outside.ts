/**
 * The world outside: whoever is told of a merge, with a book of its own.
 *
 * Owns: knowing a repeat by its id. It stands for a service that takes an idempotency key, or a unique column.
 */
import type { Book } from '../webhooks/book.ts'
import type { Teller } from './actors.ts'
import type { Progress } from './day-progress.ts'
import type { Line } from './protocol.ts'

export class Outside {
  readonly #book: Book<Line>
  readonly #progress: Progress
  readonly #knowsIds: boolean
  readonly #ids: Set<string>

  /** `knowsIds: false` is a sabotage. */
  constructor(book: Book<Line>, progress: Progress, knowsIds: boolean) {
    this.#book = book
    this.#progress = progress
    this.#knowsIds = knowsIds
    this.#ids = new Set(book.found.flatMap((line) => (line.kind === 'told' ? [line.id] : [])))
  }

  /** Resolves when it is on disk; or never, when this is the moment to be killed in. */
  readonly tell: Teller = async (subject, id) => {
    const isNew = !this.#knowsIds || !this.#ids.has(id)
    this.#ids.add(id)
    await this.#book.write({ kind: 'told', subject, id, isNew })
    if (!this.#progress.mustHoldIn('effect')) return
    this.#progress.hold()
    return new Promise<void>(() => {})
  }
}
