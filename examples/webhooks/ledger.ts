/**
 * The ledger: the handler's own book of what it has counted, a line a delivery, in a plain file.
 *
 * Owns: the file, the totals, and counting each delivery once. Leaves what is in a line to the handler.
 *
 * It stands for your database. A message is delivered at least once, so the handler must make a repeat harmless: it
 * writes the delivery's stable id in the same step as the effect, and does nothing when the id is there already. In a
 * database that is a unique column, or an upsert; here it is a set that is rebuilt from the file at the start.
 * (Effects that are messages themselves need none of this: hand them over with `send` inside the handler, and they are
 * on disk together with the ack, or not at all.)
 *
 * `record` resolves when the line is on disk, because an ack that is durable while its effect is not would be a loss.
 * Handlers that run at once share one sync.
 */
import { closeSync, fdatasync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { promisify } from 'node:util'

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

const sync = promisify(fdatasync)

export class Ledger {
  readonly #file: number
  readonly #dedupes: boolean
  readonly #seen = new Set<number>()
  readonly #totals = new Map<string, Total>()
  #count = 0
  #syncing: Promise<void> = Promise.resolve()
  #nextSync: Promise<void> | undefined

  /** Opens the file, or makes it, and rebuilds the totals. `dedupes: false` is a sabotage. */
  constructor(path: string, dedupes = true) {
    this.#file = openSync(path, 'a+')
    syncFolder(dirname(path))
    this.#dedupes = dedupes
    const { entries, wholeBytes } = readEntries(path)
    // A kill may have cut the last line in two. It was not on disk as a whole, so its message comes again.
    ftruncateSync(this.#file, wholeBytes)
    for (const entry of entries) if (entry.kind === 'delivered' && entry.counted) this.#add(entry)
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
    writeSync(this.#file, `${JSON.stringify(entry)}\n`)
    return this.#synced()
  }

  close(): void {
    closeSync(this.#file)
  }

  #add({ delivery, key, bytes }: Delivered): void {
    const { events, bytes: before } = this.#totals.get(key) ?? { events: 0, bytes: 0 }
    this.#totals.set(key, { events: events + 1, bytes: before + bytes })
    this.#seen.add(delivery)
    this.#count += 1
  }

  /** The sync under way may have begun before our line: wait for the next one. After a failure all fail. */
  #synced(): Promise<void> {
    this.#nextSync ??= this.#syncing.then(() => {
      this.#nextSync = undefined
      this.#syncing = sync(this.#file)
      return this.#syncing
    })
    return this.#nextSync
  }
}

/** A synced file whose name is not on disk is lost with its name. (Windows has no such call and no such need.) */
function syncFolder(path: string): void {
  if (process.platform === 'win32') return
  const folder = openSync(path, 'r')
  fsyncSync(folder)
  closeSync(folder)
}

/** The entries of a ledger, and how many bytes they fill; what follows the last whole line is left out. */
export function readEntries(path: string): { entries: readonly Entry[]; wholeBytes: number } {
  const bytes = readFileSync(path)
  const wholeBytes = bytes.lastIndexOf('\n') + 1
  const lines = bytes.toString('utf8', 0, wholeBytes).split('\n').slice(0, -1)
  return { entries: lines.map((line) => JSON.parse(line) as Entry), wholeBytes }
}
