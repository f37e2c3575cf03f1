/**
 * A disk that passes every call on, except those that a test replaces.
 *
 * Owns: the wrapping. Leaves to each test what its disk does wrong, or at which call it stops to look.
 */
import type { Disk } from '../../persistence/index.ts'

/** `disk` with some calls replaced. */
export function wrapDisk(disk: Disk, replaced: Partial<Disk>): Disk {
  return { ...watchDisk(disk, () => undefined), ...replaced }
}

/** `disk` that calls `before` ahead of each of its system calls. */
export function watchDisk(disk: Disk, before: () => void): Disk {
  return {
    open: (path, mode) => {
      before()
      return disk.open(path, mode)
    },
    read: (file, into, position) => {
      before()
      return disk.read(file, into, position)
    },
    write: (file, bytes, position) => {
      before()
      disk.write(file, bytes, position)
    },
    size: (file) => {
      before()
      return disk.size(file)
    },
    truncate: (file, size) => {
      before()
      disk.truncate(file, size)
    },
    sync: (file) => {
      before()
      disk.sync(file)
    },
    close: (file) => {
      before()
      disk.close(file)
    },
    kind: (path) => {
      before()
      return disk.kind(path)
    },
    list: (directory) => {
      before()
      return disk.list(directory)
    },
    makeDirectory: (path) => {
      before()
      disk.makeDirectory(path)
    },
    remove: (path) => {
      before()
      disk.remove(path)
    },
    syncDirectory: (directory) => {
      before()
      disk.syncDirectory(directory)
    },
  }
}
