/**
 * The segment that is being written: a file of zeros that fills with frames.
 *
 * Owns: the position, sequence and chain of the next frame, and the open file.
 * Leaves to `appender.ts` what a failure means, to `space.ts` whether there is room, and to `begin.ts` making the file.
 *
 * SW1. The header is synced before the first frame is written.
 * SW2. Position, sequence and chain move only after a write returned; `segment.end` only after a sync returned.
 */

import assert from 'node:assert/strict'

import type { Disk, FileHandle } from './disk.ts'
import { encodeFrame, headBytes, stampFrame } from './frame.ts'
import type { FrameDraft, FrameKind, FrameStamp } from './frame.ts'
import { closingBytes, headerBytes } from './limits.ts'
import { decodeHeader, encodeHeader } from './segment-header.ts'
import type { Predecessor, SegmentHeader } from './segment-header.ts'
import type { StoredSegment } from './segment-set.ts'

/** The part of a stamp that the caller decides. */
export interface FrameLabel {
  readonly kind: FrameKind
  readonly flags: number
  readonly oldestSegment: number
  readonly wallMs: number
}

/** A file of zeros that is to become a segment. */
export interface PreparedFile {
  readonly name: string
  readonly path: string
  readonly sizeBytes: number
}

const copyBytes = 1024 * 1024

export class SegmentWriter {
  readonly segment: StoredSegment
  /** Where a walk over this file begins. */
  readonly start: { readonly position: number; readonly seq: number; readonly chain: number }
  readonly #disk: Disk
  readonly #file: FileHandle
  readonly #header: SegmentHeader
  #position: number
  #seq: number
  #chain: number

  private constructor(
    disk: Disk,
    file: FileHandle,
    start: { segment: StoredSegment; header: SegmentHeader; chain: number },
  ) {
    this.#disk = disk
    this.#file = file
    this.segment = start.segment
    this.#header = start.header
    this.#position = headerBytes
    this.#seq = start.header.firstSeq
    this.#chain = start.chain
    this.start = { position: headerBytes, seq: this.#seq, chain: this.#chain }
  }

  /** Writes and syncs the header of a file of zeros. */
  static begin(disk: Disk, prepared: PreparedFile, header: SegmentHeader): SegmentWriter {
    const file = disk.open(prepared.path, 'write')
    try {
      const block = encodeHeader(header)
      const look = decodeHeader(block)
      assert.ok(look.state === 'whole', 'a header reads back')
      disk.write(file, block, 0)
      disk.sync(file)
      const { segmentId: id, ownerEpoch: epoch, salt } = header
      const segment = { id, epoch, salt, ...prepared, frameBytesMax: header.frameBytesMax, end: headerBytes }
      return new SegmentWriter(disk, file, { segment, header, chain: look.chain })
    } catch (error) {
      disk.close(file)
      throw error
    }
  }

  /** Bytes that frames may still take: the room to open and to seal is not among them. */
  get room(): number {
    return this.segment.sizeBytes - closingBytes - this.#position
  }

  get position(): number {
    return this.#position
  }

  get frameBytesMax(): number {
    return this.#header.frameBytesMax
  }

  /** What the header of the next segment says of this one, once it is sealed. */
  get asPredecessor(): Predecessor {
    return {
      segmentId: this.segment.id,
      byteLength: this.#position,
      lastSeq: this.#seq - 1,
      chain: this.#chain,
    }
  }

  get nextSeq(): number {
    return this.#seq
  }

  /** Writes a frame behind the last one; returns how many bytes it took. Not durable before `sync`. */
  write(draft: FrameDraft, label: FrameLabel): number {
    const { frame, chain } = encodeFrame(draft, this.#stamp(label))
    assert.ok(this.#position + frame.length <= this.segment.sizeBytes, 'a frame stays inside its segment')
    this.#disk.write(this.#file, frame, this.#position)
    this.#advance(frame.length, chain)
    return frame.length
  }

  /** Makes all frames written so far durable. After a throw this writer must not be used again. */
  sync(): void {
    this.#disk.sync(this.#file)
    this.segment.end = this.#position
  }

  /** Writes frames of another file again under this file's salt and chain. `frames` may be overwritten. */
  copy(frames: Iterable<{ bytes: Uint8Array; label: FrameLabel }>): number {
    const gathered = Buffer.alloc(Math.max(copyBytes, this.#header.frameBytesMax))
    let [held, count] = [0, 0]
    const flush = (): void => {
      this.#disk.write(this.#file, gathered.subarray(0, held), this.#position - held)
      held = 0
    }
    for (const { bytes, label } of frames) {
      if (held + bytes.length > gathered.length) flush()
      gathered.set(bytes, held)
      const chain = stampFrame(gathered.subarray(held, held + bytes.length), this.#stamp(label))
      held += bytes.length
      count += 1
      this.#advance(bytes.length, chain)
    }
    if (held > 0) flush()
    return count
  }

  /** Makes the place of a frame that could not be written zero again. Throws when that cannot be made durable. */
  erase(frameBytes: number): void {
    const length = Math.min(frameBytes, this.segment.sizeBytes - this.#position)
    this.#disk.write(this.#file, new Uint8Array(length), this.#position)
    this.#disk.sync(this.#file)
  }

  /** Cuts the zeros behind the last frame. */
  truncate(): void {
    this.#disk.truncate(this.#file, this.#position)
    this.#disk.sync(this.#file)
  }

  close(): void {
    this.#disk.close(this.#file)
  }

  #stamp(label: FrameLabel): FrameStamp {
    return { ...label, salt: this.#header.salt, seq: this.#seq, previousChain: this.#chain }
  }

  #advance(bytes: number, chain: number): void {
    this.#position += bytes
    this.#seq += 1
    this.#chain = chain
  }
}

/** A draft with this payload and no runs: for frames that are not batches. */
export function plainDraft(payload: Uint8Array): FrameDraft {
  const payloadStart = headBytes(0, payload.length)
  const buffer = new Uint8Array(payloadStart + payload.length + 8)
  buffer.set(payload, payloadStart)
  const counts = { eventCount: 0, eventBytes: 0, runs: new Float64Array(0) }
  return { buffer, payloadStart, payloadBytes: payload.length, ...counts }
}
