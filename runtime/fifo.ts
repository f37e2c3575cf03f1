/**
 * A first-in, first-out queue that does not move its elements.
 *
 * Owns: order. Leaves bounds to whoever fills it.
 *
 * FI1. `push` and `shift` cost the same however long the queue is; so does putting back what was just taken.
 */

export class Fifo<Item> {
  #items: (Item | undefined)[] = []
  #head = 0

  get size(): number {
    return this.#items.length - this.#head
  }

  get first(): Item | undefined {
    return this.#items[this.#head]
  }

  push(item: Item): void {
    this.#items.push(item)
  }

  /** Puts items before all others, in their order. */
  unshift(items: readonly Item[]): void {
    if (items.length > this.#head) {
      this.#items = [...items, ...this.#items.slice(this.#head)]
      this.#head = 0
      return
    }
    // The places of what was taken are still there.
    this.#head -= items.length
    for (const [index, item] of items.entries()) this.#items[this.#head + index] = item
  }

  /** Drops what `keep` does not want. */
  filter(keep: (item: Item) => boolean): void {
    this.#items = this.drain().filter(keep)
  }

  /** Puts an item behind those at the head that come `before` it. */
  insert(item: Item, before: (other: Item) => boolean): void {
    let at = this.#head
    for (let other = this.#items[at]; other !== undefined && before(other); other = this.#items[at]) at += 1
    if (at === this.#head && at > 0) this.#items[(this.#head -= 1)] = item
    else this.#items.splice(at, 0, item)
  }

  shift(): Item | undefined {
    if (this.#head >= this.#items.length) return undefined
    const item = this.#items[this.#head]
    this.#items[this.#head] = undefined
    this.#head += 1
    if (this.#head > 1024 && this.#head * 2 > this.#items.length) this.#compact()
    return item
  }

  /**
   * The item that holds a position, in a queue sorted by where items begin. `distance` says how far the position
   * lies behind an item's beginning (negative: before it), `length` how far the item reaches.
   */
  search(distance: (item: Item) => number, length: (item: Item) => number): Item | undefined {
    let low = this.#head
    let high = this.#items.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const item = this.#items[middle]
      if (item !== undefined && distance(item) >= 0) low = middle + 1
      else high = middle
    }
    const found = low > this.#head ? this.#items[low - 1] : undefined
    return found !== undefined && distance(found) < length(found) ? found : undefined
  }

  /** All items, taken out. */
  drain(): Item[] {
    const items = this.#head === 0 ? this.#items : this.#items.slice(this.#head)
    this.#items = []
    this.#head = 0
    // Only slots before the head are emptied.
    return items as Item[]
  }

  #compact(): void {
    this.#items = this.#items.slice(this.#head)
    this.#head = 0
  }
}
