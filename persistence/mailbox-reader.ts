/**
 * Reading the messages of one mailbox out of the frames of all.
 *
 * Owns: the walk from an index entry to the runs that are wanted, and where each mailbox was read to last.
 * Leaves to `mailbox-index.ts` the entries and to `segment-reader.ts` the frames.
 *
 * B1. Bytes are given only after their sums were compared; damage is thrown with the offsets that it holds.
 * B2. The runs given are contiguous, and the first of them holds the offset asked for (or the first that is kept).
 * B3. Reading on from where the last read ended does not search.
 */

import { corrupt } from './damage.ts'
import { faultCode } from './disk-faults.ts'
import type { CorruptError } from './errors.ts'
import type { RunEntry } from './frame.ts'
import type { IndexEntry, MailboxIndex } from './mailbox-index.ts'
import { directoryOf, lookAt, payloadOf } from './segment-reader.ts'
import type { ByteRange, Frame } from './segment-reader.ts'
import type { SegmentSet, StoredSegment } from './segment-set.ts'
import type { Run } from './store.ts'

/** A run and the frame that holds it. */
interface FoundRun {
  readonly run: RunEntry
  readonly frame: Frame
  readonly segment: StoredSegment
}

/** Frames of one segment that may hold runs of the mailbox. */
interface Stretch {
  readonly segment: StoredSegment
  readonly start: number
  readonly end: number
}

interface Cursor {
  readonly offset: number
  readonly segmentId: number
  readonly position: number
}

export class MailboxReader {
  readonly #index: MailboxIndex
  readonly #segments: SegmentSet
  readonly #cursors = new Map<number, Cursor>()

  constructor(index: MailboxIndex, segments: SegmentSet) {
    this.#index = index
    this.#segments = segments
  }

  /** See `Store.read`. */
  read(mailbox: number, offset: number, bytesMax: number): Run[] {
    const runs: Run[] = []
    let bytes = 0
    for (const found of this.#runsFrom(mailbox, offset)) {
      runs.push(this.#load(found))
      bytes += found.run.byteLength
      const { frame, segment, run } = found
      const next = run.firstOffset + run.count
      this.#cursors.set(mailbox, { offset: next, segmentId: segment.id, position: frame.position })
      if (bytes >= bytesMax) break
    }
    return runs
  }

  /** See `Store.offsetAt`. */
  offsetAt(mailbox: number, timestampMs: number): number {
    const entry = Math.max(0, this.#index.entryBefore(mailbox, timestampMs))
    const first = this.#index.entries(mailbox)[entry]?.firstOffset
    if (first === undefined) return this.#index.next(mailbox)
    for (const { run } of this.#runsIn(mailbox, this.#stretches(mailbox, entry, undefined), first)) {
      if (run.timestampMs >= timestampMs) return run.firstOffset
    }
    return this.#index.next(mailbox)
  }

  #runsFrom(mailbox: number, offset: number): Iterable<FoundRun> {
    if (offset >= this.#index.next(mailbox)) return []
    const entry = Math.max(0, this.#index.entryAt(mailbox, offset))
    const cursor = this.#cursors.get(mailbox)
    const from = cursor?.offset === offset ? cursor : undefined
    return this.#runsIn(mailbox, this.#stretches(mailbox, entry, from), offset)
  }

  /** The frames from entry number `first` on, each stretch up to the next entry or the end of its segment. */
  *#stretches(mailbox: number, first: number, cursor: Cursor | undefined): Generator<Stretch> {
    const entries = this.#index.entries(mailbox)
    for (let i = first; i < entries.length; i += 1) {
      const [entry, next] = [entries[i], entries[i + 1]]
      if (entry === undefined) return
      const segment = this.#segments.get(entry.segmentId)
      const end = next?.segmentId === entry.segmentId ? next.position : segment.end
      const start = i === first ? startOf(entry, cursor) : entry.position
      yield { segment, start, end }
    }
  }

  *#runsIn(mailbox: number, stretches: Iterable<Stretch>, offset: number): Generator<FoundRun> {
    let expected: number | undefined
    for (const stretch of stretches) {
      for (const found of this.#runsOf(stretch, { mailbox, first: expected ?? offset })) {
        const { run, frame } = found
        if (run.firstOffset + run.count <= offset) continue
        if (run.firstOffset !== (expected ?? run.firstOffset)) throw this.#hole(stretch, frame, mailbox)
        expected = run.firstOffset + run.count
        yield found
      }
    }
  }

  *#runsOf(stretch: Stretch, wanted: { mailbox: number; first: number }): Generator<FoundRun> {
    for (const { frame, runs } of this.#framesIn(stretch, wanted)) {
      for (const run of runs) {
        if (run.mailbox === wanted.mailbox && run.count > 0) yield { run, frame, segment: stretch.segment }
      }
    }
  }

  *#framesIn(
    stretch: Stretch,
    wanted: { mailbox: number; first: number },
  ): Generator<{ frame: Frame; runs: RunEntry[] }> {
    const { segment } = stretch
    for (let position = stretch.start; position < stretch.end;) {
      const found = this.#guarded(segment, { ...wanted, start: position, end: stretch.end }, () => {
        const reader = this.#segments.reader(segment.id)
        const look = lookAt(reader, segment, { position, limit: segment.end })
        const runs = look.state === 'whole' ? directoryOf(reader, look.frame) : undefined
        return look.state === 'whole' && runs !== undefined ? { frame: look.frame, runs } : undefined
      })
      if (found === undefined) throw this.#damaged(segment, { start: position, end: stretch.end }, wanted)
      yield found
      position = found.frame.end
    }
  }

  #load({ run, frame, segment }: FoundRun): Run {
    const part = { start: run.payloadAt, end: run.payloadAt + run.byteLength }
    const { mailbox, firstOffset, count, timestampMs } = run
    const wanted = { mailbox, first: firstOffset }
    const bytes = this.#guarded(segment, { ...wanted, start: frame.position, end: frame.end }, () =>
      payloadOf(this.#segments.reader(segment.id), frame, part),
    )
    if (bytes instanceof Uint8Array) return { mailbox, firstOffset, count, timestampMs, bytes }
    const offsets = [{ mailbox, first: firstOffset, last: firstOffset + count - 1 }]
    throw corrupt(segment.name, bytes, { reason: 'messages do not match their checksum', offsets })
  }

  #guarded<Result>(
    segment: StoredSegment,
    wanted: ByteRange & { mailbox: number; first: number },
    read: () => Result,
  ): Result {
    try {
      return read()
    } catch (error) {
      const code = faultCode(error)
      if (code === undefined) throw error
      throw this.#damaged(segment, wanted, { ...wanted, cause: error, code })
    }
  }

  #damaged(
    segment: StoredSegment,
    range: ByteRange,
    wanted: { mailbox: number; first: number; cause?: unknown; code?: string },
  ): CorruptError {
    const { mailbox, first, cause, code } = wanted
    const after = this.#index
      .entries(mailbox)
      .find(
        (entry) =>
          entry.segmentId > segment.id || (entry.segmentId === segment.id && entry.position >= range.end),
      )
    const last = (after?.firstOffset ?? this.#index.next(mailbox)) - 1
    const reason = code === undefined ? 'a frame does not match its checksum' : `it cannot be read (${code})`
    return corrupt(segment.name, range, {
      reason,
      offsets: [{ mailbox, first, last: Math.max(first, last) }],
      cause,
    })
  }

  #hole(stretch: Stretch, frame: Frame, mailbox: number): CorruptError {
    const range = { start: frame.position, end: frame.end }
    return corrupt(stretch.segment.name, range, {
      reason: `mailbox ${mailbox} does not continue where it ended`,
    })
  }
}

function startOf(entry: IndexEntry, cursor: Cursor | undefined): number {
  const isFurther = cursor?.segmentId === entry.segmentId && cursor.position > entry.position
  return isFurther ? cursor.position : entry.position
}
