/**
 * The runs that were committed last, so that consumers that keep up need not read the disk.
 *
 * Owns: a bounded cache. Leaves everything older to the store.
 *
 * RR1. It holds only what it is given, which is durable, and at most about `bytesMax`; the oldest go first. What a run
 *     costs besides its bytes is counted too, so that small ones are bounded as well.
 */
import { Fifo } from './fifo.ts'
import { FRESH_BYTES_PER_BYTE, type DraftedRun } from './fresh-letters.ts'

/** About what a run, its place in two queues and its buffer take. */
const RUN_OVERHEAD_BYTES = 256

export class RecentRuns {
  readonly #bytesMax: number
  readonly #byMailbox = new Map<number, Fifo<DraftedRun>>()
  readonly #order = new Fifo<DraftedRun>()
  #bytes = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  add(run: DraftedRun): void {
    const runs = this.#byMailbox.get(run.mailbox) ?? new Fifo<DraftedRun>()
    this.#byMailbox.set(run.mailbox, runs)
    runs.push(run)
    this.#order.push(run)
    this.#bytes += costOf(run)
    while (this.#bytes > this.#bytesMax) this.#dropOldest()
  }

  /** The run that holds `offset`, if it is here. */
  find(mailbox: number, offset: number): DraftedRun | undefined {
    return this.#byMailbox.get(mailbox)?.search(
      (run) => offset - run.firstOffset,
      (run) => run.count,
    )
  }

  #dropOldest(): void {
    const oldest = this.#order.shift()
    if (oldest === undefined) return
    this.#bytes -= costOf(oldest)
    this.#byMailbox.get(oldest.mailbox)?.shift()
  }
}

function costOf(run: DraftedRun): number {
  const perByte = run.letters === undefined ? 1 : 1 + FRESH_BYTES_PER_BYTE
  return run.bytes.length * perByte + RUN_OVERHEAD_BYTES
}
