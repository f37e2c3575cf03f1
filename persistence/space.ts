/**
 * Room for the next frame: the rest of the active segment, and the file of zeros that comes after it.
 *
 * Owns: when a further file is ordered, and who may still write when none can be made.
 * Leaves to `spare-segments.ts` making it and to `appender.ts` the rotation into it.
 *
 * SP1. Messages stop while the reserve is whole, and as soon as a further file cannot be made; events, checkpoints
 *     and trims may use what is left (S5).
 * SP2. A refusal for want of space comes before any byte is written, and the next commit tries again.
 */

import assert from 'node:assert/strict'

import { faultCode, isFull, pathIn } from './disk-faults.ts'
import { BrokenError, DiskFullError } from './errors.ts'
import { reserveBytes } from './limits.ts'
import { segmentName } from './names.ts'
import type { SegmentWriter, PreparedFile } from './segment-writer.ts'
import type { SpareSegments, SpareState } from './spare-segments.ts'

export interface SpaceOptions {
  readonly directory: string
  readonly epoch: number
  readonly segmentBytes: number
}

/** What wants to be written. */
export interface SpaceRequest {
  readonly frameBytes: number
  readonly mayUseReserve: boolean
}

export class Space {
  readonly #spares: SpareSegments
  readonly #options: SpaceOptions
  /** The file that was ordered, whether or not it is ready. */
  #ordered: PreparedFile | undefined

  constructor(spares: SpareSegments, options: SpaceOptions) {
    this.#spares = spares
    this.#options = options
  }

  /** Bytes of the file made ahead, as the directory shows them. */
  get spareBytes(): number {
    return this.#spares.poll().state === 'ready' ? (this.#ordered?.sizeBytes ?? 0) : 0
  }

  /**
   * Finds room for a frame: `here` in the active segment or in the `next` file, which is then ready.
   * Throws `DiskFullError` (not-written), or `BrokenError` when a file could not be made for another reason.
   */
  find(writer: SegmentWriter, request: SpaceRequest): 'here' | 'next' {
    this.#orderAhead(writer)
    const fits = request.frameBytes <= writer.room
    if (fits && (request.mayUseReserve || this.#sparesReserve(writer, request))) return 'here'
    const state = this.#settled(writer)
    if (state.state === 'ready') return fits ? 'here' : 'next'
    throw this.#refusal(state)
  }

  /** Refuses what would need several frames while not even the next file can be made. Throws as `find`. */
  assertRoomFor(writer: SegmentWriter, bytes: number): void {
    if (bytes <= writer.room) return
    const state = this.#settled(writer)
    if (state.state !== 'ready') throw this.#refusal(state)
  }

  /** The size of the file in which room was found. */
  get nextBytes(): number {
    assert.ok(this.#ordered !== undefined, 'asked only after room was found in it')
    return this.#ordered.sizeBytes
  }

  /** The ready file, from now on in use. */
  take(): PreparedFile {
    const file = this.#ordered
    assert.ok(file !== undefined, 'a file is taken only after room was found in it')
    this.#spares.taken()
    this.#ordered = undefined
    return file
  }

  /** Waits for what is being made; returns its path if it is there. */
  giveBack(): string | undefined {
    const ready = this.#ordered !== undefined && this.#spares.settle().state === 'ready'
    const path = ready ? this.#ordered?.path : undefined
    this.#spares.taken()
    this.#ordered = undefined
    return path
  }

  /** Once a further file could not be made, all that is left of this one is the reserve. */
  #sparesReserve(writer: SegmentWriter, { frameBytes }: SpaceRequest): boolean {
    const isAlone = this.#spares.poll().state === 'failed'
    return !isAlone && writer.room - frameBytes >= reserveBytes(this.#options.segmentBytes)
  }

  #orderAhead(writer: SegmentWriter): void {
    const used = writer.position
    if (used >= writer.segment.sizeBytes / 4 && this.#spares.poll().state === 'none') this.#order(writer)
  }

  #settled(writer: SegmentWriter): SpareState {
    const state = this.#spares.settle().state
    if (state === 'none' || state === 'failed') this.#order(writer)
    return this.#spares.settle()
  }

  #order(writer: SegmentWriter): void {
    const { directory, epoch, segmentBytes } = this.#options
    const name = segmentName(writer.segment.id + 1, epoch)
    this.#ordered = { name, path: pathIn(directory, name), sizeBytes: segmentBytes }
    this.#spares.order({ directory, path: this.#ordered.path, sizeBytes: segmentBytes })
  }

  #refusal(state: SpareState): DiskFullError | BrokenError {
    const cause = state.state === 'failed' ? state.error : undefined
    const options = { cause, outcome: 'not-written' } as const
    const why = faultCode(cause) ?? 'for no reason that the disk gave'
    if (!isFull(cause)) return new BrokenError(`The next segment could not be made (${why}).`, options)
    return new DiskFullError(
      'No space is left for the next segment. Free some; sending goes on by itself.',
      options,
    )
  }
}
