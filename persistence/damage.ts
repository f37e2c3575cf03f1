/**
 * Saying what is damaged: file, byte range, reason and the offsets concerned.
 *
 * Owns: building `CorruptError`, also out of a failed read. Leaves to `lost-offsets.ts` which offsets are concerned, and to
 * `recovery-table.ts` and `mailbox-reader.ts` knowing that something is damaged.
 */

import { faultCode } from './disk-faults.ts'
import { CorruptError } from './errors.ts'
import type { AffectedOffsets } from './errors.ts'
import type { ByteRange } from './segment-reader.ts'

/** The refusal of a damaged range. */
export function corrupt(
  file: string,
  range: ByteRange,
  details: {
    readonly reason: string
    readonly offsets?: readonly AffectedOffsets[]
    readonly cause?: unknown
  },
): CorruptError {
  const { reason, offsets = [], cause } = details
  const damage = { file, start: range.start, end: range.end, reason, offsets }
  return new CorruptError(damage, { cause })
}

/** Runs a read; a failed system call becomes damage of `file`, never an end of the log. */
export function readingFrom<Result>(file: { name: string; sizeBytes: number }, read: () => Result): Result {
  try {
    return read()
  } catch (error) {
    const code = faultCode(error)
    if (code === undefined) throw error
    throw corrupt(
      file.name,
      { start: 0, end: file.sizeBytes },
      { reason: `it cannot be read (${code})`, cause: error },
    )
  }
}
