/**
 * What waits for the next batch.
 *
 * Owns: the order of units and how much of them makes a batch. Leaves bounding their number to the producers'
 * windows and the consumers' credit.
 *
 * IN1. Events go before messages: they are small and free memory. Within each kind the order is that of arrival.
 * IN2. A batch is never larger than `batchBytesMax`; a unit is never split.
 */
import { Fifo } from './fifo.ts'
import type { Unit } from './unit.ts'
import type { CommitScope } from '../actors/index.ts'

export class Inbox {
  readonly #events = new Fifo<Unit>()
  readonly #messages = new Fifo<Unit>()

  add(unit: Unit): void {
    this.#queueOf(unit).push(unit)
  }

  /** Puts units of a refused batch back where they came from. */
  putBack(units: readonly Unit[]): void {
    this.#events.unshift(units.filter((unit) => !unit.hasMessages))
    this.#messages.unshift(units.filter((unit) => unit.hasMessages))
  }

  has(scope: CommitScope): boolean {
    return this.#events.size > 0 || (scope === 'all' && this.#messages.size > 0)
  }

  /** The units of the next batch. */
  take(scope: CommitScope, batchBytesMax: number): Unit[] {
    const units: Unit[] = []
    const left = takeFrom(this.#events, units, batchBytesMax)
    if (scope === 'all') takeFrom(this.#messages, units, left)
    return units
  }

  drain(): Unit[] {
    return [...this.#events.drain(), ...this.#messages.drain()]
  }

  #queueOf(unit: Unit): Fifo<Unit> {
    return unit.hasMessages ? this.#messages : this.#events
  }
}

/** Moves units that fit into `units`; returns the bytes that are left. */
function takeFrom(queue: Fifo<Unit>, units: Unit[], bytesLeft: number): number {
  let left = bytesLeft
  for (;;) {
    const next = queue.first
    const fits = next !== undefined && (next.withdrawn || next.bytes <= left || units.length === 0)
    if (!fits) return left
    queue.shift()
    if (next.withdrawn) continue
    left -= next.bytes
    units.push(next)
  }
}
