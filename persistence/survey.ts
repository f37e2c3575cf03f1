/**
 * Looking at a data directory before anything in it is touched.
 *
 * Owns: the refusal of what is not ours or newer, and the list of segment files with their headers.
 * Leaves to `choose-segments.ts` which of them count, and to `prepare-directory.ts` making what is missing.
 *
 * U1. Nothing is made or changed here.
 * U2. A directory that holds files, none of them ours, is refused.
 * U3. One file of a newer format refuses the directory.
 */

import { isZero } from './bytes.ts'
import type { Disk } from './disk.ts'
import { faultCode, openingError, pathIn } from './disk-faults.ts'
import { DirectoryError, NewerFormatError } from './errors.ts'
import { headerBytes } from './limits.ts'
import { readMarker } from './marker.ts'
import type { Marker } from './marker.ts'
import { markerName, readName } from './names.ts'
import { decodeHeader, formatVersion } from './segment-header.ts'
import type { HeaderLook } from './segment-header.ts'
import { readSmall, withFile } from './small-file.ts'

/** Made by file systems themselves at the root of a volume. */
const neutralNames = new Set(['lost+found'])

export interface SegmentFile {
  readonly name: string
  readonly path: string
  readonly id: number
  readonly epoch: number
  readonly sizeBytes: number
  readonly look: HeaderLook | { readonly state: 'unreadable'; readonly error: unknown }
}

/** A file whose name says which prepared files an opener removed. */
export interface FreedNote {
  readonly name: string
  readonly id: number
  readonly epoch: number
}

export interface Survey {
  /** By id, then by epoch. */
  readonly segments: readonly SegmentFile[]
  readonly unknownFiles: readonly string[]
  /** Oldest first. */
  readonly asides: readonly string[]
  readonly freed: readonly FreedNote[]
  /** A journal was once completely made here. */
  readonly marker: Marker | undefined
}

/**
 * Refuses a path that cannot be a data directory of this version. Changes nothing; a missing directory is fine.
 * Throws `DirectoryError` or `NewerFormatError`.
 */
export function peek(disk: Disk, directory: string): void {
  try {
    const kind = disk.kind(directory)
    if (kind === 'absent') return
    if (kind === 'file') throw new DirectoryError(`${directory} is a file, not a directory.`)
    refuseForeign(directory, disk.list(directory))
    refuseNewer(surveyDirectory(disk, directory))
  } catch (error) {
    throw openingError(error, directory)
  }
}

export function surveyDirectory(disk: Disk, directory: string): Survey {
  const names = disk.list(directory)
  const segments: SegmentFile[] = []
  for (const name of names) {
    const read = readName(name)
    if (read?.kind === 'segment')
      segments.push(surveySegment(disk, pathIn(directory, name), { name, ...read }))
  }
  segments.sort((a, b) => a.id - b.id || a.epoch - b.epoch)
  return {
    segments,
    unknownFiles: names.filter((name) => readName(name) === undefined && !neutralNames.has(name)),
    asides: asidesIn(names),
    freed: names.flatMap(freedIn),
    marker: names.includes(markerName) ? readMarker(disk, pathIn(directory, markerName)) : undefined,
  }
}

/** Throws `NewerFormatError` for a file of a format that this version does not know. */
export function refuseNewer({ segments }: Survey): void {
  for (const { path, look } of segments) {
    if (look.state !== 'newer') continue
    throw new NewerFormatError(
      `${path} has format ${look.version}; this version reads up to ${formatVersion}. Use a newer unlost.`,
    )
  }
}

/** Whether all bytes behind the header block are zero. Throws a `DiskError`. */
export function restIsZero(disk: Disk, file: SegmentFile): boolean {
  return withFile(disk, disk.open(file.path, 'read'), (handle) => {
    const piece = Buffer.alloc(1024 * 1024)
    for (let at = headerBytes; at < file.sizeBytes; at += piece.length) {
      const count = disk.read(handle, piece, at)
      if (!isZero(piece.subarray(0, count))) return false
    }
    return true
  })
}

function surveySegment(
  disk: Disk,
  path: string,
  named: { name: string; id: number; epoch: number },
): SegmentFile {
  const { name, id, epoch } = named
  try {
    const block = readSmall(disk, path, headerBytes)
    const sizeBytes = withFile(disk, disk.open(path, 'read'), (file) => disk.size(file))
    const look = decodeHeader(block)
    const isHere =
      look.state !== 'whole' || (look.header.segmentId === id && look.header.ownerEpoch === epoch)
    return { name, path, id, epoch, sizeBytes, look: isHere ? look : { state: 'bad' } }
  } catch (error) {
    if (faultCode(error) === undefined) throw error
    return { name, path, id, epoch, sizeBytes: 0, look: { state: 'unreadable', error } }
  }
}

function refuseForeign(directory: string, names: readonly string[]): void {
  const foreign = names.filter((name) => readName(name) === undefined && !neutralNames.has(name))
  const ours = names.some((name) => readName(name) !== undefined)
  if (foreign.length === 0 || ours) return
  const shown = foreign.slice(0, 3).join(', ')
  throw new DirectoryError(
    `${directory} holds other files (${shown}) and no journal. Give an empty or a new directory.`,
  )
}

function asidesIn(names: readonly string[]): string[] {
  return names.filter((name) => readName(name)?.kind === 'aside')
}

function freedIn(name: string): FreedNote[] {
  const read = readName(name)
  return read?.kind === 'freed' ? [{ name, id: read.id, epoch: read.epoch }] : []
}
