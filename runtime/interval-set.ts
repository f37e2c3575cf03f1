/**
 * A set of offsets, kept as ranges.
 *
 * Owns: adding, asking, and giving up what lies below a floor. Leaves what the offsets mean to the lane.
 *
 * IS1. Ranges are sorted, apart, and never empty; memory grows with the number of ranges, not of offsets.
 * IS2. `add` answers whether the offset was new.
 */
import assert from 'node:assert/strict'

/** Offsets `[start, end)`. */
export type Range = readonly [start: number, end: number]

export class IntervalSet {
  #starts: number[] = []
  #ends: number[] = []

  get rangeCount(): number {
    return this.#starts.length
  }

  get size(): number {
    return this.ranges().reduce((sum, [start, end]) => sum + end - start, 0)
  }

  has(offset: number): boolean {
    const at = this.#rangeAtOrBefore(offset)
    return at >= 0 && offset < (this.#ends[at] ?? 0)
  }

  add(offset: number): boolean {
    const at = this.#rangeAtOrBefore(offset)
    const endBefore = at >= 0 ? this.#ends[at] : undefined
    if (endBefore !== undefined && offset < endBefore) return false
    this.#insert(offset, at)
    return true
  }

  addRange(start: number, end: number): void {
    if (end <= start) return
    const at = this.#rangeAtOrBefore(start)
    // From the first range that touches the new one to the last, all become one.
    const from = at >= 0 && (this.#ends[at] ?? 0) >= start ? at : at + 1
    const past = this.#rangeAtOrBefore(end) + 1
    const joined = past - from
    const newStart = joined > 0 ? Math.min(start, this.#starts[from] ?? start) : start
    const newEnd = joined > 0 ? Math.max(end, this.#ends[past - 1] ?? end) : end
    this.#starts.splice(from, joined, newStart)
    this.#ends.splice(from, joined, newEnd)
  }

  /** Where the range that begins at `floor` ends, taken out of the set; `floor` itself when there is none. */
  advance(floor: number): number {
    if (this.#starts[0] !== floor) return floor
    const end = this.#ends[0]
    assert(end !== undefined)
    this.#starts.shift()
    this.#ends.shift()
    return end
  }

  clear(): void {
    this.#starts = []
    this.#ends = []
  }

  ranges(): Range[] {
    return this.#starts.map((start, index) => [start, this.#ends[index] ?? start])
  }

  #insert(offset: number, at: number): void {
    const joinsBefore = at >= 0 && this.#ends[at] === offset
    const joinsAfter = this.#starts[at + 1] === offset + 1
    if (joinsBefore && joinsAfter) {
      this.#ends.splice(at, 1)
      this.#starts.splice(at + 1, 1)
    } else if (joinsBefore) this.#ends[at] = offset + 1
    else if (joinsAfter) this.#starts[at + 1] = offset
    else {
      this.#starts.splice(at + 1, 0, offset)
      this.#ends.splice(at + 1, 0, offset + 1)
    }
  }

  /** Index of the last range that starts at or before `offset`; -1 if none. */
  #rangeAtOrBefore(offset: number): number {
    let low = 0
    let high = this.#starts.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#starts[middle] ?? 0) <= offset) low = middle + 1
      else high = middle
    }
    return low - 1
  }
}

/** Sorted offsets as ranges. */
export function toRanges(offsets: readonly number[]): Range[] {
  const sorted = isSorted(offsets) ? offsets : offsets.toSorted((a, b) => a - b)
  const ranges: [number, number][] = []
  let last: [number, number] | undefined
  for (const offset of sorted) {
    if (last !== undefined && last[1] === offset) last[1] = offset + 1
    else ranges.push((last = [offset, offset + 1]))
  }
  return ranges
}

function isSorted(offsets: readonly number[]): boolean {
  return offsets.every((offset, index) => index === 0 || offset > (offsets[index - 1] ?? 0))
}
