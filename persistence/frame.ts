/**
 * A frame: one group commit as bytes. See docs/format.md; golden bytes are held by a test.
 *
 * Owns: the layout head | sums | directory | payload | padding, encoding in place and decoding of the head.
 * Leaves to `segment-reader.ts` where frames lie and to `recovery-table.ts` what a bad one means.
 *
 * F1. Nothing that is all zero is a frame: the magic is not zero.
 * F2. One bit changed anywhere in a frame, its padding excepted, is found by a checksum.
 * F3. Salt, sequence and chain are under the head's checksum, so a frame is valid at one place of one file only.
 * F4. A payload is not copied: the head is written into the room in front of it.
 */

import assert from 'node:assert/strict'

import { align8, checksum, getU64, putU64, viewOf } from './bytes.ts'
import { blockBytes, directoryEntryBytes, frameHeadBytes } from './limits.ts'

const magic = 0x31464c55
const kinds = ['data', 'open', 'checkpoint', 'seal', 'idle', 'trim'] as const

/** `data`: a batch. `open`: an owner's copy is complete. `trim`: lowers which segments must exist. */
export type FrameKind = (typeof kinds)[number]

/** Numbers per run in a draft: mailbox, count, first offset, byte length, timestamp in milliseconds. */
export const runFields = 5

/**
 * A payload that is laid out already: events (each after its length, u32), then the runs' bytes in the order of `runs`.
 * Needs `headBytes(runs, payload)` of room in front of `payloadStart`, and 7 bytes behind the payload.
 */
export interface FrameDraft {
  readonly buffer: Uint8Array
  readonly payloadStart: number
  readonly payloadBytes: number
  readonly eventCount: number
  /** Bytes of the events with their lengths: where the first run begins. */
  readonly eventBytes: number
  /** `runFields` numbers for each run. */
  readonly runs: Float64Array
}

/** 64 random bits of one segment file, as two words. */
export interface Salt {
  readonly low: number
  readonly high: number
}

/** What the writer adds to a draft. */
export interface FrameStamp {
  readonly kind: FrameKind
  readonly flags: number
  readonly salt: Salt
  readonly seq: number
  readonly previousChain: number
  /** Segments below this id may be absent from the moment this frame is durable. */
  readonly oldestSegment: number
  readonly wallMs: number
}

/** The head of a frame, read back. */
export interface FrameHead extends FrameStamp {
  readonly runCount: number
  readonly eventCount: number
  readonly eventBytes: number
  readonly payloadBytes: number
  /** The head's checksum: what the next frame names as its `previousChain`. */
  readonly chain: number
}

/** Where the parts of a frame lie, from its first byte. */
export interface FrameShape {
  readonly directoryAt: number
  readonly payloadAt: number
  readonly frameBytes: number
}

export function shapeOf(runCount: number, payloadBytes: number): FrameShape {
  const directoryBytes = runCount * directoryEntryBytes
  const sums = blocksOf(directoryBytes) + blocksOf(payloadBytes)
  const directoryAt = frameHeadBytes + align8(sums * 4)
  const payloadAt = directoryAt + directoryBytes
  return { directoryAt, payloadAt, frameBytes: align8(payloadAt + payloadBytes) }
}

/** Room that a draft needs in front of its payload. */
export function headBytes(runCount: number, payloadBytes: number): number {
  return shapeOf(runCount, payloadBytes).payloadAt
}

/** How many checksums a part of this size has. */
export function blocksOf(bytes: number): number {
  return Math.ceil(bytes / blockBytes)
}

/** Completes a draft in its own buffer and returns the frame, a view of that buffer. */
export function encodeFrame(draft: FrameDraft, stamp: FrameStamp): { frame: Uint8Array; chain: number } {
  const runCount = draft.runs.length / runFields
  const shape = shapeOf(runCount, draft.payloadBytes)
  const start = draft.payloadStart - shape.payloadAt
  assert.ok(start >= 0, 'a draft has room for its head')
  assert.ok(start + shape.frameBytes <= draft.buffer.length, 'a draft has room for its padding')
  const frame = draft.buffer.subarray(start, start + shape.frameBytes)
  const view = viewOf(frame)
  frame.fill(0, shape.payloadAt + draft.payloadBytes)
  putDirectory(view, shape.directoryAt, draft.runs)
  putSums(frame, shape, draft.payloadBytes)
  view.setUint32(28, runCount, true)
  view.setUint32(32, draft.eventCount, true)
  view.setUint32(36, draft.eventBytes, true)
  view.setUint32(40, draft.payloadBytes, true)
  return { frame, chain: stampFrame(frame, stamp) }
}

/** Writes the stamp and the head's checksum over a frame whose parts are in place; returns its chain. */
export function stampFrame(frame: Uint8Array, stamp: FrameStamp): number {
  const view = viewOf(frame)
  view.setUint32(0, magic, true)
  view.setUint32(8, stamp.salt.low, true)
  view.setUint32(12, stamp.salt.high, true)
  putU64(view, 16, stamp.seq)
  view.setUint8(24, kinds.indexOf(stamp.kind) + 1)
  view.setUint8(25, stamp.flags)
  view.setUint16(26, 0, true)
  view.setUint32(44, stamp.previousChain, true)
  putU64(view, 48, stamp.oldestSegment)
  view.setFloat64(56, stamp.wallMs, true)
  const { directoryAt } = shapeOf(view.getUint32(28, true), view.getUint32(40, true))
  const chain = checksum(frame.subarray(8, directoryAt))
  view.setUint32(4, chain, true)
  return chain
}

/** Reads the 64 bytes of a head. Undefined when they are no head; nothing in it is checked against a sum yet. */
export function decodeHead(bytes: Uint8Array): FrameHead | undefined {
  assert.ok(bytes.length >= frameHeadBytes, 'a head is read whole')
  const view = viewOf(bytes)
  const kind = kinds[view.getUint8(24) - 1]
  if (view.getUint32(0, true) !== magic || kind === undefined) return undefined
  return {
    kind,
    flags: view.getUint8(25),
    salt: { low: view.getUint32(8, true), high: view.getUint32(12, true) },
    seq: getU64(view, 16),
    runCount: view.getUint32(28, true),
    eventCount: view.getUint32(32, true),
    eventBytes: view.getUint32(36, true),
    payloadBytes: view.getUint32(40, true),
    previousChain: view.getUint32(44, true),
    oldestSegment: getU64(view, 48),
    wallMs: view.getFloat64(56, true),
    chain: view.getUint32(4, true),
  }
}

/** Whether head and sums (everything in front of the directory) are what was written. */
export function headIsIntact(front: Uint8Array, head: FrameHead): boolean {
  return checksum(front.subarray(8)) === head.chain
}

/** One run as the directory tells it. `payloadAt` counts from the first byte of the payload. */
export interface RunEntry {
  readonly mailbox: number
  readonly count: number
  readonly firstOffset: number
  readonly byteLength: number
  readonly timestampMs: number
  readonly payloadAt: number
}

/** The entries of a directory, whose sums must have been checked. */
export function decodeDirectory(directory: Uint8Array, eventBytes: number): RunEntry[] {
  const view = viewOf(directory)
  const entries: RunEntry[] = []
  let payloadAt = eventBytes
  for (let at = 0; at < directory.length; at += directoryEntryBytes) {
    const byteLength = view.getUint32(at + 16, true)
    entries.push({
      mailbox: view.getUint32(at, true),
      count: view.getUint32(at + 4, true),
      firstOffset: getU64(view, at + 8),
      byteLength,
      timestampMs: view.getFloat64(at + 24, true),
      payloadAt,
    })
    payloadAt += byteLength
  }
  return entries
}

function putDirectory(view: DataView, start: number, runs: Float64Array): void {
  let at = start
  for (let i = 0; i < runs.length; i += runFields) {
    view.setUint32(at, runs[i] ?? 0, true)
    view.setUint32(at + 4, runs[i + 1] ?? 0, true)
    putU64(view, at + 8, runs[i + 2] ?? 0)
    view.setUint32(at + 16, runs[i + 3] ?? 0, true)
    view.setUint32(at + 20, 0, true)
    view.setFloat64(at + 24, runs[i + 4] ?? 0, true)
    at += directoryEntryBytes
  }
}

function putSums(frame: Uint8Array, shape: FrameShape, payloadBytes: number): void {
  const view = viewOf(frame)
  const { directoryAt, payloadAt } = shape
  const afterDirectory = putSumsOf(frame.subarray(directoryAt, payloadAt), view, frameHeadBytes)
  const end = putSumsOf(frame.subarray(payloadAt, payloadAt + payloadBytes), view, afterDirectory)
  if (end < directoryAt) view.setUint32(end, 0, true)
}

function putSumsOf(part: Uint8Array, view: DataView, at: number): number {
  for (let start = 0; start < part.length; start += blockBytes) {
    view.setUint32(at, checksum(part.subarray(start, start + blockBytes)), true)
    at += 4
  }
  return at
}
