/**
 * Order per key: a message waits while an earlier one of its key is unfinished.
 *
 * Owns: who holds each key and who waits behind. Leaves the messages without a key alone.
 *
 * KO1. At most one message of a key is free (ready, leased or waiting for its retry) at a time.
 * KO2. Those that wait become free in the order in which they came.
 */
import { Fifo } from './fifo.ts'

interface Held<Item> {
  readonly offset: number
  readonly waiting: Fifo<Item>
}

export class KeyOrder<Item> {
  readonly #held = new Map<string, Held<Item>>()
  #waiting = 0

  /** How many items wait behind another. */
  get waitingCount(): number {
    return this.#waiting
  }

  /** Takes the key for `offset`; false when `item` now waits behind another message. */
  enter(key: string | undefined, offset: number, item: Item): boolean {
    if (key === undefined) return true
    const held = this.#held.get(key)
    if (held === undefined) this.#held.set(key, { offset, waiting: new Fifo() })
    else if (held.offset !== offset) {
      held.waiting.push(item)
      this.#waiting += 1
      return false
    }
    return true
  }

  /** Gives the key up for the next that waits, if any. */
  leave(key: string | undefined, offsetOf: (item: Item) => number): Item | undefined {
    const held = key === undefined ? undefined : this.#held.get(key)
    if (key === undefined || held === undefined) return undefined
    const next = held.waiting.shift()
    if (next === undefined) this.#held.delete(key)
    else {
      this.#held.set(key, { offset: offsetOf(next), waiting: held.waiting })
      this.#waiting -= 1
    }
    return next
  }

  /** As `leave`, for a message that is gone, so that nobody knows its key. */
  leaveAt(offset: number, offsetOf: (item: Item) => number): Item | undefined {
    for (const [key, held] of this.#held) if (held.offset === offset) return this.leave(key, offsetOf)
    return undefined
  }

  clear(): void {
    this.#held.clear()
    this.#waiting = 0
  }
}
