/**
 * The runs that were committed last, so that consumers that keep up need not read the disk.
 *
 * Owns: a bounded cache. Leaves everything older to the store.
 *
 * RR1. It holds only what is durable, and at most about `bytesMax`; the oldest go first.
 */
import type { Run } from '../persistence/index.ts'
import { Fifo } from './fifo.ts'

export class RecentRuns {
  readonly #bytesMax: number
  readonly #byMailbox = new Map<number, Fifo<Run>>()
  readonly #order = new Fifo<Run>()
  #bytes = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  add(run: Run): void {
    const runs = this.#byMailbox.get(run.mailbox) ?? new Fifo<Run>()
    this.#byMailbox.set(run.mailbox, runs)
    runs.push(run)
    this.#order.push(run)
    this.#bytes += run.bytes.length
    while (this.#bytes > this.#bytesMax) this.#dropOldest()
  }

  /** The run that holds `offset`, if it is here. */
  find(mailbox: number, offset: number): Run | undefined {
    return this.#byMailbox.get(mailbox)?.search(
      (run) => offset - run.firstOffset,
      (run) => run.count,
    )
  }

  #dropOldest(): void {
    const oldest = this.#order.shift()
    if (oldest === undefined) return
    this.#bytes -= oldest.bytes.length
    this.#byMailbox.get(oldest.mailbox)?.shift()
  }
}
