/**
 * The file `journal`: a journal was once completely made in this directory, and which one.
 *
 * Owns: its text, which is for people too, and reading it. Leaves to `recovery.ts` when it is made, and to `examine.ts`
 * what it forbids.
 *
 * MK1. A marker that cannot be read, or whose own checksum fails, says that a journal was here and not which: it forbids
 *      a directory without segments, and nothing else.
 */

import { checksum } from './bytes.ts'
import type { Disk } from './disk.ts'
import { faultCode } from './disk-faults.ts'
import { readSmall } from './small-file.ts'

/** What a marker says. Undefined: it does not say which journal it was. */
export interface Marker {
  readonly journalId: Uint8Array | undefined
}

const markerBytesMax = 256

export function encodeMarker(journalId: Uint8Array): Uint8Array {
  const id = Buffer.from(journalId).toString('hex')
  return Buffer.from(`An unlost journal, format 1.\n${id} ${checksum(Buffer.from(id))}\n`)
}

export function decodeMarker(bytes: Uint8Array): Marker {
  const [, line = ''] = Buffer.from(bytes).toString('utf8').split('\n')
  const [id = '', sum] = line.split(' ')
  const isWhole = /^[0-9a-f]{32}$/u.test(id) && String(checksum(Buffer.from(id))) === sum
  return { journalId: isWhole ? Buffer.from(id, 'hex') : undefined }
}

export function readMarker(disk: Disk, path: string): Marker {
  try {
    return decodeMarker(readSmall(disk, path, markerBytesMax))
  } catch (error) {
    if (faultCode(error) === undefined) throw error
    return { journalId: undefined }
  }
}
