/**
 * The ledger: the handler's own book of what it has counted, a line a delivery, in a plain file.
 *
 * Owns: the totals, and counting each delivery once. Leaves what is in a line to the handler, and the file to `book.ts`.
 *
 * It stands for your database. A message is delivered at least once, so the handler must make a repeat harmless: it
 * writes the delivery's stable id in the same step as the effect, and does nothing when the id is there already. In a
 * database that is a unique column, or an upsert; here it is a set that is rebuilt from the file at the start.
 * (Effects that are messages themselves need none of this: hand them over with `send` inside the handler, and they are
 * on disk together with the ack, or not at all.)
 *
 * `record` resolves when the line is on disk, because an ack that is durable while its effect is not would be a loss.
 */
import { Book, readLines } from './book.ts'

/** A delivery as the handler met it. */
export interface Delivered {
  readonly delivery: number
  readonly key: string
  readonly bytes: number
  readonly fingerprint: string
  readonly partition: number
  readonly offset: number
  readonly attempt: number
}

export type Entry =
  /** `counted: false` is a repeat that changed nothing. */
  | ({ readonly kind: 'delivered'; readonly counted: boolean } & Delivered)
  /** The runtime raised an event that should never be raised. */
  | { readonly kind: 'gap' | 'duplicate' | 'step-back' | 'dead-letter'; readonly details: unknown }

export interface Total {
  readonly events: number
  readonly bytes: number
}

/** By key. A plain object, so that it can be sent between processes. */
export type Totals = Readonly<Record<string, Total>>

export class Ledger {
  readonly #book: Book<Entry>
  readonly #dedupes: boolean
  readonly #seen = new Set<number>()
  readonly #totals = new Map<string, Total>()
  #count = 0

  /** Opens the file, or makes it, and rebuilds the totals. `dedupes: false` is a sabotage. */
  constructor(path: string, dedupes = true) {
    this.#book = new Book(path)
    this.#dedupes = dedupes
    for (const entry of this.#book.found) if (entry.kind === 'delivered' && entry.counted) this.#add(entry)
  }

  /** How many deliveries were counted, in all lives. */
  get count(): number {
    return this.#count
  }

  get totals(): Totals {
    return Object.fromEntries(this.#totals)
  }

  /** Counts a delivery, unless it was counted before. Resolves when that is on disk. */
  record(delivered: Delivered): Promise<void> {
    const counted = !this.#dedupes || !this.#seen.has(delivered.delivery)
    if (counted) this.#add(delivered)
    return this.note({ ...delivered, kind: 'delivered', counted })
  }

  /** Writes an entry. Resolves when it is on disk. */
  note(entry: Entry): Promise<void> {
    return this.#book.write(entry)
  }

  close(): void {
    this.#book.close()
  }

  #add({ delivery, key, bytes }: Delivered): void {
    const { events, bytes: before } = this.#totals.get(key) ?? { events: 0, bytes: 0 }
    this.#totals.set(key, { events: events + 1, bytes: before + bytes })
    this.#seen.add(delivery)
    this.#count += 1
  }
}

/** The entries of a ledger; what a kill tore is left out. */
export function readEntries(path: string): readonly Entry[] {
  return readLines(path).lines as Entry[]
}
