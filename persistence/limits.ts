/**
 * Every size of the journal that is not a user's choice, and how they relate.
 *
 * Owns: the constants and the arithmetic from `segmentBytes` to what one batch may hold.
 * Leaves to `frame.ts` and `segment-header.ts` the layout that these sizes are sizes of.
 *
 * Z1. A frame takes at most half a segment and at most 16 MiB, so no checksum covers more than 11 KiB.
 * Z2. Behind the last frame there is always room to open and to seal: `closingBytes`.
 */

import assert from 'node:assert/strict'

/** A payload or directory is summed in blocks of this size. */
export const blockBytes = 8 * 1024
/** The segment header is one block of this size, before the first frame. */
export const headerBytes = 4 * 1024
export const frameHeadBytes = 64
export const directoryEntryBytes = 32
/** Room behind the last frame for one OPEN and one SEAL frame. */
export const closingBytes = 256

export const segmentBytesDefault = 8 * 1024 * 1024
export const segmentBytesMin = 64 * 1024
export const segmentBytesMax = 1024 * 1024 * 1024
const frameBytesCap = 16 * 1024 * 1024

/** A mailbox gets an index entry only when this much journal passed since its last one. */
export const indexStrideBytes = 64 * 1024
/** Torn tails kept as evidence; older ones leave the disk. */
export const asideFilesMax = 8

/** Largest frame that a segment of this size takes, in bytes. */
export function frameBytesMax(segmentBytes: number): number {
  assert.ok(segmentBytes >= segmentBytesMin, `a segment has at least ${segmentBytesMin} bytes`)
  return Math.min(frameBytesCap, Math.floor(segmentBytes / 16) * 8)
}

/** Largest payload of one batch: an eighth of the frame is left to the directory and the sums. */
export function batchBytesMax(segmentBytes: number): number {
  return Math.floor((frameBytesMax(segmentBytes) * 7) / 8)
}

/**
 * Space that messages may not use while no further segment can be made: for acknowledgements, and for a checkpoint that
 * lets whole segments go.
 */
export function reserveBytes(segmentBytes: number): number {
  return Math.floor(segmentBytes / 4)
}

/** Largest part of a checkpoint; and what a file made on a nearly full disk has beyond what it must hold. */
export function partBytes(segmentBytes: number): number {
  return Math.floor(segmentBytes / 8)
}
