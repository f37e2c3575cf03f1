/**
 * Those who wait for something: joining and leaving cost the same however many they are.
 *
 * Owns: membership. Leaves order to others: leaving moves the last member into the gap.
 *
 * RS1. A member is in the roster once; who is not in it may leave without harm.
 */

interface Member {
  /** Where the member stands; kept by the roster alone. */
  place: number
}

export class Roster<Item extends Member> implements Iterable<Item> {
  readonly #items: Item[] = []

  get size(): number {
    return this.#items.length
  }

  add(item: Item): void {
    // Who never joined stands at -1, and asking an array for that is slow.
    if (item.place >= 0 && this.#items[item.place] === item) return
    item.place = this.#items.push(item) - 1
  }

  delete(item: Item): void {
    if (item.place < 0 || this.#items[item.place] !== item) return
    const last = this.#items.pop()
    if (last === undefined || last === item) return
    last.place = item.place
    this.#items[last.place] = last
  }

  [Symbol.iterator](): IterableIterator<Item> {
    return this.#items.values()
  }
}
