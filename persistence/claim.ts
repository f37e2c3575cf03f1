/**
 * The claim of a directory: an epoch, taken by making `owner-<epoch>` exclusively, and looked up after each sync.
 *
 * Owns: the owner files. Leaves to `ownership.ts` who may try, and to `appender.ts` when the fence is looked at.
 *
 * O1. Of two that claim the same epoch one wins; the other gets `LockedError` and has changed nothing.
 * O2. A claim holds while its own file is there and the next epoch's is not.
 * O3. An owner file is removed only by an owner at least two epochs later (or by its own, O4), so whoever wakes finds
 *     one of the two signs.
 * O4. A claim that refused the directory is taken back, as if it had never been; where files of its epoch stay, it says
 *     so instead, and is passed over when asking how the last owner ended.
 */

import { decodeClosed, encodeClosed } from './closed-record.ts'
import type { ClosedRecord, Floor } from './closed-record.ts'
import type { Disk, FileHandle } from './disk.ts'
import { faultCode, openingError, pathIn } from './disk-faults.ts'
import { LockedError } from './errors.ts'
import { closedName, ownerName, readName } from './names.ts'
import type { FileName } from './names.ts'
import { decodeIdentity, encodeIdentity } from './owner-identity.ts'
import type { OwnerIdentity } from './owner-identity.ts'
import { makeSmall, readSmall, removeIfFile, withFile } from './small-file.ts'

const recordBytesMax = 64 * 1024

/** How the last owner that served ended. */
export type PreviousEnd = 'none' | 'closed' | 'crashed'

/** The newest owner of a directory. */
export interface OwnerSight {
  /** The highest epoch in any file name: also that of an owner whose file somebody removed. */
  readonly epoch: number
  /** Undefined when the file is half written or cannot be understood, or is gone. */
  readonly identity: OwnerIdentity | undefined
  /** Whether it noted that it ended, or its file is gone: then it has been fenced by that. */
  readonly closed: boolean
}

/** The newest owner, or undefined when nobody ever claimed the directory. */
export function newestOwner(disk: Disk, directory: string): OwnerSight | undefined {
  const epoch = epochsIn(disk, directory, anyEpoch).at(-1)
  if (epoch === undefined) return undefined
  const bytes = readIfThere(disk, pathIn(directory, ownerName(epoch)))
  if (bytes === undefined) return { epoch, identity: undefined, closed: true }
  const closed = disk.kind(pathIn(directory, closedName(epoch))) === 'file'
  return { epoch, identity: decodeIdentity(bytes), closed }
}

/**
 * Claims the epoch after `seen`, which must be what `newestOwner` just told. The claim is durable when this returns.
 * Throws `LockedError` when another claimed it meanwhile, `DirectoryError` when the directory cannot be written.
 */
export function claim(
  disk: Disk,
  place: { readonly directory: string; readonly identity: OwnerIdentity },
  seen: OwnerSight | undefined,
): Claim {
  const { directory, identity } = place
  const epoch = (seen?.epoch ?? 0) + 1
  const file = makeOwnerFile(disk, directory, epoch)
  try {
    withFile(disk, file, () => {
      disk.write(file, encodeIdentity(identity), 0)
      disk.sync(file)
    })
    disk.syncDirectory(directory)
  } catch (error) {
    abandon(disk, directory, epoch)
    throw openingError(error, directory)
  }
  if (epochsIn(disk, directory, ownerEpoch).at(-1) === epoch) return new Claim(disk, directory, epoch)
  // We looked so long ago that this epoch had come and gone: its file must not come back to life.
  disk.remove(pathIn(directory, ownerName(epoch)))
  throw lost(directory, epoch, undefined)
}

/** Whoever makes the file has the epoch. */
function makeOwnerFile(disk: Disk, directory: string, epoch: number): FileHandle {
  try {
    return disk.open(pathIn(directory, ownerName(epoch)), 'create')
  } catch (error) {
    throw faultCode(error) === 'EEXIST' ? lost(directory, epoch, error) : openingError(error, directory)
  }
}

/** Ends a claim that could not be written: others need not wonder whether its owner lives. */
function abandon(disk: Disk, directory: string, epoch: number): void {
  try {
    if (disk.kind(pathIn(directory, ownerName(epoch))) === 'file') new Claim(disk, directory, epoch).giveUp()
  } catch {
    // The failure that made us abandon it is the one to report.
  }
}

/** An epoch that is ours until somebody claims the next one. */
export class Claim {
  readonly epoch: number
  readonly previous: PreviousEnd
  readonly #disk: Disk
  readonly #directory: string
  readonly #ownPath: string
  readonly #nextPath: string

  constructor(disk: Disk, directory: string, epoch: number) {
    this.#disk = disk
    this.#directory = directory
    this.epoch = epoch
    this.#ownPath = pathIn(directory, ownerName(epoch))
    this.#nextPath = pathIn(directory, ownerName(epoch + 1))
    this.previous = this.#previousEnd()
  }

  /** Whether we are still the owner (two look-ups of names). */
  holds(): boolean {
    return this.#disk.kind(this.#nextPath) === 'absent' && this.#disk.kind(this.#ownPath) === 'file'
  }

  /** What the owner of `epoch` noted when it ended; undefined when it did not, or its note is damaged. */
  closedRecord(epoch: number): ClosedRecord | undefined {
    const bytes = readIfThere(this.#disk, pathIn(this.#directory, closedName(epoch)))
    return bytes === undefined ? undefined : decodeClosed(bytes)
  }

  /** Places below which the owners that are still on record know the journal to be durable. */
  floors(): Floor[] {
    const records = epochsIn(this.#disk, this.#directory, closedEpoch).map((epoch) =>
      this.closedRecord(epoch),
    )
    return records.flatMap((record) => (record?.floor === undefined ? [] : [record.floor]))
  }

  /** Notes that we ended properly; `floor` is what must be found by whoever opens next. Durable on return. */
  close(floor: Floor): void {
    this.#note({ served: true, floor })
  }

  /** Takes the claim back, because we refused the directory. Best effort: a dead owner is as good. */
  giveUp(): void {
    try {
      if (this.#hasOtherFiles()) this.#note({ served: false, floor: undefined })
      else this.#withdraw()
    } catch {
      // The failure that made us refuse is the one to report.
    }
  }

  /** Removes the files of owners before the last one. */
  tidy(): void {
    for (const name of this.#disk.list(this.#directory)) {
      const read = readName(name)
      if (read?.kind !== 'owner' && read?.kind !== 'closed') continue
      if (read.epoch < this.epoch - 1) removeIfFile(this.#disk, pathIn(this.#directory, name))
    }
  }

  /** Whether anything else bears our epoch: then nobody else may have it. */
  #hasOtherFiles(): boolean {
    return this.#disk.list(this.#directory).some((name) => {
      const read = readName(name)
      return read !== undefined && read.kind !== 'owner' && anyEpoch(read) === this.epoch
    })
  }

  #withdraw(): void {
    removeIfFile(this.#disk, this.#ownPath)
    this.#disk.syncDirectory(this.#directory)
  }

  #note(record: ClosedRecord): void {
    makeSmall(this.#disk, pathIn(this.#directory, closedName(this.epoch)), encodeClosed(record))
    this.#disk.syncDirectory(this.#directory)
  }

  #previousEnd(): PreviousEnd {
    const before = epochsIn(this.#disk, this.#directory, ownerEpoch).filter((epoch) => epoch < this.epoch)
    if (before.length === 0) return this.epoch === 1 ? 'none' : 'crashed'
    for (const epoch of before.reverse()) {
      const record = this.closedRecord(epoch)
      if (record === undefined) return 'crashed'
      if (record.served) return 'closed'
    }
    return 'none'
  }
}

const ownerEpoch = (name: FileName): number | undefined => (name.kind === 'owner' ? name.epoch : undefined)
const closedEpoch = (name: FileName): number | undefined => (name.kind === 'closed' ? name.epoch : undefined)
const anyEpoch = (name: FileName): number | undefined => ('epoch' in name ? name.epoch : undefined)

/** The epochs that `pick` finds in the names of our files, ascending. */
function epochsIn(disk: Disk, directory: string, pick: (name: FileName) => number | undefined): number[] {
  const epochs = disk.list(directory).map((name) => {
    const read = readName(name)
    return read === undefined ? undefined : pick(read)
  })
  return epochs.filter((epoch) => epoch !== undefined).sort((a, b) => a - b)
}

function readIfThere(disk: Disk, path: string): Uint8Array | undefined {
  try {
    return readSmall(disk, path, recordBytesMax)
  } catch (error) {
    if (faultCode(error) === 'ENOENT') return undefined
    throw error
  }
}

function lost(directory: string, epoch: number, cause: unknown): LockedError {
  return new LockedError(
    `${directory} was opened by another at the same time (epoch ${epoch}). Close it there, or open again with takeover: true.`,
    { cause },
  )
}
