/**
 * The door of storage: what other folders, and users of the journal alone, may import.
 *
 * Owns: the list of public names. Leaves everything else inside the folder.
 */
export type { Disk, DiskError, FileHandle, PathKind } from './disk.ts'
export {
  BrokenError,
  ClosedError,
  CorruptError,
  DirectoryError,
  DiskFullError,
  FencedError,
  LockedError,
  NewerFormatError,
  TooLargeError,
  UnlostError,
} from './errors.ts'
export type { AffectedOffsets, Damage, Outcome, UnlostErrorOptions } from './errors.ts'
export { inlineStores } from './inline-store.ts'
export type { InlineWorld } from './inline-store.ts'
export { nodeDisk } from './node-disk.ts'
export { openStore } from './open-store.ts'
export type { Random } from './random.ts'
export type {
  Batch,
  Committed,
  MailboxRange,
  OpenStore,
  Recovered,
  RecoveryReport,
  Run,
  Store,
  StoreLimits,
  StoreOptions,
} from './store.ts'
