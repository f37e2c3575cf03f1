/**
 * What waits for the next batch.
 *
 * Owns: the order of units and how much of them makes a batch. Leaves bounding their number to the producers'
 * windows and the consumers' credit.
 *
 * IN1. Events go before messages: they are small and free memory. Within each kind the order is that of arrival.
 * IN2. A batch is never larger than `batchBytesMax`; a unit is never split.
 * IN3. Messages that fit as a whole, as they mostly do, are taken as a whole. A unit of messages is as large when it is
 *     taken as when it came; one of events may have grown.
 */
import { Fifo } from './fifo.ts'
import type { Unit } from './unit.ts'
import type { CommitScope } from '../actors/index.ts'

export class Inbox {
  readonly #events = new Fifo<Unit>()
  readonly #messages = new Fifo<Unit>()
  #messageBytes = 0

  add(unit: Unit): void {
    if (!unit.hasMessages) return this.#events.push(unit)
    this.#messages.push(unit)
    this.#messageBytes += unit.bytes
  }

  /** Puts units of a refused batch back where they came from. */
  putBack(units: readonly Unit[]): void {
    const messages = units.filter((unit) => unit.hasMessages)
    this.#events.unshift(units.filter((unit) => !unit.hasMessages))
    this.#messages.unshift(messages)
    this.#messageBytes += bytesOf(messages)
  }

  has(scope: CommitScope): boolean {
    return this.#events.size > 0 || (scope === 'all' && this.#messages.size > 0)
  }

  /** The units of the next batch. */
  take(scope: CommitScope, batchBytesMax: number): Unit[] {
    const units: Unit[] = []
    takeFrom(this.#events, units, batchBytesMax)
    if (scope === 'events') return units
    const left = batchBytesMax - bytesOf(units)
    if (this.#messageBytes <= left) return joined(units, this.#takeMessages())
    this.#messageBytes -= takeFrom(this.#messages, units, left)
    return units
  }

  #takeMessages(): Unit[] {
    this.#messageBytes = 0
    const messages = this.#messages.drain()
    return messages.some(isWithdrawn) ? messages.filter((unit) => !unit.withdrawn) : messages
  }

  drain(): Unit[] {
    this.#messageBytes = 0
    return [...this.#events.drain(), ...this.#messages.drain()]
  }
}

function isWithdrawn(unit: Unit): boolean {
  return unit.withdrawn
}

function joined(events: Unit[], messages: Unit[]): Unit[] {
  return events.length === 0 ? messages : events.concat(messages)
}

function bytesOf(units: readonly Unit[]): number {
  return units.reduce((bytes, unit) => bytes + unit.bytes, 0)
}

/** Moves units that fit into `units`; returns how many bytes left the queue, with those of the withdrawn. */
function takeFrom(queue: Fifo<Unit>, units: Unit[], bytesMax: number): number {
  let left = bytesMax
  let gone = 0
  for (;;) {
    const next = queue.first
    const fits = next !== undefined && (next.withdrawn || next.bytes <= left || units.length === 0)
    if (!fits) return gone
    queue.shift()
    gone += next.bytes
    if (next.withdrawn) continue
    left -= next.bytes
    units.push(next)
  }
}
