/**
 * The sends of a simulated runtime: what is asked for, and what the callers hear.
 *
 * Owns: making messages, sending them once, in a batch or again, and waiting for the answers.
 * Leaves telling to `runtime-book.ts`, and whether anybody lives to hear it to `runtime-run.ts`.
 */
import { UnlostError } from '../../runtime/index.ts'
import type { Receipt } from '../../runtime/index.ts'
import { ViolationError } from './violation.ts'
import type { RuntimeBook, Sent } from './runtime-book.ts'
import type { Life } from './runtime-life.ts'

/** A message to send. */
export interface Plan {
  readonly key: number
  readonly padBytes: number
  readonly delayMs: number
}

export const PRODUCERS = ['left', 'right', 'clerk'] as const

/** Tells something, if the life still lives. */
export type Note = (life: Life, tell: () => void) => void

export class RuntimeSends {
  readonly #book: RuntimeBook
  readonly #note: Note
  #calls = 0

  constructor(book: RuntimeBook, note: Note) {
    this.#book = book
    this.#note = note
  }

  send(life: Life, producer: number, plan: Plan): void {
    this.#submit(life, this.#planned(life, PRODUCERS[producer] ?? 'left', plan))
  }

  /** Sends once more, under their ids, what nobody knows the fate of. */
  resend(life: Life): void {
    for (const sent of this.#book.unconfirmed) {
      if (sent.batch !== undefined) continue
      this.#book.sentAgain(sent.value)
      this.#submit(life, sent)
    }
  }

  batch(life: Life, producer: number, plans: readonly Plan[]): void {
    const name = PRODUCERS[producer] ?? 'left'
    const batch = this.#calls
    const all = plans.map((plan) => this.#planned(life, name, { ...plan, delayMs: 0, batch }))
    const sends = all.map((sent) => this.#book.sending(sent))
    void this.#hear(life, sends, life.producers.get(name)?.sendBatch(all.map(({ value }) => value)))
  }

  #planned(life: Life, name: string, plan: Plan & { readonly batch?: number }): Sent {
    this.#calls += 1
    const fill = plan.batch === undefined ? 'x' : 'y'
    return {
      value: { id: `m${this.#calls}`, key: `${name}-${plan.key}`, pad: fill.repeat(plan.padBytes) },
      topic: name === 'clerk' ? 'invoices' : 'orders',
      producer: name,
      dueMs: plan.delayMs === 0 ? 0 : life.clock.nowMs() + plan.delayMs,
      batch: plan.batch,
    }
  }

  #submit(life: Life, sent: Sent): void {
    const { value, dueMs } = sent
    const options = { messageId: value.id, ...(dueMs === 0 ? {} : { deliverAt: dueMs }) }
    const send = this.#book.sending(sent)
    const sending = life.producers.get(sent.producer)?.send(value, options)
    void this.#hear(
      life,
      [send],
      sending?.then((receipt) => [receipt]),
    )
  }

  /** Waits for the end of a send, and tells it to the book. */
  async #hear(life: Life, sends: readonly number[], sending: Promise<Receipt[]> | undefined): Promise<void> {
    life.pendingSends += 1
    try {
      for (const [i, receipt] of ((await sending) ?? []).entries()) {
        this.#note(life, () => this.#book.confirmed(sends[i] ?? 0, receipt))
      }
    } catch (error) {
      this.#note(life, () => this.#refused(sends, error))
    }
    life.pendingSends -= 1
  }

  #refused(sends: readonly number[], error: unknown): void {
    const { code, outcome } = error instanceof UnlostError ? error : { code: 'none', outcome: undefined }
    for (const send of sends) this.#book.rejected(send, code, outcome)
    // A producer that was opened again fences the one before; nothing else stands in the way of a send.
    if (code !== 'UNLOST_FENCED') {
      throw new ViolationError('false-alarm', `a send was refused: ${String(error)}`, error)
    }
  }
}
