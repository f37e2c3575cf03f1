/**
 * Randomness that one seed decides.
 *
 * Owns: a small generator (sfc32) behind the Random port and the Choices port. Not for secrets.
 *
 * SR1. The same seed and the same calls give the same numbers, on every machine and every version.
 * SR2. A fork is a stream of its own: what one part of a world draws does not move the draws of another.
 */
import assert from 'node:assert/strict'
import type { Random } from '../runtime/index.ts'
import type { Choices } from './choices.ts'

/** How many draws are thrown away so that near seeds have nothing in common. */
const warmUpCount = 16

/**
 * @example
 * const random = new SimulatedRandom(42)
 * random.fraction() // in [0, 1)
 * random.choose(6)  // 0 … 5
 */
export class SimulatedRandom implements Random, Choices {
  #a: number
  #b: number
  #c: number
  #counter = 1

  /** `seed` is an integer; `stream` tells forks of one seed apart. */
  constructor(seed: number, stream = 0) {
    assert.ok(Number.isSafeInteger(seed), 'a seed is a safe integer')
    this.#a = seed | 0
    this.#b = Math.trunc(seed / 2 ** 32) | 0
    this.#c = stream | 0
    for (let i = 0; i < warmUpCount; i += 1) this.#next()
  }

  /** A number in [0, 1). */
  fraction(): number {
    return this.#next() / 2 ** 32
  }

  bytes(count: number): Uint8Array {
    const bytes = new Uint8Array(count)
    for (let i = 0; i < count; i += 1) bytes[i] = this.#next() >>> 24
    return bytes
  }

  /** An integer in [0, `count`). */
  choose(count: number): number {
    assert.ok(count >= 1)
    return Math.floor(this.fraction() * count)
  }

  /** An independent stream, decided by this one. */
  fork(): SimulatedRandom {
    return new SimulatedRandom(this.#next(), this.#next())
  }

  #next(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum
    this.#c |= 0
    return sum >>> 0
  }
}
