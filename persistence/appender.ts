/**
 * Appending frames: write, sync, fence; and what becomes of the journal when one of them fails.
 *
 * Owns: the status of the journal, the active segment, and the rotation into the next one.
 * Leaves to `space.ts` whether there is room and to `journal.ts` what the frames say.
 *
 * J1. A frame counts only after it was synced and the claim was looked up after that (S1, G1, G10).
 * J2. After a failed sync, or a failed write that left bytes, nothing is written ever again: no second try.
 * J3. A refusal for want of space leaves no byte that recovery could accept, and the same offsets may come again (S4).
 * J4. A segment is left (SEAL, synced) only when the next file is there; that file's header is synced before its frames.
 * J5. A replaced owner writes nothing more once it has seen that it was replaced; and where a call fails because its
 *     successor removed a file, being replaced is what it is told.
 */

import { saltFrom } from './begin.ts'
import type { BeginOptions } from './begin.ts'
import { u64 } from './bytes.ts'
import type { Claim } from './claim.ts'
import type { Floor } from './closed-record.ts'
import type { Disk } from './disk.ts'
import { faultCode, isFull } from './disk-faults.ts'
import { BrokenError, ClosedError, DiskFullError, FencedError } from './errors.ts'
import type { Outcome } from './errors.ts'
import { runFields, shapeOf } from './frame.ts'
import type { FrameDraft, FrameKind } from './frame.ts'
import type { FramePlace } from './ledger.ts'
import { frameBytesMax } from './limits.ts'
import { plainDraft, SegmentWriter } from './segment-writer.ts'
import type { FrameLabel } from './segment-writer.ts'
import type { StoredSegment } from './segment-set.ts'
import type { Space } from './space.ts'

export type AppenderStatus = 'open' | 'broken' | 'fenced' | 'released'

/** What a frame is for. */
export interface AppendLabel {
  readonly kind: FrameKind
  readonly flags: number
  readonly mayUseReserve: boolean
  /** Segments below this id may be absent once the frame is durable. Default: as before. */
  readonly oldestSegment?: number
}

/** What an appender works on. */
export interface AppenderParts {
  readonly disk: Disk
  readonly claim: Claim
  readonly space: Space
  readonly journalId: Uint8Array
  readonly options: BeginOptions
  /** Told of each segment that is begun. */
  readonly onSegment: (segment: StoredSegment) => void
}

export class Appender {
  #oldestSegment: number
  readonly #parts: AppenderParts
  #writer: SegmentWriter
  #status: AppenderStatus = 'open'
  #failure: unknown
  /** Whether a frame was written that no later one yet proves durable. */
  #unmarked = false

  constructor(parts: AppenderParts, start: { writer: SegmentWriter; oldestSegment: number }) {
    this.#parts = parts
    this.#writer = start.writer
    this.#oldestSegment = start.oldestSegment
  }

  /** The low watermark: segments below it may be absent. */
  get oldestSegment(): number {
    return this.#oldestSegment
  }

  get activeId(): number {
    return this.#writer.segment.id
  }

  get status(): AppenderStatus {
    return this.#status
  }

  /** Throws the typed error of a journal that takes nothing more. */
  assertOpen(): void {
    const options = { cause: this.#failure, outcome: 'not-written' } as const
    if (this.#status === 'broken')
      throw new BrokenError('The journal is broken; open the directory again.', options)
    if (this.#status === 'fenced')
      throw new FencedError('Another owner has taken over the directory.', options)
    if (this.#status === 'released') throw new ClosedError('The journal was closed.', options)
  }

  /** Makes one frame durable. Throws `DiskFullError`, `BrokenError` or `FencedError`. */
  append(draft: FrameDraft, label: AppendLabel): FramePlace {
    this.assertOpen()
    const { frameBytes } = shapeOf(draft.runs.length / runFields, draft.payloadBytes)
    const request = { frameBytes, mayUseReserve: label.mayUseReserve }
    if (this.#findRoom(request) === 'next') this.#rotate()
    const place = { segmentId: this.activeId, position: this.#writer.position }
    this.#write(draft, label, frameBytes)
    this.#guarded(() => this.#writer.sync())
    this.#fence('unknown')
    this.#oldestSegment = label.oldestSegment ?? this.#oldestSegment
    this.#unmarked = true
    return place
  }

  /** Refuses early what needs more room than there is. */
  assertRoomFor(bytes: number): void {
    this.assertOpen()
    this.#breaking(() => this.#parts.space.assertRoomFor(this.#writer, bytes))
  }

  /** A frame that says only: all before it is durable. Nothing when that was said already, or there is no room. */
  idle(): void {
    this.assertOpen()
    const draft = plainDraft(new Uint8Array(0))
    if (!this.#unmarked || shapeOf(0, 0).frameBytes > this.#writer.room) return
    this.append(draft, { kind: 'idle', flags: 0, mayUseReserve: true })
    this.#unmarked = false
  }

  /** Runs system calls that must not fail; a failure breaks the journal. */
  guard(work: () => void): void {
    this.assertOpen()
    this.#guarded(work)
  }

  /** Seals the last segment for good and returns where it ends. */
  seal(): Floor {
    this.assertOpen()
    this.#guarded(() => {
      this.#writer.write(plainDraft(new Uint8Array(0)), this.#label({ kind: 'seal', flags: 0 }))
      this.#writer.sync()
    })
    this.#fence('unknown')
    this.#guarded(() => this.#writer.truncate())
    const { byteLength, chain } = this.#writer.asPredecessor
    return { segmentId: this.activeId, epoch: this.#parts.claim.epoch, byteLength, chain }
  }

  /** Closes the file. Nothing can be appended afterwards. */
  close(): void {
    if (this.#status === 'open') this.#status = 'released'
    this.#writer.close()
  }

  #findRoom(request: { frameBytes: number; mayUseReserve: boolean }): 'here' | 'next' {
    return this.#breaking(() => this.#parts.space.find(this.#writer, request))
  }

  /** A file that could not be made for another reason than space leaves the disk in doubt. */
  #breaking<Result>(work: () => Result): Result {
    try {
      return work()
    } catch (error) {
      if (error instanceof BrokenError) this.#fail(error)
      throw error
    }
  }

  #write(draft: FrameDraft, label: AppendLabel, frameBytes: number): void {
    try {
      this.#writer.write(draft, this.#label(label))
    } catch (error) {
      if (!isFull(error)) throw this.#broken(error)
      this.#guarded(() => this.#writer.erase(frameBytes))
      throw new DiskFullError('No space is left. Free some; sending goes on by itself.', {
        cause: error,
        outcome: 'not-written',
      })
    }
  }

  /** Seals the active segment and goes on in the file that is ready. Until its frames are written nothing is in doubt. */
  #rotate(): void {
    const { disk, space, onSegment } = this.#parts
    this.#guarded(() => {
      this.#writer.write(plainDraft(u64(space.nextBytes)), this.#label({ kind: 'seal', flags: 0 }))
      this.#writer.sync()
    })
    this.#fence('not-written')
    this.#guarded(() => {
      const sealed = this.#writer
      const file = space.take()
      this.#writer = SegmentWriter.begin(disk, file, this.#nextHeader(file.sizeBytes))
      sealed.close()
      onSegment(this.#writer.segment)
    })
    this.#fence('not-written')
  }

  #nextHeader(sizeBytes: number): Parameters<typeof SegmentWriter.begin>[2] {
    const { claim, journalId, options } = this.#parts
    return {
      journalId,
      segmentId: this.activeId + 1,
      ownerEpoch: claim.epoch,
      salt: saltFrom(options.random),
      firstSeq: this.#writer.nextSeq,
      predecessor: this.#writer.asPredecessor,
      segmentBytes: sizeBytes,
      frameBytesMax: frameBytesMax(sizeBytes),
      begun: 'rotation',
      sourceEpoch: 0,
      oldestSegment: this.#oldestSegment,
      createdMs: options.nowMs(),
    }
  }

  #label(label: Omit<AppendLabel, 'mayUseReserve'>): FrameLabel {
    const { kind, flags, oldestSegment = this.#oldestSegment } = label
    return { kind, flags, oldestSegment, wallMs: this.#parts.options.nowMs() }
  }

  #fence(outcome: Outcome): void {
    let holds = false
    this.#guarded(() => (holds = this.#parts.claim.holds()))
    if (holds) return
    this.#status = 'fenced'
    throw new FencedError('Another owner has taken over the directory; nothing more can be confirmed here.', {
      outcome,
    })
  }

  #guarded(work: () => void): void {
    try {
      work()
    } catch (error) {
      throw this.#broken(error)
    }
  }

  #broken(error: unknown): unknown {
    this.#fail(error)
    const code = faultCode(error)
    if (code === undefined) return error
    if (this.#isReplaced()) return this.#fenced(error)
    const message = `The disk failed (${code}): whether the last write is kept is not known. Open the directory again.`
    return new BrokenError(message, { cause: error, outcome: 'unknown' })
  }

  #isReplaced(): boolean {
    try {
      return !this.#parts.claim.holds()
    } catch {
      // A disk that does not even say who owns the directory is broken.
      return false
    }
  }

  #fenced(cause: unknown): FencedError {
    this.#status = 'fenced'
    const message = 'Another owner has taken over the directory, and its files.'
    return new FencedError(message, { cause, outcome: 'unknown' })
  }

  #fail(error: unknown): void {
    this.#status = 'broken'
    this.#failure = error
  }
}
