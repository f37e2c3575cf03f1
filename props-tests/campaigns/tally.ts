/**
 * What a campaign did, in numbers that add up over processes.
 *
 * Owns: the columns, adding and merging. Leaves to the kinds of tasks what counts, and to `closing.ts` the telling.
 *
 * TY1. A crash is counted when its state was recovered and judged in full, not when it was made.
 * TY2. Merging the data of several tallies gives what one tally would have counted.
 */

/** Counts by name. */
export type Counts = Record<string, number>

/** `runs` and `crashes` by kind of task, `faults` by kind of fault, `images` by verdict, `situations` by name. */
export interface TallyData {
  readonly runs: Counts
  readonly crashes: Counts
  readonly images: Counts
  readonly faults: Counts
  readonly situations: Counts
}

export type Column = keyof TallyData

export class Tally {
  #data = emptyData()

  get data(): TallyData {
    return this.#data
  }

  add(column: Column, name: string, count = 1): void {
    if (count === 0) return
    const counts = this.#data[column]
    counts[name] = (counts[name] ?? 0) + count
  }

  addAll(column: Column, counts: Iterable<readonly [string, number]>): void {
    for (const [name, count] of counts) this.add(column, name, count)
  }

  merge(data: TallyData): void {
    for (const column of columns) this.addAll(column, Object.entries(data[column]))
  }

  total(column: Column): number {
    return Object.values(this.#data[column]).reduce((sum, count) => sum + count, 0)
  }

  count(column: Column, name: string): number {
    return this.#data[column][name] ?? 0
  }

  /** Gives what was counted since the last time, and begins anew. */
  take(): TallyData {
    const taken = this.#data
    this.#data = emptyData()
    return taken
  }
}

const columns = ['runs', 'crashes', 'images', 'faults', 'situations'] as const

function emptyData(): TallyData {
  return { runs: {}, crashes: {}, images: {}, faults: {}, situations: {} }
}
