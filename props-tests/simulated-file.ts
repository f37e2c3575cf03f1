/**
 * One file of the simulated disk: what the page cache holds, against what the platter holds.
 *
 * Owns: bytes, size, the versions that were written since the last sync, and what a power cut makes of them.
 * Leaves to `simulated-directory.ts` whether the file has a name, and to `simulated-disk.ts` the calls.
 *
 * SF1. Reads see the cache. A power cut shows, for each unit, any version since the last sync, independently of
 *      every other unit: kept, lost, torn and reordered are all of it.
 * SF2. The size is a pending item of its own: data without size is lost, size without data is zeros.
 * SF3. After a failed sync the versions are clean: no later sync brings them to the platter.
 * SF4. A write that dirties a unit again takes along what else that unit holds in the cache.
 * SF5. What is durable is what a power cut leaves that takes all it can; its version changes with every change of it.
 */
import assert from 'node:assert/strict'
import type { Choices } from './choices.ts'

/** What a sync does to the pending bytes when it fails, or lies. */
export type SyncFate =
  /** Nothing happens; the bytes stay pending. */
  | 'ignored'
  /** The platter gets nothing, the cache keeps all, and all is marked clean. */
  | 'dropped'
  /** The platter gets some, the cache keeps all, and all is marked clean. */
  | 'half'
  /** The platter gets all. */
  | 'full'
  /** The platter gets nothing, and the cache goes back to what the platter holds. */
  | 'reverted'

/** Space is taken in blocks of this size, as file systems do. */
export const blockBytes = 4096

/** Bytes `[start, end)` that the medium cannot read. */
interface BadRange {
  readonly start: number
  readonly end: number
}

export class SimulatedFile {
  readonly kind = 'file'
  readonly #unitBytes: number
  readonly #zeroUnit: Uint8Array
  #cache: Uint8Array = new Uint8Array(0)
  #cacheSize = 0
  #platter: Uint8Array = new Uint8Array(0)
  #platterSize = 0
  #durableVersion = 0
  /** Whether another file, or the other of the two, uses the same bytes: then they are copied before a change. */
  #isCacheShared = false
  #isPlatterShared = false
  /** Unit number to its contents since the last sync, oldest first. */
  #versions = new Map<number, Uint8Array[]>()
  /** Sizes since the last sync, oldest first. */
  #sizes: number[] = []
  #blocks = new Set<number>()
  #badRanges: BadRange[] = []

  constructor(unitBytes: number) {
    assert.ok(blockBytes % unitBytes === 0, 'a block holds whole units')
    this.#unitBytes = unitBytes
    this.#zeroUnit = new Uint8Array(unitBytes)
  }

  get size(): number {
    return this.#cacheSize
  }

  /** Space taken, in bytes. */
  get allocatedBytes(): number {
    return this.#blocks.size * blockBytes
  }

  /** Whether a power cut could still take something away. */
  get isClean(): boolean {
    return this.#versions.size === 0 && this.#sizes.length === 0
  }

  /** What is there after a power cut that takes all that it can, as a view: it may change with the next call. */
  get durable(): Uint8Array {
    return this.#platter.subarray(0, this.#platterSize)
  }

  /** As long as this is the same, `durable` is. */
  get durableVersion(): number {
    return this.#durableVersion
  }

  /** Whether `[start, start + count)` touches a range that cannot be read. */
  isUnreadable(start: number, count: number): boolean {
    return this.#badRanges.some((bad) => start < bad.end && bad.start < start + count)
  }

  makeUnreadable(start: number, end: number): void {
    this.#badRanges.push({ start, end })
  }

  makeReadable(): void {
    this.#badRanges = []
  }

  /** A copy of what a reader sees. */
  bytes(): Uint8Array {
    return this.#cache.slice(0, this.#cacheSize)
  }

  read(into: Uint8Array, position: number): number {
    const end = Math.min(this.#cacheSize, position + into.length)
    if (end <= position) return 0
    into.set(this.#cache.subarray(position, end))
    return end - position
  }

  /** How many of `count` bytes at `position` fit when `freeBytes` of space are left. */
  fits(position: number, count: number, freeBytes: number): number {
    let free = Math.floor(freeBytes / blockBytes)
    let at = position
    while (at < position + count) {
      const block = Math.floor(at / blockBytes)
      if (!this.#blocks.has(block)) free -= 1
      if (free < 0) break
      at = (block + 1) * blockBytes
    }
    return Math.min(count, Math.max(0, at - position))
  }

  write(bytes: Uint8Array, position: number): void {
    if (bytes.length === 0) return
    const end = position + bytes.length
    this.#ownCache(end).set(bytes, position)
    for (let block = Math.floor(position / blockBytes); block * blockBytes < end; block += 1) {
      this.#blocks.add(block)
    }
    const isLonger = end > this.#cacheSize
    this.#cacheSize = Math.max(this.#cacheSize, end)
    if (isLonger || (this.#sizes.length === 0 && end > this.#platterSize)) this.#sizes.push(this.#cacheSize)
    this.#noteVersions(position, end)
  }

  truncate(size: number): void {
    const before = this.#cacheSize
    this.#ownCache(size).fill(0, size)
    this.#cacheSize = size
    this.#sizes.push(size)
    this.#noteVersions(size, before)
    for (const block of this.#blocks) if (block * blockBytes >= size) this.#blocks.delete(block)
  }

  sync(fate: SyncFate, choices: Choices): void {
    if (fate === 'ignored') return
    if (fate === 'full') this.#settle(last, last)
    if (fate === 'half') this.#settleBy(choices)
    this.#forget()
    if (fate === 'reverted') this.#showPlatter()
  }

  /** The page cache is gone; `choices` decides what of the pending items had reached the platter. */
  powerCut(choices: Choices): void {
    this.#settleBy(choices)
    this.#forget()
    this.#showPlatter()
  }

  /** Damage: changes cache and platter alike, as rot does that nobody has read yet. */
  edit(change: (bytes: Uint8Array) => void): void {
    assert.ok(this.isClean, 'damage is done to bytes at rest: restart the disk first')
    const bytes = this.#platter.slice(0, this.#platterSize)
    change(bytes)
    this.#ownPlatter(this.#platterSize).set(bytes)
    this.#showPlatter()
  }

  /** Damage: cuts or lengthens cache and platter alike. */
  resize(size: number): void {
    assert.ok(this.isClean, 'damage is done to bytes at rest: restart the disk first')
    this.#ownPlatter(size).fill(0, size)
    this.#platterSize = size
    this.#showPlatter()
  }

  clone(): SimulatedFile {
    const copy = new SimulatedFile(this.#unitBytes)
    this.#isCacheShared = copy.#isCacheShared = true
    this.#isPlatterShared = copy.#isPlatterShared = true
    copy.#cache = this.#cache
    copy.#cacheSize = this.#cacheSize
    copy.#platter = this.#platter
    copy.#platterSize = this.#platterSize
    copy.#versions = new Map([...this.#versions].map(([unit, versions]) => [unit, [...versions]]))
    copy.#sizes = [...this.#sizes]
    copy.#blocks = new Set(this.#blocks)
    copy.#badRanges = [...this.#badRanges]
    return copy
  }

  #settleBy(choices: Choices): void {
    const pick = <T>(options: readonly T[]): T | undefined => options[choices.choose(options.length)]
    this.#settle(pick, pick)
  }

  /** Brings one version of each unit, and one size, to the platter. */
  #settle(pickSize: Pick<number>, pickUnit: Pick<Uint8Array>): void {
    const size = pickSize([this.#platterSize, ...this.#sizes])
    assert.ok(size !== undefined)
    for (const [unit, versions] of [...this.#versions].toSorted(([a], [b]) => a - b)) {
      const picked = pickUnit([this.#unitOf(this.#platter, unit), ...versions])
      assert.ok(picked !== undefined)
      this.#ownPlatter((unit + 1) * this.#unitBytes).set(picked, unit * this.#unitBytes)
    }
    if (size !== this.#platterSize || this.#versions.size > 0) this.#ownPlatter(size).fill(0, size)
    if (size !== this.#platterSize) this.#durableVersion += 1
    this.#platterSize = size
  }

  /** The cache with room for `size` bytes, free to be changed. */
  #ownCache(size: number): Uint8Array {
    if (this.#isCacheShared || this.#cache.length < size) this.#cache = copied(this.#cache, size)
    this.#isCacheShared = false
    return this.#cache
  }

  /** The platter with room for `size` bytes, free to be changed. */
  #ownPlatter(size: number): Uint8Array {
    this.#durableVersion += 1
    if (this.#isPlatterShared || this.#platter.length < size) this.#platter = copied(this.#platter, size)
    this.#isPlatterShared = false
    return this.#platter
  }

  #forget(): void {
    this.#versions.clear()
    this.#sizes = []
  }

  #showPlatter(): void {
    this.#cache = this.#platter
    this.#isCacheShared = this.#isPlatterShared = true
    this.#cacheSize = this.#platterSize
    for (const block of this.#blocks) {
      if (block * blockBytes >= this.#cacheSize) this.#blocks.delete(block)
    }
  }

  /** A unit whose new content equals its newest version has no new outcome to offer, and is left out. */
  #noteVersions(start: number, end: number): void {
    for (let unit = Math.floor(start / this.#unitBytes); unit * this.#unitBytes < end; unit += 1) {
      const content = this.#unitOf(this.#cache, unit)
      const versions = this.#versions.get(unit)
      const newest = versions?.at(-1) ?? this.#unitOf(this.#platter, unit)
      if (Buffer.compare(content, newest) === 0) continue
      if (versions === undefined) this.#versions.set(unit, [content.slice()])
      else versions.push(content.slice())
    }
  }

  /** A view of one unit; zeros where nothing was ever written. */
  #unitOf(bytes: Uint8Array, unit: number): Uint8Array {
    const start = unit * this.#unitBytes
    return start < bytes.length ? bytes.subarray(start, start + this.#unitBytes) : this.#zeroUnit
  }
}

type Pick<T> = (options: readonly T[]) => T | undefined

function last<T>(options: readonly T[]): T | undefined {
  return options.at(-1)
}

/** A copy of `bytes` that has room for `size`; always of whole blocks, and so of whole units. */
function copied(bytes: Uint8Array, size: number): Uint8Array {
  const wanted = bytes.length >= size ? bytes.length : Math.max(size, bytes.length * 1.5)
  const copy = new Uint8Array(Math.ceil(wanted / blockBytes) * blockBytes)
  copy.set(bytes)
  return copy
}
