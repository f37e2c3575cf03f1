/**
 * Deadlines of sends: one timer for all of them.
 *
 * Owns: waking up when the earliest is over. Leaves what then happens to the producer.
 *
 * DL1. No send outlives its deadline by more than the timer's own lateness (G8).
 * DL2. A send that is told in time costs no timer.
 * DL3. The clock is read once a turn: the time of a send begins with the turn in which it was called, as that of Node's
 *     own timers does.
 */
import type { Cancel, Clock } from './clock.ts'

interface Timed {
  readonly timeoutMs: number
  deadlineMs: number
}

export class Deadlines<Item extends Timed> {
  readonly #clock: Clock
  readonly #items: Iterable<Item>
  readonly #over: (item: Item) => void
  /** When the current turn began, once that was asked for. */
  #turnMs: number | undefined
  #armedMs = Number.POSITIVE_INFINITY
  #cancel: Cancel = () => {}

  constructor(clock: Clock, items: Iterable<Item>, over: (item: Item) => void) {
    this.#clock = clock
    this.#items = items
    this.#over = over
  }

  watch(item: Item): void {
    this.#turnMs ??= this.#readClock()
    item.deadlineMs = this.#turnMs + item.timeoutMs
    if (item.deadlineMs < this.#armedMs) this.#arm(item.deadlineMs)
  }

  close(): void {
    this.#cancel()
    this.#armedMs = Number.POSITIVE_INFINITY
  }

  #readClock(): number {
    this.#clock.defer(() => (this.#turnMs = undefined))
    // Whole numbers are kept in place; a fraction costs an object each.
    return Math.ceil(this.#clock.monotonicMs())
  }

  #arm(deadlineMs: number): void {
    this.#cancel()
    this.#armedMs = deadlineMs
    const waitMs = Math.max(0, deadlineMs - this.#clock.monotonicMs())
    this.#cancel = this.#clock.schedule(waitMs, () => this.#check())
  }

  #check(): void {
    const nowMs = this.#clock.monotonicMs()
    this.#armedMs = Number.POSITIVE_INFINITY
    for (const item of [...this.#items]) if (item.deadlineMs <= nowMs) this.#over(item)
    let earliestMs = Number.POSITIVE_INFINITY
    for (const item of this.#items) earliestMs = Math.min(earliestMs, item.deadlineMs)
    if (earliestMs < this.#armedMs) this.#arm(earliestMs)
  }
}
