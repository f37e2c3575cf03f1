/**
 * Whole files in one piece: reading small ones, making durable ones, and filling files with zeros.
 *
 * Owns: the order open, write, sync, close, and closing on every way out.
 * Leaves to the callers the sync of the directory, which they share over several files.
 *
 * M1. A file made here is durable (data and size) when the call returns; its name is durable after `syncDirectory`.
 */

import type { Disk, FileHandle } from './disk.ts'
import { faultCode } from './disk-faults.ts'

const zeroPiece = new Uint8Array(1024 * 1024)

/** Runs `work` on an open file and closes it whatever happens. */
export function withFile<Result>(disk: Disk, file: FileHandle, work: (file: FileHandle) => Result): Result {
  try {
    return work(file)
  } finally {
    disk.close(file)
  }
}

/** The first `bytesMax` bytes of a file. */
export function readSmall(disk: Disk, path: string, bytesMax: number): Uint8Array {
  return withFile(disk, disk.open(path, 'read'), (file) => {
    const into = new Uint8Array(Math.min(bytesMax, disk.size(file)))
    return into.subarray(0, disk.read(file, into, 0))
  })
}

/** Removes a file if it is there; what somebody put in its place and is none is left alone. */
export function removeIfFile(disk: Disk, path: string): void {
  try {
    if (disk.kind(path) === 'file') disk.remove(path)
  } catch (error) {
    // An owner that was replaced may be about the same clean-up.
    if (faultCode(error) !== 'ENOENT') throw error
  }
}

/** Makes a file that must not exist yet. */
export function makeSmall(disk: Disk, path: string, bytes: Uint8Array): void {
  withFile(disk, disk.open(path, 'create'), (file) => {
    disk.write(file, bytes, 0)
    disk.sync(file)
  })
}

/**
 * Makes a file of zeros that must not exist yet, and syncs it. The space is really taken: a later write inside it needs
 * none, and its sync need not change the file's metadata. It is synced after every `stretchBytes`, by default at its end:
 * while commits go on beside it, each of them may have to wait until a stretch is on the disk.
 */
export function makeZeros(
  disk: Disk,
  path: string,
  { sizeBytes, stretchBytes = sizeBytes }: { sizeBytes: number; stretchBytes?: number },
): void {
  withFile(disk, disk.open(path, 'create'), (file) => {
    for (let at = 0; at < sizeBytes; at += stretchBytes) {
      const end = Math.min(at + stretchBytes, sizeBytes)
      fillZeros(disk, file, { start: at, end })
      disk.sync(file)
    }
  })
}

function fillZeros(disk: Disk, file: FileHandle, range: { start: number; end: number }): void {
  for (let at = range.start; at < range.end; at += zeroPiece.length) {
    disk.write(file, zeroPiece.subarray(0, Math.min(zeroPiece.length, range.end - at)), at)
  }
}
