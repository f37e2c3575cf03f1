/**
 * The first block of a segment file: who made it, where in the journal it belongs and what lies before it.
 *
 * Owns: its layout. Leaves to `survey.ts` reading it from a disk and to `recovery-table.ts` what a bad one means.
 *
 * H1. Its first 16 bytes (magic, version) never change their place or meaning, so that any version knows a newer one.
 * H2. One bit changed anywhere in the block is found by its checksum.
 */

import { checksum, getU64, isZero, putU64, viewOf } from './bytes.ts'
import type { Salt } from './frame.ts'
import { headerBytes } from './limits.ts'

export const formatVersion = 1
const magic = Buffer.from('unlost\r\n', 'latin1')

/** The end of the segment before; all zero when there is none. */
export interface Predecessor {
  readonly segmentId: number
  /** Where its last frame, the SEAL, ends. */
  readonly byteLength: number
  readonly lastSeq: number
  readonly chain: number
}

export const noPredecessor: Predecessor = { segmentId: 0, byteLength: 0, lastSeq: 0, chain: 0 }

export interface SegmentHeader {
  readonly journalId: Uint8Array
  readonly segmentId: number
  readonly ownerEpoch: number
  readonly salt: Salt
  readonly firstSeq: number
  readonly predecessor: Predecessor
  readonly segmentBytes: number
  readonly frameBytesMax: number
  /** `opening`: counts only from its OPEN frame on. `rotation`: counts from its header on. */
  readonly begun: 'opening' | 'rotation'
  /** Epoch of the file that an opening copied; 0 when there was nothing to copy. */
  readonly sourceEpoch: number
  /** Segments below this id may be absent, as far as was known when this one began. */
  readonly oldestSegment: number
  /** For people only; nothing depends on it. */
  readonly createdMs: number
}

export type HeaderLook =
  | { readonly state: 'whole'; readonly header: SegmentHeader; readonly chain: number }
  | { readonly state: 'newer'; readonly version: number }
  | { readonly state: 'zero' }
  | { readonly state: 'bad' }

export function encodeHeader(header: SegmentHeader): Uint8Array {
  const block = Buffer.alloc(headerBytes)
  const view = viewOf(block)
  block.set(magic, 0)
  view.setUint32(8, formatVersion, true)
  view.setUint32(20, headerBytes, true)
  block.set(header.journalId, 24)
  putU64(view, 40, header.segmentId)
  putU64(view, 48, header.ownerEpoch)
  view.setUint32(56, header.salt.low, true)
  view.setUint32(60, header.salt.high, true)
  putU64(view, 64, header.firstSeq)
  putU64(view, 72, header.predecessor.segmentId)
  putU64(view, 80, header.predecessor.byteLength)
  putU64(view, 88, header.predecessor.lastSeq)
  view.setUint32(96, header.predecessor.chain, true)
  view.setUint32(100, header.begun === 'opening' ? 1 : 2, true)
  putU64(view, 104, header.segmentBytes)
  putU64(view, 112, header.frameBytesMax)
  putU64(view, 120, header.sourceEpoch)
  putU64(view, 128, header.oldestSegment)
  view.setFloat64(136, header.createdMs, true)
  view.setUint32(16, chainOf(block), true)
  return block
}

/** The checksum of a header block: what the first frame names as its `previousChain`. */
export function chainOf(block: Uint8Array): number {
  return checksum(block.subarray(20), checksum(block.subarray(0, 16)))
}

/** Whether these first bytes are of a version that this code does not know. */
export function newerVersion(start: Uint8Array): number | undefined {
  if (start.length < 16 || Buffer.compare(start.subarray(0, 8), magic) !== 0) return undefined
  const version = viewOf(start).getUint32(8, true)
  return version > formatVersion ? version : undefined
}

/** Reads a block, which may be anything. */
export function decodeHeader(block: Uint8Array): HeaderLook {
  if (isZero(block)) return { state: 'zero' }
  const version = newerVersion(block)
  if (version !== undefined) return { state: 'newer', version }
  if (block.length < headerBytes || Buffer.compare(block.subarray(0, 8), magic) !== 0) return { state: 'bad' }
  const chain = viewOf(block).getUint32(16, true)
  return chainOf(block) === chain ? { state: 'whole', header: fields(block), chain } : { state: 'bad' }
}

function fields(block: Uint8Array): SegmentHeader {
  const view = viewOf(block)
  return {
    journalId: Uint8Array.from(block.subarray(24, 40)),
    segmentId: getU64(view, 40),
    ownerEpoch: getU64(view, 48),
    salt: { low: view.getUint32(56, true), high: view.getUint32(60, true) },
    firstSeq: getU64(view, 64),
    predecessor: {
      segmentId: getU64(view, 72),
      byteLength: getU64(view, 80),
      lastSeq: getU64(view, 88),
      chain: view.getUint32(96, true),
    },
    begun: view.getUint32(100, true) === 1 ? 'opening' : 'rotation',
    segmentBytes: getU64(view, 104),
    frameBytesMax: getU64(view, 112),
    sourceEpoch: getU64(view, 120),
    oldestSegment: getU64(view, 128),
    createdMs: view.getFloat64(136, true),
  }
}
