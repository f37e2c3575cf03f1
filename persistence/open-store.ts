/**
 * Opening a store on a directory of this machine.
 *
 * Owns: the settings' defaults and limits, and the absolute path. Leaves the work to `thread-store.ts`.
 */
import assert from 'node:assert/strict'
import { resolve } from 'node:path'
import { DirectoryError } from './errors.ts'
import { segmentBytesDefault, segmentBytesMax, segmentBytesMin } from './limits.ts'
import type { OpenStore } from './store.ts'
import { ThreadStore } from './thread-store.ts'

/**
 * Opens (or makes) a directory and becomes its owner, in a thread of its own.
 *
 * The process stays up while a call is pending, and no longer: a store that is merely open does not hold it. A process
 * that ends without `release` loses nothing that was confirmed; the next opening says `crashed`.
 *
 * Rejects with `LockedError` (another owner is alive), `DirectoryError`, `NewerFormatError`, `CorruptError` or
 * `DiskFullError`; then the thread is gone again. `segmentBytes` is a whole number from 64 KiB to 1 GiB, else an
 * assertion fails.
 *
 * @example
 * const store = await openStore('./data', {})
 * await store.commit({ events: [], runs: [{ mailbox: 1, firstOffset: 0, count: 1, timestampMs: 0, bytes }] })
 * await store.release()
 */
export const openStore: OpenStore = async (directory, options) => {
  const segmentBytes = options.segmentBytes ?? segmentBytesDefault
  assert(Number.isSafeInteger(segmentBytes), 'segmentBytes is a whole number')
  assert(segmentBytes >= segmentBytesMin, `segmentBytes is at least ${segmentBytesMin}`)
  assert(segmentBytes <= segmentBytesMax, `segmentBytes is at most ${segmentBytesMax}`)
  if (directory === '' || directory.includes('\0')) {
    throw new DirectoryError(
      `${JSON.stringify(directory)} is not a path of a directory. Nothing was changed.`,
    )
  }
  return ThreadStore.open(resolve(directory), segmentBytes, options.takeover ?? false)
}
