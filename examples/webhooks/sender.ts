/**
 * Sending: what the parent holds no confirmation for, from a life of the child.
 *
 * Owns: the loop, and telling what was confirmed. Leaves remembering it to the parent, who outlives us.
 *
 * After a kill nobody knows whether the last sends were stored. They are simply sent again, under the same message id:
 * a send that had been stored is answered with the receipt of then (`duplicate: true`) and not stored twice.
 */
import type { Producer, Receipt, SendOptions } from '../../runtime/index.ts'
import type { Range, Report } from './protocol.ts'

/** What is to be sent, and whom to tell. */
export interface Sending<TValue> {
  readonly deliveries: Iterable<number>
  readonly valueOf: (delivery: number) => TValue
  readonly optionsOf: (delivery: number) => SendOptions
  /** How many are confirmed already. */
  readonly before: number
  /** From so many confirmations on: tell nobody, and wait for the kill. */
  readonly holdAt: number | undefined
  readonly tell: (report: Report) => void
}

/** Resolves when all that was missing is confirmed. */
export async function sendMissing<TValue>(
  producer: Producer<TValue>,
  sending: Sending<TValue>,
): Promise<void> {
  const { deliveries, valueOf, optionsOf } = sending
  const confirmations = new Confirmations(sending)
  const failures: Error[] = []
  for (const delivery of deliveries) {
    await producer.ready() // Back-pressure: waits while as much as is allowed is under way.
    producer.send(valueOf(delivery), optionsOf(delivery), (error, receipt) => {
      if (receipt === undefined) failures.push(error ?? new TypeError('neither error nor receipt'))
      else confirmations.add(delivery, receipt)
    })
  }
  await producer.close() // Every send has had its answer now.
  const [first] = failures
  if (first !== undefined) throw first
}

export function* deliveriesOf(ranges: readonly Range[]): Generator<number> {
  for (const { from, to } of ranges) for (let delivery = from; delivery < to; delivery += 1) yield delivery
}

/** Gathers what one commit confirmed into one report; keeps it back when the parent wants to kill just then. */
class Confirmations {
  readonly #sending: Pick<Sending<unknown>, 'before' | 'holdAt' | 'tell'>
  #told = 0
  #deliveries: number[] = []
  #repeats = 0
  #holding = false

  constructor(sending: Pick<Sending<unknown>, 'before' | 'holdAt' | 'tell'>) {
    this.#sending = sending
  }

  add(delivery: number, receipt: Receipt): void {
    if (this.#deliveries.length === 0) queueMicrotask(() => this.#flush())
    this.#deliveries.push(delivery)
    if (receipt.duplicate) this.#repeats += 1
  }

  #flush(): void {
    const deliveries = this.#deliveries
    const repeats = this.#repeats
    this.#deliveries = []
    this.#repeats = 0
    if (this.#mustHold(deliveries.length)) return this.#hold()
    this.#told += deliveries.length
    this.#sending.tell({ kind: 'confirmed', deliveries, repeats })
  }

  #mustHold(count: number): boolean {
    const { before, holdAt } = this.#sending
    return before + this.#told + count >= (holdAt ?? Number.POSITIVE_INFINITY)
  }

  /** The worst moment: on disk, and the sender dies before anybody hears of it. */
  #hold(): void {
    if (!this.#holding) this.#sending.tell({ kind: 'holding' })
    this.#holding = true
  }
}
