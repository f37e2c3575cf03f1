/**
 * Where the runs of each mailbox lie: a sparse index in memory, rebuilt at each open.
 *
 * Owns: the range of each mailbox, its index entries, and which segments a mailbox still reaches into.
 * Leaves to `mailbox-reader.ts` reading the frames that an entry points at.
 *
 * X1. The first run of a mailbox in a segment has an entry, and then one for each stride of journal: never one per message.
 * X2. Offsets of a mailbox are contiguous; a run that is not the next one is refused by `assertNext`.
 * X3. A mailbox whose last message was freed keeps its next offset.
 */

import assert from 'node:assert/strict'

import { indexStrideBytes } from './limits.ts'
import type { MailboxRange } from './store.ts'

/** Mailboxes that may each have an entry per stride; beyond it the stride grows with their number. */
const denseMailboxes = 16

/** A frame that holds a run of the mailbox. */
export interface IndexEntry {
  readonly firstOffset: number
  /** The latest timestamp of all runs before this one, so that time can be searched although clocks jump. */
  readonly latestBeforeMs: number
  readonly segmentId: number
  readonly position: number
}

/** Where a run was put. */
export interface RunPlace {
  readonly segmentId: number
  /** Of the frame. */
  readonly position: number
}

/** The part of a run that the index is about. */
export interface IndexedRun {
  readonly mailbox: number
  readonly firstOffset: number
  readonly count: number
  readonly timestampMs: number
}

interface Mailbox {
  first: number
  next: number
  latestMs: number
  lastSegment: number
  entries: IndexEntry[]
  /** For each segment that holds runs, oldest first: the offset after the last of them. */
  reaches: { segmentId: number; next: number }[]
}

export class MailboxIndex {
  readonly #mailboxes = new Map<number, Mailbox>()

  /** The offset that the next message of the mailbox gets. */
  next(mailbox: number): number {
    return this.#mailboxes.get(mailbox)?.next ?? 0
  }

  ranges(): Map<number, MailboxRange> {
    const ranges = new Map<number, MailboxRange>()
    for (const [id, { first, next }] of this.#mailboxes) ranges.set(id, { first, next })
    return ranges
  }

  /** Takes in a run that is durable. Its first offset is the next one, or anything for a mailbox not seen yet. */
  add(run: IndexedRun, place: RunPlace): void {
    const mailbox = this.#mailboxes.get(run.mailbox) ?? this.#begin(run)
    assert.equal(run.firstOffset, mailbox.next, 'X2: the runs of a mailbox are contiguous')
    const reach = mailbox.reaches.at(-1)
    if (reach?.segmentId !== place.segmentId) {
      mailbox.reaches.push({ segmentId: place.segmentId, next: run.firstOffset + run.count })
      this.#enter(mailbox, run, place)
    } else {
      reach.next = run.firstOffset + run.count
      if (place.position - (mailbox.entries.at(-1)?.position ?? 0) >= this.#stride())
        this.#enter(mailbox, run, place)
    }
    mailbox.next = run.firstOffset + run.count
    mailbox.latestMs = Math.max(mailbox.latestMs, run.timestampMs)
    mailbox.lastSegment = place.segmentId
  }

  /** Takes in what a TRIM frame says of a mailbox that has nothing left in the kept segments. */
  place(mailbox: number, next: number): void {
    const known = this.#mailboxes.get(mailbox)
    if (known !== undefined) return
    this.#begin({ mailbox, firstOffset: next })
  }

  /** The last entry at or before `offset`; -1 when the offset lies before all of them. */
  entryAt(mailbox: number, offset: number): number {
    return lastIndex(this.entries(mailbox), (entry) => entry.firstOffset <= offset)
  }

  /** The last entry before which all runs are older than `timestampMs`; -1 when there is none. */
  entryBefore(mailbox: number, timestampMs: number): number {
    return lastIndex(this.entries(mailbox), (entry) => entry.latestBeforeMs < timestampMs)
  }

  entries(mailbox: number): readonly IndexEntry[] {
    return this.#mailboxes.get(mailbox)?.entries ?? []
  }

  /** The oldest segment in which some mailbox still has a message at or above its `first`; undefined when none has. */
  oldestNeeded(firsts: ReadonlyMap<number, number>): number | undefined {
    let oldest: number | undefined
    for (const [id, mailbox] of this.#mailboxes) {
      const first = firsts.get(id) ?? mailbox.first
      const needed = mailbox.reaches.find((reach) => reach.next > first)
      if (needed !== undefined) oldest = Math.min(oldest ?? needed.segmentId, needed.segmentId)
    }
    return oldest
  }

  /** Mailboxes with no run in `oldestKept` or later: their next offsets would be forgotten with the segments. */
  stragglers(oldestKept: number): { mailbox: number; next: number }[] {
    const found: { mailbox: number; next: number }[] = []
    for (const [mailbox, { lastSegment, next }] of this.#mailboxes) {
      if (lastSegment < oldestKept) found.push({ mailbox, next })
    }
    return found
  }

  /** Forgets all that lies in segments before `oldestKept`. */
  forget(oldestKept: number): void {
    for (const mailbox of this.#mailboxes.values()) {
      mailbox.entries = mailbox.entries.filter((entry) => entry.segmentId >= oldestKept)
      mailbox.reaches = mailbox.reaches.filter((reach) => reach.segmentId >= oldestKept)
      mailbox.first = mailbox.entries[0]?.firstOffset ?? mailbox.next
    }
  }

  #begin(run: { mailbox: number; firstOffset: number }): Mailbox {
    const { firstOffset } = run
    const mailbox: Mailbox = {
      first: firstOffset,
      next: firstOffset,
      latestMs: Number.NEGATIVE_INFINITY,
      lastSegment: 0,
      entries: [],
      reaches: [],
    }
    this.#mailboxes.set(run.mailbox, mailbox)
    return mailbox
  }

  #enter(mailbox: Mailbox, run: IndexedRun, place: RunPlace): void {
    const { segmentId, position } = place
    mailbox.entries.push({
      firstOffset: run.firstOffset,
      latestBeforeMs: mailbox.latestMs,
      segmentId,
      position,
    })
  }

  #stride(): number {
    return indexStrideBytes * Math.max(1, this.#mailboxes.size / denseMailboxes)
  }
}

/** The last index for which `holds` is true, when it is true up to some point and false from there on. */
function lastIndex(entries: readonly IndexEntry[], holds: (entry: IndexEntry) => boolean): number {
  let [low, high] = [0, entries.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    const entry = entries[middle]
    if (entry !== undefined && holds(entry)) low = middle + 1
    else high = middle
  }
  return low - 1
}
