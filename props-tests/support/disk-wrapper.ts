/**
 * A disk that passes every call on, except those that a test replaces.
 *
 * Owns: the wrapping. Leaves to each test what its disk does wrong, or at which call it stops to look.
 */
import type { Disk } from '../../persistence/index.ts'

/** `disk` with some calls replaced. */
export function wrapDisk(disk: Disk, replaced: Partial<Disk>): Disk {
  return {
    open: (path, mode) => disk.open(path, mode),
    read: (file, into, position) => disk.read(file, into, position),
    write: (file, bytes, position) => {
      disk.write(file, bytes, position)
    },
    size: (file) => disk.size(file),
    truncate: (file, size) => {
      disk.truncate(file, size)
    },
    sync: (file) => {
      disk.sync(file)
    },
    close: (file) => {
      disk.close(file)
    },
    kind: (path) => disk.kind(path),
    list: (directory) => disk.list(directory),
    makeDirectory: (path) => {
      disk.makeDirectory(path)
    },
    remove: (path) => {
      disk.remove(path)
    },
    syncDirectory: (directory) => {
      disk.syncDirectory(directory)
    },
    ...replaced,
  }
}

/** `disk` that calls `before` ahead of each of its system calls. */
export function watchDisk(disk: Disk, before: () => void): Disk {
  const watched = <Arguments extends unknown[], Result>(call: (...given: Arguments) => Result) => {
    return (...given: Arguments): Result => {
      before()
      return call(...given)
    }
  }
  const plain = wrapDisk(disk, {})
  return {
    open: watched(plain.open),
    read: watched(plain.read),
    write: watched(plain.write),
    size: watched(plain.size),
    truncate: watched(plain.truncate),
    sync: watched(plain.sync),
    close: watched(plain.close),
    kind: watched(plain.kind),
    list: watched(plain.list),
    makeDirectory: watched(plain.makeDirectory),
    remove: watched(plain.remove),
    syncDirectory: watched(plain.syncDirectory),
  }
}
