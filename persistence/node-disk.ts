/**
 * The real disk: the disk port over `node:fs`, in synchronous calls.
 *
 * Owns: which system call each word of the port becomes, and what differs between platforms.
 * Leaves to the journal: the order of calls, and never to touch a file again after a failed sync.
 *
 * ND1. Nothing is appended: each write has a position, so that the order of writes never decides where bytes go.
 * ND2. A write that comes back short is continued, so that the system names the reason of the rest.
 * ND3. Data is synced with fdatasync, which includes the size where reading back needs it; names are synced by an
 *     fsync of their directory. Windows cannot sync a directory, so there a new name is only as durable as NTFS makes it.
 */
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import type { Disk, DiskError, FileHandle, PathKind } from './disk.ts'
import { WINDOWS } from './system.ts'

const FILE_MODE = 0o600
const DIRECTORY_MODE = 0o700

const FLAGS = {
  read: fs.constants.O_RDONLY,
  write: fs.constants.O_RDWR,
  create: fs.constants.O_RDWR | fs.constants.O_CREAT | fs.constants.O_EXCL,
} as const

/** A write that made no progress and gave no reason; no system is known to do it. */
class StalledWriteError extends Error implements DiskError {
  readonly code = 'EIO'
}

/**
 * The disk of this machine. Stateless, so one instance serves any number of threads' journals.
 *
 * @example
 * const file = nodeDisk.open('/var/data/segment', 'create')
 * nodeDisk.write(file, bytes, 0)
 * nodeDisk.sync(file)
 */
export const nodeDisk: Disk = {
  open: (path, mode) => fs.openSync(path, FLAGS[mode], FILE_MODE),
  read,
  write,
  size: (file) => fs.fstatSync(file).size,
  truncate: (file, size) => fs.ftruncateSync(file, size),
  sync: (file) => fs.fdatasyncSync(file),
  close: (file) => fs.closeSync(file),
  kind,
  list: (directory) => fs.readdirSync(directory).sort(),
  makeDirectory: (path) => void fs.mkdirSync(path, { mode: DIRECTORY_MODE }),
  remove: (path) => fs.unlinkSync(path),
  syncDirectory,
}

function read(file: FileHandle, into: Uint8Array, position: number): number {
  assert(position >= 0)
  let done = 0
  while (done < into.byteLength) {
    const count = fs.readSync(file, into, done, into.byteLength - done, position + done)
    if (count === 0) break
    done += count
  }
  return done
}

function write(file: FileHandle, bytes: Uint8Array, position: number): void {
  assert(position >= 0)
  let done = 0
  while (done < bytes.byteLength) {
    const count = fs.writeSync(file, bytes, done, bytes.byteLength - done, position + done)
    if (count === 0) throw new StalledWriteError(`write stopped at byte ${position + done}`)
    done += count
  }
}

function kind(path: string): PathKind {
  const stat = fs.statSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return 'absent'
  return stat.isDirectory() ? 'directory' : 'file'
}

function syncDirectory(directory: string): void {
  if (WINDOWS) return
  const handle = fs.openSync(directory, fs.constants.O_RDONLY)
  try {
    fs.fsyncSync(handle)
  } finally {
    fs.closeSync(handle)
  }
}
