/**
 * Sending: what the parent holds no confirmation for, from a life of the child.
 *
 * Owns: the loop, and telling what was confirmed. Leaves remembering it to the parent, who outlives us.
 *
 * After a kill nobody knows whether the last sends were stored. They are simply sent again, under the same message id:
 * a send that had been stored is answered with the receipt of then (`duplicate: true`) and not stored twice.
 */
import type { Receipt, Runtime } from '../../runtime/index.ts'
import { payloadOf, type Payload } from './input.ts'
import type { Range, Report, Work } from './protocol.ts'
import { DELIVERY_HEADER, webhooksTopic } from './topic.ts'

/** Resolves when all that was missing is confirmed. */
export async function sendMissing(
  runtime: Runtime,
  work: Work,
  { payloads, tell }: { payloads: readonly Payload[]; tell: (report: Report) => void },
): Promise<void> {
  const producer = runtime.producer(webhooksTopic(work), { id: 'github' })
  const confirmations = new Confirmations(work, tell)
  const failures: Error[] = []
  for (const delivery of deliveriesOf(work.missing)) {
    await producer.ready() // Back-pressure: waits while as much as is allowed is under way.
    const messageId = String(delivery)
    const options = {
      headers: { [DELIVERY_HEADER]: messageId },
      ...(work.sabotage === 'no-message-id' ? {} : { messageId }),
    }
    producer.send(payloadOf(payloads, delivery), options, (error, receipt) => {
      if (receipt === undefined) failures.push(error ?? new TypeError('neither error nor receipt'))
      else confirmations.add(delivery, receipt)
    })
  }
  await producer.close() // Every send has had its answer now.
  const [first] = failures
  if (first !== undefined) throw first
}

function* deliveriesOf(ranges: readonly Range[]): Generator<number> {
  for (const { from, to } of ranges) for (let delivery = from; delivery < to; delivery += 1) yield delivery
}

/** Gathers what one commit confirmed into one report; keeps it back when the parent wants to kill just then. */
class Confirmations {
  readonly #work: Work
  readonly #tell: (report: Report) => void
  readonly #before: number
  #told = 0
  #deliveries: number[] = []
  #repeats = 0
  #holding = false

  constructor(work: Work, tell: (report: Report) => void) {
    this.#work = work
    this.#tell = tell
    this.#before = work.missing.reduce((left, { from, to }) => left - (to - from), work.messages)
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
    this.#tell({ kind: 'confirmed', deliveries, repeats })
  }

  #mustHold(count: number): boolean {
    return this.#before + this.#told + count >= (this.#work.holdAt ?? Number.POSITIVE_INFINITY)
  }

  /** The worst moment: on disk, and the sender dies before anybody hears of it. */
  #hold(): void {
    if (!this.#holding) this.#tell({ kind: 'holding' })
    this.#holding = true
  }
}
