/**
 * The segments of an open journal, and the open files through which they are read.
 *
 * Owns: which segments there are, how far each may be read, and a small number of open readers.
 * Leaves to `segment-writer.ts` the file that is written, and to `trim.ts` which segments go.
 *
 * SG1. Nothing at or beyond a segment's `end` is read: it is not durable.
 */

import assert from 'node:assert/strict'

import type { Disk, FileHandle } from './disk.ts'
import { SegmentReader } from './segment-reader.ts'
import type { SegmentFacts } from './segment-reader.ts'

const readersMax = 8

/** One segment file that counts. */
export interface StoredSegment extends SegmentFacts {
  readonly id: number
  readonly epoch: number
  readonly name: string
  readonly path: string
  /** Where its durable frames end. Grows while it is written. */
  end: number
  /** As the directory shows it. */
  readonly sizeBytes: number
}

interface OpenReader {
  readonly reader: SegmentReader
  readonly file: FileHandle
}

export class SegmentSet {
  readonly #disk: Disk
  readonly #segments = new Map<number, StoredSegment>()
  #sizeBytes = 0
  /** In the order of their last use. */
  readonly #readers = new Map<number, OpenReader>()

  constructor(disk: Disk) {
    this.#disk = disk
  }

  add(segment: StoredSegment): void {
    assert.ok(!this.#segments.has(segment.id), 'a segment counts once')
    this.#segments.set(segment.id, segment)
    this.#sizeBytes += segment.sizeBytes
  }

  get(id: number): StoredSegment {
    const segment = this.#segments.get(id)
    assert.ok(segment !== undefined, `segment ${id} is kept`)
    return segment
  }

  get count(): number {
    return this.#segments.size
  }

  /** Bytes of all segments, as the directory shows them. */
  get sizeBytes(): number {
    return this.#sizeBytes
  }

  /** The reader of a segment, opened if need be. Throws a `DiskError`. */
  reader(id: number): SegmentReader {
    const open = this.#readers.get(id) ?? this.#open(id)
    this.#readers.delete(id)
    this.#readers.set(id, open)
    return open.reader
  }

  /** Forgets the segments before `oldestKept`; returns them, for their files to be removed. */
  dropBefore(oldestKept: number): StoredSegment[] {
    const dropped = [...this.#segments.values()].filter((segment) => segment.id < oldestKept)
    for (const { id, sizeBytes } of dropped) {
      this.#segments.delete(id)
      this.#sizeBytes -= sizeBytes
      this.#close(id)
    }
    return dropped.sort((a, b) => a.id - b.id)
  }

  close(): void {
    for (const id of [...this.#readers.keys()]) this.#close(id)
  }

  #open(id: number): OpenReader {
    const [oldest] = this.#readers.keys()
    if (this.#readers.size >= readersMax && oldest !== undefined) this.#close(oldest)
    const file = this.#disk.open(this.get(id).path, 'read')
    const open = { file, reader: new SegmentReader(this.#disk, file) }
    this.#readers.set(id, open)
    return open
  }

  #close(id: number): void {
    const open = this.#readers.get(id)
    this.#readers.delete(id)
    if (open !== undefined) this.#disk.close(open.file)
  }
}
