/**
 * How much of one producer may be under way.
 *
 * Owns: counting what is admitted and what waits, against their bounds. Leaves the decisions to `producerMachine`.
 *
 * WI1. What is admitted and what waits are both bounded, in number and in bytes (G11).
 * WI2. What is being made, while a schema has not answered, is bounded by the sum of the two.
 */
import type { Limits } from './limits.ts'

interface Sized {
  readonly bytes: number
}

export class Window {
  readonly #limits: Limits
  #admittedCount = 0
  #admittedBytes = 0
  #waitingCount = 0
  #waitingBytes = 0
  #preparingCount = 0
  #preparingBytes = 0

  constructor(limits: Limits) {
    this.#limits = limits
  }

  get isFull(): boolean {
    return this.#admittedCount >= this.#limits.windowCount || this.#admittedBytes >= this.#limits.windowBytes
  }

  /** Well below the bounds again: admitting is worth it. */
  get hasRoom(): boolean {
    const { windowCount, windowBytes } = this.#limits
    return this.#admittedCount <= windowCount * 0.75 && this.#admittedBytes <= windowBytes * 0.75
  }

  /** Counts one whose message is being made, by the bytes known so far; false when there are too many. */
  prepare(bytes: number): boolean {
    const { windowCount, windowBytes, waitingCount, waitingBytes } = this.#limits
    const isTooMany = this.#preparingCount >= windowCount + waitingCount
    if (isTooMany || this.#preparingBytes + bytes > windowBytes + waitingBytes) return false
    this.#preparingCount += 1
    this.#preparingBytes += bytes
    return true
  }

  prepared(bytes: number): void {
    this.#preparingCount -= 1
    this.#preparingBytes -= bytes
  }

  mayWait(unit: Sized): boolean {
    const { waitingCount, waitingBytes } = this.#limits
    return this.#waitingCount < waitingCount && this.#waitingBytes + unit.bytes <= waitingBytes
  }

  wait(unit: Sized): void {
    this.#waitingCount += 1
    this.#waitingBytes += unit.bytes
  }

  unwait(unit: Sized): void {
    this.#waitingCount -= 1
    this.#waitingBytes -= unit.bytes
  }

  admit(unit: Sized): void {
    this.#admittedCount += 1
    this.#admittedBytes += unit.bytes
  }

  leave(unit: Sized): void {
    this.#admittedCount -= 1
    this.#admittedBytes -= unit.bytes
  }
}
