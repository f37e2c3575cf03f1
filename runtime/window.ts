/**
 * How much of one producer may be under way.
 *
 * Owns: counting what is admitted and what waits, against their bounds. Leaves the decisions to `producerMachine`.
 *
 * WI1. What is admitted and what waits are both bounded, in number and in bytes (G11).
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
