/**
 * The disk port: every system call the journal makes, and nothing else.
 *
 * Owns: the signatures and what each promises. Leaves to `node-disk.ts` the real calls and to
 * `props-tests/` the simulated twin; one contract suite runs on both.
 *
 * D1. All calls are synchronous and fail by throwing a `DiskError` whose `code` is the system's (ENOSPC, EIO, EEXIST …).
 * D2. Nothing is durable before `sync` (file) or `syncDirectory` (names) returned.
 * D3. `read` returns fewer bytes than asked only at the end of the file; `write` writes all or throws.
 * D4. Files are made 0600 and directories 0700.
 */

/** An open file. Only meaningful to the disk that returned it. */
export type FileHandle = number

/** What kind of thing a path is. */
export type PathKind = 'file' | 'directory' | 'absent'

export interface Disk {
  /** `read`: must exist. `write`: must exist. `create`: must not exist (EEXIST), readable and writable. */
  open(path: string, mode: 'read' | 'write' | 'create'): FileHandle
  /** Fills `into` from `position`; returns the bytes read. */
  read(file: FileHandle, into: Uint8Array, position: number): number
  write(file: FileHandle, bytes: Uint8Array, position: number): void
  size(file: FileHandle): number
  truncate(file: FileHandle, size: number): void
  /** Data and size are durable when this returns. After a throw the file must never be synced again. */
  sync(file: FileHandle): void
  close(file: FileHandle): void

  kind(path: string): PathKind
  /** Names in a directory, sorted. */
  list(directory: string): string[]
  /** One level; its parent must exist. EEXIST if it is there. */
  makeDirectory(path: string): void
  remove(path: string): void
  /** Names made or removed in `directory` are durable when this returns. */
  syncDirectory(directory: string): void
}

/** A failed system call. `code` is the system's word, such as `ENOSPC`. */
export interface DiskError extends Error {
  readonly code: string
}
