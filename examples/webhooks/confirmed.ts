/**
 * What was confirmed, as the parent knows it: the one memory that no kill reaches.
 *
 * Owns: a bit per delivery. Leaves judging what became of them to the audit.
 */
import type { Range } from './protocol.ts'

export class Confirmed {
  readonly #bits: Uint8Array
  #count = 0

  constructor(messages: number) {
    this.#bits = new Uint8Array(messages)
  }

  get count(): number {
    return this.#count
  }

  get messages(): number {
    return this.#bits.length
  }

  has(delivery: number): boolean {
    return this.#bits[delivery] === 1
  }

  add(deliveries: readonly number[]): void {
    for (const delivery of deliveries) {
      if (this.#bits[delivery] === 0) this.#count += 1
      this.#bits[delivery] = 1
    }
  }

  /** Where confirmations are missing, in order. */
  missing(): Range[] {
    const ranges: Range[] = []
    let from = this.#bits.indexOf(0)
    while (from !== -1) {
      const end = this.#bits.indexOf(1, from)
      const to = end === -1 ? this.#bits.length : end
      ranges.push({ from, to })
      from = this.#bits.indexOf(0, to)
    }
    return ranges
  }
}
