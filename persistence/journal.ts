/**
 * The journal: atomic batches of messages and events, made durable one frame at a time. All calls are synchronous.
 *
 * Owns: what each call means. Leaves to `appender.ts` durability and failures, to `recovery.ts` opening, to
 * `mailbox-reader.ts` reading and to `trim.ts` what may go.
 *
 * J6. What is read was durable before (S3); a batch is in the index only after it was confirmed.
 * J7. Segments go only after a frame that allows their absence is durable, oldest first.
 * J8. A checkpoint counts only once its last part is durable; until then the one before it does.
 */

import assert from 'node:assert/strict'

import { Appender } from './appender.ts'
import type { BeginOptions } from './begin.ts'
import type { Claim } from './claim.ts'
import type { Disk } from './disk.ts'
import { openingError } from './disk-faults.ts'
import { assertFits, draftOf, runsOf } from './draft.ts'
import { ClosedError } from './errors.ts'
import { shapeOf } from './frame.ts'
import type { FrameDraft } from './frame.ts'
import { flagFirstPart, flagLastPart } from './ledger.ts'
import { batchBytesMax, frameBytesMax, partBytes, segmentBytesMax, segmentBytesMin } from './limits.ts'
import type { IndexedRun } from './mailbox-index.ts'
import { MailboxReader } from './mailbox-reader.ts'
import { recover } from './recovery.ts'
import type { OpenedLog } from './recovery.ts'
import { plainDraft } from './segment-writer.ts'
import { Space } from './space.ts'
import { InlineSpares } from './spare-segments.ts'
import type { SpareSegments } from './spare-segments.ts'
import type { Batch, Committed, Recovered, Run, StoreLimits } from './store.ts'
import { planTrim, trimDrafts } from './trim.ts'

export interface JournalOptions extends BeginOptions {
  /** Who makes files of zeros ahead of need. Default: the journal itself, when it needs them. */
  readonly spare?: SpareSegments
}

/** Which directory, and as whose. */
export interface JournalPlace {
  readonly disk: Disk
  readonly directory: string
  readonly claim: Claim
}

/**
 * @example
 * peek(disk, directory)
 * prepareDirectory(disk, directory)
 * const owned = claim(disk, { directory, identity }, newestOwner(disk, directory))
 * const journal = Journal.open({ disk, directory, claim: owned }, { segmentBytes: 8 * 1024 * 1024, random, nowMs })
 */
export class Journal {
  readonly recovered: Recovered
  readonly limits: StoreLimits
  readonly #place: JournalPlace
  readonly #segmentBytes: number
  readonly #log: OpenedLog
  readonly #reader: MailboxReader
  readonly #space: Space
  readonly #appender: Appender
  #closed = false

  private constructor(place: JournalPlace, options: JournalOptions, log: OpenedLog) {
    const { disk, directory, claim } = place
    const { segmentBytes, spare } = options
    this.#place = place
    this.#segmentBytes = segmentBytes
    this.#log = log
    this.#reader = new MailboxReader(log.index, log.segments)
    this.#space = new Space(spare ?? new InlineSpares(disk), { directory, epoch: claim.epoch, segmentBytes })
    const { journalId, segments } = log
    const onSegment = segments.add.bind(segments)
    this.#appender = new Appender({ disk, claim, space: this.#space, journalId, options, onSegment }, log)
    this.recovered = log.recovered
    this.limits = { batchBytesMax: batchBytesMax(segmentBytes) }
    log.ledger.lean()
  }

  /**
   * Recovers the directory for the owner of `claim`. Call `peek`, `prepareDirectory` and `claim` before.
   * Throws `CorruptError`, `NewerFormatError`, `DirectoryError`, `DiskFullError`, `BrokenError` or `FencedError`; when it
   * refuses, no segment was changed and the claim was given up.
   */
  static open(place: JournalPlace, options: JournalOptions): Journal {
    const { disk, directory, claim } = place
    const { segmentBytes } = options
    assert.ok(segmentBytes >= segmentBytesMin && segmentBytes <= segmentBytesMax, 'segmentBytes is in range')
    try {
      const log = recover({ disk, directory, epoch: claim.epoch }, claim, options)
      return new Journal(place, options, log)
    } catch (error) {
      claim.giveUp()
      throw openingError(error, directory)
    }
  }

  /** See `Store.commit`. Throws `DiskFullError`, `TooLargeError`, `BrokenError`, `FencedError` or `ClosedError`. */
  commit(batch: Batch): Committed {
    this.#appender.assertOpen()
    return this.commitDraft(draftOf(batch, this.limits.batchBytesMax))
  }

  /** As `commit`, for a payload that is laid out already; its buffer is written to (head and padding). */
  commitDraft(draft: FrameDraft): Committed {
    this.#appender.assertOpen()
    const { payloadBytes, eventCount, eventBytes } = draft
    const runs = runsOf(draft)
    assertFits(payloadBytes, this.limits.batchBytesMax)
    assertFits(shapeOf(runs.length, payloadBytes).frameBytes, frameBytesMax(this.#segmentBytes))
    this.#assertNext(runs)
    const place = this.#appender.append(draft, { kind: 'data', flags: 0, mayUseReserve: runs.length === 0 })
    for (const run of runs) this.#log.index.add(run, place)
    this.#log.ledger.add({ kind: 'data', flags: 0, eventCount, eventBytes }, place)
    return this.#committed()
  }

  /** See `Store.read`. Throws `CorruptError` or `ClosedError`. */
  read(mailbox: number, offset: number, bytesMax: number): Run[] {
    this.#assertNotClosed()
    return this.#reader.read(mailbox, offset, bytesMax)
  }

  /** See `Store.offsetAt`. */
  offsetAt(mailbox: number, timestampMs: number): number {
    this.#assertNotClosed()
    return this.#reader.offsetAt(mailbox, timestampMs)
  }

  /** See `Store.checkpoint`. Several frames when the state is large. */
  checkpoint(state: Uint8Array): Committed {
    const bytesMax = Math.min(partBytes(this.#segmentBytes), this.limits.batchBytesMax)
    const count = Math.max(1, Math.ceil(state.length / bytesMax))
    const lastBytes = state.length - (count - 1) * bytesMax
    const neededBytes = (count - 1) * shapeOf(0, bytesMax).frameBytes + shapeOf(0, lastBytes).frameBytes
    this.#appender.assertRoomFor(neededBytes)
    for (let part = 0; part < count; part += 1) {
      const flags = (part === 0 ? flagFirstPart : 0) | (part === count - 1 ? flagLastPart : 0)
      const draft = plainDraft(state.subarray(part * bytesMax, (part + 1) * bytesMax))
      const place = this.#appender.append(draft, { kind: 'checkpoint', flags, mayUseReserve: true })
      this.#log.ledger.add({ kind: 'checkpoint', flags, eventCount: 0, eventBytes: 0 }, place)
    }
    return this.#committed()
  }

  /** See `Store.trim`. */
  trim(firsts: ReadonlyMap<number, number>): Committed {
    this.#appender.assertOpen()
    const { index, ledger } = this.#log
    const oldest = planTrim({ index, ledger, activeId: this.#appender.activeId }, firsts)
    if (oldest > this.#appender.oldestSegment) this.#trimBefore(oldest)
    return this.#committed()
  }

  /** Marks that all frames so far are durable, so that none of them can pass for a torn one. Does nothing when idle. */
  idle(): void {
    this.#appender.idle()
  }

  /** See `Store.release`. A journal that is broken or was replaced only closes its files. */
  release(): void {
    if (this.#closed) return
    this.#closed = true
    try {
      if (this.#appender.status === 'open') this.#end()
    } finally {
      this.#appender.close()
      this.#log.segments.close()
    }
  }

  #end(): void {
    const { disk, claim } = this.#place
    const floor = this.#appender.seal()
    const spare = this.#space.giveBack()
    this.#appender.guard(() => {
      if (spare !== undefined) disk.remove(spare)
      claim.close(floor)
    })
  }

  #trimBefore(oldest: number): void {
    const { index, segments } = this.#log
    const drafts = trimDrafts(index.stragglers(oldest), frameBytesMax(this.#segmentBytes))
    for (const [i, draft] of drafts.entries()) {
      const label = { kind: 'trim', flags: 0, mayUseReserve: true } as const
      this.#appender.append(draft, i === drafts.length - 1 ? { ...label, oldestSegment: oldest } : label)
    }
    index.forget(oldest)
    this.#appender.guard(() => {
      for (const { path } of segments.dropBefore(oldest)) this.#place.disk.remove(path)
      this.#place.disk.syncDirectory(this.#place.directory)
    })
  }

  #assertNext(runs: readonly IndexedRun[]): void {
    const nexts = new Map<number, number>()
    for (const { mailbox, firstOffset, count } of runs) {
      const next = nexts.get(mailbox) ?? this.#log.index.next(mailbox)
      assert.equal(firstOffset, next, `the next offset of mailbox ${mailbox}`)
      nexts.set(mailbox, next + count)
    }
  }

  #assertNotClosed(): void {
    if (this.#closed) throw new ClosedError('The journal was closed.')
  }

  #committed(): Committed {
    return {
      eventBytesSinceCheckpoint: this.#log.ledger.eventBytes,
      journalBytes: this.#log.segments.sizeBytes + this.#space.spareBytes,
    }
  }
}
