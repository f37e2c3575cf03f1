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
import { SimulatedFile } from './simulated-file.ts'

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

/** Replaces bytes, as a stale block that came back or a foreign one does. */
export function overwrite(
  disk: SimulatedDisk,
  path: string,
  at: { position: number; bytes: Uint8Array },
): void {
  fileAt(disk, path).edit((bytes) => {
    bytes.set(at.bytes.subarray(0, Math.max(0, bytes.length - at.position)), at.position)
  })
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
