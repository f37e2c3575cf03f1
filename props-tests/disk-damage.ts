/**
 * Damage to bytes at rest: what a disk, a cable or a person does to files while nobody writes.
 *
 * Owns: one function per kind of damage. Leaves faults of calls to `disk-fault.ts`.
 *
 * DD1. Damage is done to cache and platter alike, so no restart undoes it.
 * DD2. It needs bytes at rest: call `restart('power', chooseLast)` first if something was not synced.
 */
import assert from 'node:assert/strict'
import type { SimulatedDisk } from './simulated-disk.ts'
import { SimulatedDirectory } from './simulated-directory.ts'
import { SimulatedFile } from './simulated-file.ts'

/** Bytes `[start, end)` of a file. */
export interface PieceOfFile {
  readonly path: string
  readonly start: number
  readonly end: number
}

/** A place in a file. */
export interface PlaceInFile {
  readonly path: string
  readonly position: number
}

/** The bytes of a file as a reader sees them, past all counting and faults. */
export function bytesOf(disk: SimulatedDisk, path: string): Uint8Array {
  return fileAt(disk, path).bytes()
}

/** Paths of all files, sorted. */
export function filesOf(disk: SimulatedDisk): string[] {
  return [...disk.tree.files().keys()]
}

/** Turns one bit over. Bit 0 is the lowest of byte 0. */
export function flipBit(disk: SimulatedDisk, path: string, bit: number): void {
  fileAt(disk, path).edit((bytes) => {
    const index = Math.floor(bit / 8)
    const byte = bytes[index]
    assert.ok(byte !== undefined, `bit ${bit} is past the end of ${path}`)
    bytes[index] = byte ^ (1 << (bit % 8))
  })
}

/** Replaces bytes, as a foreign block does. What would lie past the end of the file is left out. */
export function overwrite(
  disk: SimulatedDisk,
  path: string,
  at: { position: number; bytes: Uint8Array },
): void {
  fileAt(disk, path).edit((bytes) => {
    if (at.position < bytes.length) {
      bytes.set(at.bytes.subarray(0, bytes.length - at.position), at.position)
    }
  })
}

/** A piece of one file lands in another place, of this file or of another: what a misdirected write leaves. */
export function misdirect(disk: SimulatedDisk, from: PieceOfFile, to: PlaceInFile): void {
  const bytes = bytesOf(disk, from.path).subarray(from.start, from.end)
  overwrite(disk, to.path, { position: to.position, bytes })
}

/** Two pieces of the same length change places. */
export function swap(disk: SimulatedDisk, one: PieceOfFile, other: PieceOfFile): void {
  const [first, second] = [one, other].map(({ path, start, end }) => bytesOf(disk, path).slice(start, end))
  assert.ok(first !== undefined && second !== undefined && first.length === second.length, 'of one length')
  overwrite(disk, one.path, { position: one.start, bytes: second })
  overwrite(disk, other.path, { position: other.start, bytes: first })
}

/** A piece shows again what it held in `earlier`, a clone of this disk: what a lost write leaves, noticed late. */
export function stale(disk: SimulatedDisk, piece: PieceOfFile, earlier: SimulatedDisk): void {
  const { path, start, end } = piece
  const now = bytesOf(disk, path).length
  const then = filesOf(earlier).includes(path) ? bytesOf(earlier, path) : new Uint8Array(0)
  const bytes = new Uint8Array(Math.max(0, Math.min(end, now) - start))
  bytes.set(then.subarray(start, start + bytes.length))
  overwrite(disk, path, { position: start, bytes })
}

/** Fills `[start, end)` with zeros. */
export function zero(disk: SimulatedDisk, path: string, range: { start: number; end: number }): void {
  fileAt(disk, path).edit((bytes) => bytes.fill(0, range.start, range.end))
}

/** Cuts a file, or lengthens it with zeros. */
export function resize(disk: SimulatedDisk, path: string, size: number): void {
  fileAt(disk, path).resize(size)
}

/** Reads of `[start, end)` fail with EIO from now on. */
export function makeUnreadable(
  disk: SimulatedDisk,
  path: string,
  range: { start: number; end: number },
): void {
  fileAt(disk, path).makeUnreadable(range.start, range.end)
}

/** The file is gone, as if it had never been there. */
export function vanish(disk: SimulatedDisk, path: string): void {
  const { parent, name, entry } = disk.tree.place(path, 'damage')
  assert.ok(entry !== undefined, `${path} is not there`)
  parent.edit(name, undefined)
}

/** A new file with these bytes, as another program or a person leaves it. Replaces what is at `path`. */
export function plant(disk: SimulatedDisk, path: string, bytes: Uint8Array): void {
  const { parent, name } = disk.tree.place(path, 'damage')
  const file = disk.makeFile()
  file.resize(bytes.length)
  file.edit((all) => all.set(bytes))
  parent.edit(name, file)
}

/** A directory where a file was, or nothing. */
export function plantDirectory(disk: SimulatedDisk, path: string): void {
  const { parent, name } = disk.tree.place(path, 'damage')
  parent.edit(name, new SimulatedDirectory())
}

/** A file bears another name. Replaces what is at `to`. */
export function rename(disk: SimulatedDisk, from: string, to: string): void {
  duplicate(disk, from, to)
  if (from !== to) vanish(disk, from)
}

/** A second file with the same bytes, as a person with a backup makes it. Replaces what is at `to`. */
export function duplicate(disk: SimulatedDisk, from: string, to: string): void {
  const { parent, name } = disk.tree.place(to, 'damage')
  parent.edit(name, fileAt(disk, from).clone())
}

function fileAt(disk: SimulatedDisk, path: string): SimulatedFile {
  const entry = disk.tree.lookUp(path, 'damage')
  assert.ok(entry instanceof SimulatedFile, `${path} is not a file`)
  return entry
}
