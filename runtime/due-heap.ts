/**
 * Offsets by the time they fall due.
 *
 * Owns: a binary heap of (due, offset). Leaves the clock and what to do with them to the feed.
 *
 * DH1. `takeDue` gives the earliest first; equal times in order of offset.
 * DH2. Two numbers an entry: a million delayed messages are 16 MB.
 */

export interface Due {
  readonly dueMs: number
  readonly offset: number
}

export class DueHeap {
  readonly #dues: number[] = []
  readonly #offsets: number[] = []

  get size(): number {
    return this.#dues.length
  }

  get nextDueMs(): number | undefined {
    return this.#dues[0]
  }

  add(dueMs: number, offset: number): void {
    let at = this.#dues.push(dueMs) - 1
    this.#offsets.push(offset)
    while (at > 0) {
      const parent = (at - 1) >>> 1
      if (!this.#before(at, parent)) break
      this.#swap(at, parent)
      at = parent
    }
  }

  /** The offset that fell due first, if one has by `nowMs`. */
  takeDue(nowMs: number): number | undefined {
    const dueMs = this.#dues[0]
    if (dueMs === undefined || dueMs > nowMs) return undefined
    const offset = this.#offsets[0]
    this.#swap(0, this.#dues.length - 1)
    this.#dues.pop()
    this.#offsets.pop()
    this.#sink()
    return offset
  }

  clear(): void {
    this.#dues.length = 0
    this.#offsets.length = 0
  }

  #sink(): void {
    let at = 0
    for (;;) {
      const left = at * 2 + 1
      if (left >= this.#dues.length) return
      const right = left + 1
      const child = right < this.#dues.length && this.#before(right, left) ? right : left
      if (!this.#before(child, at)) return
      this.#swap(child, at)
      at = child
    }
  }

  #before(a: number, b: number): boolean {
    const left = this.#dues[a] ?? 0
    const right = this.#dues[b] ?? 0
    return left < right || (left === right && (this.#offsets[a] ?? 0) < (this.#offsets[b] ?? 0))
  }

  #swap(a: number, b: number): void {
    swap(this.#dues, a, b)
    swap(this.#offsets, a, b)
  }
}

function swap(list: number[], a: number, b: number): void {
  const held = list[a] ?? 0
  list[a] = list[b] ?? 0
  list[b] = held
}
