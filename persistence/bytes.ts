/**
 * Words of bytes: 64-bit integers as JavaScript numbers, alignment, checksums and the search for zeros.
 *
 * Owns: how a number stands on disk (little endian) and which checksum is used (CRC-32, IEEE).
 * Leaves to `frame.ts` and `segment-header.ts` what the numbers mean.
 *
 * Y1. An integer above 2^53 - 1 is never written, and never read as something else: it reads as NaN, which equals nothing.
 */

import assert from 'node:assert/strict'
import { crc32 } from 'node:zlib'

const highWord = 2 ** 32
const zeros = Buffer.alloc(64 * 1024)

/** CRC-32 (IEEE) of `bytes`, going on from `seed`. */
export function checksum(bytes: Uint8Array, seed = 0): number {
  return crc32(bytes, seed)
}

/** A view over exactly these bytes, for reading and writing numbers. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

export function putU64(view: DataView, at: number, value: number): void {
  assert.ok(Number.isSafeInteger(value) && value >= 0, 'a number on disk is a safe integer')
  view.setUint32(at, value % highWord, true)
  view.setUint32(at + 4, Math.floor(value / highWord), true)
}

export function getU64(view: DataView, at: number): number {
  const value = view.getUint32(at, true) + view.getUint32(at + 4, true) * highWord
  return Number.isSafeInteger(value) ? value : Number.NaN
}

/** These numbers as bytes, one after the other. */
export function u64(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 8)
  for (const [i, value] of values.entries()) putU64(viewOf(bytes), i * 8, value)
  return bytes
}

/** The next multiple of 8. */
export function align8(size: number): number {
  return size + ((8 - (size % 8)) % 8)
}

/** One past the last byte that is not zero; 0 when all are. */
export function usedLength(bytes: Uint8Array): number {
  let end = bytes.length
  while (end > 0) {
    const start = Math.max(0, end - zeros.length)
    if (Buffer.compare(bytes.subarray(start, end), zeros.subarray(0, end - start)) !== 0) break
    end = start
  }
  while (end > 0 && bytes[end - 1] === 0) end -= 1
  return end
}

/** Whether every byte is zero. */
export function isZero(bytes: Uint8Array): boolean {
  return usedLength(bytes) === 0
}
