/**
 * Damage as data: what rot, lost and misdirected writes, repair programs and people do to a directory.
 *
 * Owns: the words for a damage, and doing it to a disk. Leaves drawing them to `damage-arbitrary.ts`, the pieces to the
 * functions of `disk-damage.ts`.
 *
 * DS1. Any damage can be done to any image: numbers are taken modulo what is there.
 * DS2. The same damage does the same to the same image.
 */
import {
  bytesOf,
  duplicate,
  filesOf,
  flipBit,
  makeUnreadable,
  misdirect,
  overwrite,
  plant,
  plantDirectory,
  rename,
  resize,
  stale,
  swap,
  vanish,
  zero,
} from '../disk-damage.ts'
import type { PieceOfFile } from '../disk-damage.ts'
import type { SimulatedDisk } from '../simulated-disk.ts'
import { SimulatedRandom } from '../simulated-random.ts'
import { directory } from './journal-subject.ts'

/** Some units of one file, each of 512 bytes. */
export interface Units {
  readonly file: number
  readonly unit: number
  readonly count: number
}

export type Damage =
  | { readonly do: 'flip'; readonly file: number; readonly at: number; readonly bits: number }
  | ({ readonly do: 'zero' | 'unreadable' | 'repeat' } & Units)
  | ({ readonly do: 'garbage'; readonly seed: number } & Units)
  | ({ readonly do: 'stale'; readonly version: number } & Units)
  | ({ readonly do: 'foreign' } & Units)
  | ({ readonly do: 'swap' | 'misdirect'; readonly to: Units; readonly shift: number } & Units)
  | { readonly do: 'cut' | 'grow'; readonly file: number; readonly size: number }
  | { readonly do: 'remove' | 'make-directory'; readonly file: number }
  | { readonly do: 'old-file' | 'foreign-file'; readonly file: number; readonly version: number }
  | { readonly do: 'double' | 'rename'; readonly file: number; readonly name: string }
  | { readonly do: 'plant'; readonly name: string; readonly seed: number; readonly size: number }

/** What a damage can take bytes from. */
export interface Sources {
  readonly earlier: readonly SimulatedDisk[]
  /** The directory of another journal. */
  readonly foreign: SimulatedDisk
}

const UNIT = 512

/** Does it; nothing where there is nothing to damage. */
export function strike(disk: SimulatedDisk, damage: Damage, sources: Sources): void {
  if (damage.do === 'plant') {
    const bytes = new SimulatedRandom(damage.seed).bytes(damage.size)
    return plant(disk, `${directory}/${damage.name}`, bytes)
  }
  const path = pathOf(disk, damage.file)
  if (path !== undefined) strikeFile(disk, path, { damage, sources })
}

function strikeFile(
  disk: SimulatedDisk,
  path: string,
  { damage, sources }: { damage: Exclude<Damage, { do: 'plant' }>; sources: Sources },
): void {
  const size = bytesOf(disk, path).length
  switch (damage.do) {
    case 'flip':
      return flipBurst(disk, path, damage)
    case 'cut':
      return resize(disk, path, damage.size % (size + 1))
    case 'grow':
      return resize(disk, path, size + (damage.size % 100_000))
    case 'remove':
      return vanish(disk, path)
    case 'make-directory':
      return plantDirectory(disk, path)
    case 'double':
      return duplicate(disk, path, `${directory}/${damage.name}`)
    case 'rename':
      return rename(disk, path, `${directory}/${damage.name}`)
    case 'old-file':
      return copyFrom(disk, path, sources.earlier[damage.version % sources.earlier.length])
    case 'foreign-file':
      return copyFrom(disk, path, sources.foreign)
    default:
      if (size > 0) strikeUnits(disk, pieceOf(disk, path, damage), { damage, sources })
  }
}

type UnitDamage = Extract<Damage, Units>

function strikeUnits(
  disk: SimulatedDisk,
  piece: PieceOfFile,
  { damage, sources }: { damage: UnitDamage; sources: Sources },
): void {
  const { path, start, end } = piece
  switch (damage.do) {
    case 'zero':
      return zero(disk, path, { start, end })
    case 'unreadable':
      return makeUnreadable(disk, path, { start, end })
    case 'repeat':
      return misdirect(disk, piece, { path, position: end })
    case 'garbage': {
      const bytes = new SimulatedRandom(damage.seed).bytes(end - start)
      return overwrite(disk, path, { position: start, bytes })
    }
    case 'stale': {
      const earlier = sources.earlier[damage.version % sources.earlier.length]
      return earlier === undefined ? undefined : stale(disk, piece, earlier)
    }
    case 'foreign':
      return takeForeign(disk, piece, sources.foreign)
    case 'misdirect':
    case 'swap':
      return strikeTwo(disk, piece, damage)
  }
}

function strikeTwo(
  disk: SimulatedDisk,
  piece: PieceOfFile,
  damage: Extract<Damage, { do: 'swap' | 'misdirect' }>,
): void {
  const path = pathOf(disk, damage.to.file)
  if (path === undefined || bytesOf(disk, path).length === 0) return
  const to = pieceOf(disk, path, damage.to)
  if (damage.do === 'misdirect')
    return misdirect(disk, piece, { path, position: to.start + 8 * damage.shift })
  const length = Math.min(piece.end - piece.start, to.end - to.start)
  swap(disk, { ...piece, end: piece.start + length }, { ...to, end: to.start + length })
}

function flipBurst(
  disk: SimulatedDisk,
  path: string,
  { at, bits }: { readonly at: number; readonly bits: number },
): void {
  const all = bytesOf(disk, path).length * 8
  if (all === 0) return
  const first = at % all
  flipBit(disk, path, first)
  // A burst turns over its first and its last bit, and every third in between.
  for (let bit = first + 3; bit < Math.min(all, first + bits - 1); bit += 3) flipBit(disk, path, bit)
  if (bits > 1 && first + bits - 1 < all) flipBit(disk, path, first + bits - 1)
}

function takeForeign(disk: SimulatedDisk, { path, start, end }: PieceOfFile, foreign: SimulatedDisk): void {
  const from = pathOf(foreign, start)
  if (from === undefined) return
  overwrite(disk, path, { position: start, bytes: bytesOf(foreign, from).subarray(start, end) })
}

/** The file as another disk has it, under its own name or that of any of its files. */
function copyFrom(disk: SimulatedDisk, path: string, source: SimulatedDisk | undefined): void {
  if (source === undefined) return
  const from = filesOf(source).includes(path) ? path : pathOf(source, path.length)
  if (from !== undefined) plant(disk, path, bytesOf(source, from))
}

function pathOf(disk: SimulatedDisk, file: number): string | undefined {
  const paths = filesOf(disk)
  return paths[file % Math.max(1, paths.length)]
}

/** Counts units only as far as something is in them, so that most damage hits something. */
function pieceOf(disk: SimulatedDisk, path: string, { unit, count }: Units): PieceOfFile {
  const bytes = bytesOf(disk, path)
  const used = bytes.findLastIndex((byte) => byte !== 0) + 1
  const units = Math.ceil(used / UNIT) + 1
  const start = Math.min((unit % units) * UNIT, Math.max(0, bytes.length - 1))
  return { path, start, end: Math.min(bytes.length, start + Math.max(1, count) * UNIT) }
}
