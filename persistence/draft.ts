/**
 * Laying a batch out as the payload of one frame.
 *
 * Owns: the one copy of a batch's bytes, and the refusal of one that is too large.
 * Leaves to `frame.ts` the head in front of it. The journal's thread gets drafts that were laid out already.
 *
 * DR1. After this the caller's bytes are no longer looked at.
 */

import assert from 'node:assert/strict'

import { viewOf } from './bytes.ts'
import { TooLargeError } from './errors.ts'
import { headBytes, runFields } from './frame.ts'
import type { FrameDraft } from './frame.ts'
import type { IndexedRun } from './mailbox-index.ts'
import type { Batch } from './store.ts'

/** Throws `TooLargeError` before anything is copied. */
export function draftOf(batch: Batch, payloadBytesMax: number): FrameDraft {
  const eventBytes = batch.events.reduce((sum, event) => sum + 4 + event.length, 0)
  const payloadBytes = batch.runs.reduce((sum, run) => sum + run.bytes.length, eventBytes)
  assertFits(payloadBytes, payloadBytesMax)
  const payloadStart = headBytes(batch.runs.length, payloadBytes)
  const buffer = Buffer.allocUnsafe(payloadStart + payloadBytes + 8)
  const view = viewOf(buffer)
  let at = payloadStart
  for (const event of batch.events) {
    view.setUint32(at, event.length, true)
    buffer.set(event, at + 4)
    at += 4 + event.length
  }
  for (const run of batch.runs) {
    buffer.set(run.bytes, at)
    at += run.bytes.length
  }
  const eventCount = batch.events.length
  return { buffer, payloadStart, payloadBytes, eventCount, eventBytes, runs: directoryOf(batch) }
}

/** The runs of a draft, as the index takes them in. */
export function runsOf(draft: FrameDraft): IndexedRun[] {
  const { runs } = draft
  const found: IndexedRun[] = []
  for (let i = 0; i < runs.length; i += runFields) {
    found.push({
      mailbox: runs[i] ?? 0,
      count: runs[i + 1] ?? 0,
      firstOffset: runs[i + 2] ?? 0,
      timestampMs: runs[i + 4] ?? 0,
    })
  }
  return found
}

/** Throws `TooLargeError` for a payload that no frame takes. */
export function assertFits(payloadBytes: number, payloadBytesMax: number): void {
  if (payloadBytes <= payloadBytesMax) return
  throw new TooLargeError(
    `A batch of ${payloadBytes} bytes is larger than batchBytesMax (${payloadBytesMax}). ` +
      'Send it in parts, or open with a larger segmentBytes.',
    { outcome: 'not-written' },
  )
}

function directoryOf(batch: Batch): Float64Array {
  const runs = new Float64Array(batch.runs.length * runFields)
  for (const [i, run] of batch.runs.entries()) {
    assert.ok(run.count > 0, 'a run holds at least one message')
    assert.ok(run.mailbox >= 0 && run.mailbox < 2 ** 32, 'a mailbox is a number of 32 bits')
    runs.set([run.mailbox, run.count, run.firstOffset, run.bytes.length, run.timestampMs], i * runFields)
  }
  return runs
}
