/**
 * Many pieces of bytes as one, for the way between threads: one buffer is handed over, not copied piece by piece.
 *
 * Owns: packing and unpacking of runs and of what an opening recovered. Leaves their meaning to `store.ts`.
 *
 * WB1. What is unpacked equals what was packed, pieces of no bytes and no pieces included.
 * WB2. The packed buffer is fresh, so handing it over takes nothing from anybody.
 */
import assert from 'node:assert/strict'
import type { MailboxRange, Recovered, RecoveryReport, Run } from './store.ts'

/** Pieces one after another, and where each ends. */
export interface PackedBytes {
  readonly bytes: ArrayBuffer
  readonly ends: Float64Array
}

export function packBytes(pieces: readonly Uint8Array[]): PackedBytes {
  const ends = new Float64Array(pieces.length)
  let end = 0
  for (let i = 0; i < pieces.length; i += 1) {
    end += pieces[i]?.byteLength ?? 0
    ends[i] = end
  }
  const bytes = new Uint8Array(end)
  for (let i = 0; i < pieces.length; i += 1) bytes.set(pieces[i] ?? [], i === 0 ? 0 : ends[i - 1])
  return { bytes: bytes.buffer, ends }
}

export function unpackBytes(packed: PackedBytes): Uint8Array[] {
  const pieces: Uint8Array[] = []
  let start = 0
  for (const end of packed.ends) {
    pieces.push(new Uint8Array(packed.bytes, start, end - start))
    start = end
  }
  return pieces
}

/** Numbers for each run: mailbox, first offset, count, timestamp. */
const RUN_FIELDS = 4

export interface PackedRuns {
  readonly packed: PackedBytes
  readonly fields: Float64Array
}

export function packRuns(runs: readonly Run[]): PackedRuns {
  const fields = new Float64Array(runs.length * RUN_FIELDS)
  runs.forEach((run, i) => {
    fields.set([run.mailbox, run.firstOffset, run.count, run.timestampMs], i * RUN_FIELDS)
  })
  return { packed: packBytes(runs.map((run) => run.bytes)), fields }
}

export function unpackRuns({ packed, fields }: PackedRuns): Run[] {
  return unpackBytes(packed).map((bytes, i) => {
    const [mailbox, firstOffset, count, timestampMs] = fields.subarray(i * RUN_FIELDS, (i + 1) * RUN_FIELDS)
    assert(mailbox !== undefined && firstOffset !== undefined)
    assert(count !== undefined && timestampMs !== undefined)
    return { mailbox, firstOffset, count, timestampMs, bytes }
  })
}

export interface PackedRecovered {
  readonly report: RecoveryReport
  /** The checkpoint if there is one, then the events. */
  readonly packed: PackedBytes
  readonly hasCheckpoint: boolean
  readonly mailboxes: ReadonlyMap<number, MailboxRange>
}

export function packRecovered({ report, checkpoint, events, mailboxes }: Recovered): PackedRecovered {
  const hasCheckpoint = checkpoint !== undefined
  const packed = packBytes(hasCheckpoint ? [checkpoint, ...events] : events)
  return { report, packed, hasCheckpoint, mailboxes }
}

export function unpackRecovered({ report, packed, hasCheckpoint, mailboxes }: PackedRecovered): Recovered {
  const pieces = unpackBytes(packed)
  const checkpoint = hasCheckpoint ? pieces[0] : undefined
  return { report, checkpoint, events: hasCheckpoint ? pieces.slice(1) : pieces, mailboxes }
}
