/**
 * Which system calls are made to fail, and how.
 *
 * Owns: the list. Leaves the how often to those who run it.
 */
import { closedName, ownerName, segmentName } from '../../persistence/internal.ts'

export interface Injection {
  readonly name: string
  /** For the tracer, without `when`. */
  readonly inject: string
  /** Files of the directory; empty for all files of the process. */
  readonly names: readonly string[]
  /** Whether the process opens what a killed one left. */
  readonly recovers: boolean
}

/** The files that the first three owners of a directory have, itself included. */
const files = [
  '',
  'journal',
  ...[1, 2, 3].flatMap((epoch) => [
    ownerName(epoch),
    closedName(epoch),
    ...[1, 2, 3, 4, 5, 6, 7, 8].map((id) => segmentName(id, epoch)),
  ]),
]
const all: readonly string[] = []

function both(inject: string, names: readonly string[]): Injection[] {
  return [
    { name: 'at work', inject, names, recovers: false },
    { name: 'in recovery', inject, names, recovers: true },
  ]
}

export const injections: readonly Injection[] = [
  ...both('fdatasync:error=EIO', all),
  ...both('pwrite64:error=EIO', all),
  ...both('pwrite64:error=ENOSPC', all),
  ...both('pwrite64:error=EROFS', all),
  ...both('fdatasync:error=ENOSPC', all),
  ...both('fsync:error=EIO', all),
  ...both('openat:error=ENOSPC', files),
  ...both('openat:error=EMFILE', files),
  ...both('openat:error=EIO', files),
  ...both('unlink:error=EIO', files),
  ...both('ftruncate:error=EIO', files),
  ...both('close:error=EIO', files),
  ...both('pread64:error=EIO', files),
  ...both('mkdir:error=ENOSPC', files),
]
