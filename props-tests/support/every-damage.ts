/**
 * Every single damage of a kind that an image can have.
 *
 * Owns: walking bits, units, sizes and files. Leaves doing it to `damage-strike.ts`.
 *
 * ED1. Each bit up to the last used byte of each file, and one in each unit behind it, is turned over once.
 * ED2. Each unit is zeroed, repeated, shown as it was, and swapped with others; each file is cut at each unit and
 *      around each trace, removed, doubled and renamed.
 */
import { bytesOf, filesOf } from '../disk-damage.ts'
import type { Damage } from './damage-strike.ts'
import type { Image } from './image.ts'

const UNIT = 512

/** Single bits; with `every` only each so many-th of them, from `from` on. */
export function* everyBit({ disk }: Image, { every, from } = { every: 1, from: 0 }): Generator<Damage> {
  for (const [file, path] of filesOf(disk).entries()) {
    const used = usedBytes(bytesOf(disk, path))
    for (let bit = from; bit < used * 8; bit += every) yield { do: 'flip', file, at: bit, bits: 1 }
    for (let at = used + 1; at < bytesOf(disk, path).length; at += UNIT) {
      yield { do: 'flip', file, at: at * 8, bits: 1 }
    }
  }
}

/** One unit of a file, or some in a row. */
export function* everyUnit({ disk, earlier }: Image): Generator<Damage> {
  const units = filesOf(disk).map((path) => Math.ceil(usedBytes(bytesOf(disk, path)) / UNIT) + 1)
  for (const [file, all] of units.entries()) {
    for (let unit = 0; unit < all; unit += 1) {
      const where = { file, unit, count: 1 }
      yield { do: 'zero', ...where }
      yield { do: 'zero', ...where, count: 8 }
      yield { do: 'repeat', ...where }
      yield { do: 'unreadable', ...where }
      yield { do: 'garbage', seed: unit, ...where }
      yield { do: 'foreign', ...where }
      yield { do: 'stale', version: (file + unit) % earlier.length, ...where }
      const next = { file, unit: unit + 1, count: 1 }
      yield { do: 'swap', to: next, shift: 0, ...where }
      const other = (file + 1) % units.length
      const far = { file: other, unit: (unit * 7 + 3) % (units[other] ?? 1), count: 1 }
      yield { do: 'swap', to: far, shift: 0, ...where }
      yield { do: 'misdirect', to: far, shift: unit % 3, ...where }
    }
  }
}

/** Sizes: each unit, and one byte around each edge of what an operation wrote. */
export function* everyCut({ disk, steps }: Image): Generator<Damage> {
  for (const [file, path] of filesOf(disk).entries()) {
    const { length } = bytesOf(disk, path)
    const sizes = new Set(Array.from({ length: Math.ceil(length / UNIT) }, (_, i) => i * UNIT))
    for (const trace of steps.flatMap(({ traces }) => traces).filter((one) => one.path === path)) {
      for (const edge of [trace.start, trace.end]) [edge - 1, edge, edge + 1].forEach((at) => sizes.add(at))
    }
    for (const size of sizes) if (size >= 0 && size < length) yield { do: 'cut', file, size }
    for (const size of [1, UNIT, 4096, 65_536]) yield { do: 'grow', file, size }
  }
}

/** Whole files: gone, twice, under the name of another, as they were, or those of another journal. */
export function* everyFile({ disk, earlier }: Image): Generator<Damage> {
  const names = filesOf(disk).map((path) => path.slice(path.lastIndexOf('/') + 1))
  for (const [file, name] of names.entries()) {
    yield { do: 'remove', file }
    yield { do: 'make-directory', file }
    yield { do: 'foreign-file', file, version: 0 }
    for (const version of earlier.keys()) yield { do: 'old-file', file, version }
    for (const other of [...names, ...neighboursOf(name)].filter((one) => one !== name)) {
      yield { do: 'double', file, name: other }
      yield { do: 'rename', file, name: other }
    }
  }
  for (const [seed, name] of names.flatMap(neighboursOf).entries()) {
    for (const size of [0, 7, 4096, 70_000]) yield { do: 'plant', name, seed, size }
  }
}

/** The name with each of its last digits one higher and one lower, and what is none of ours. */
function neighboursOf(name: string): string[] {
  const numbers = [...name.matchAll(/\d{12}/g)]
  const shifted = numbers.flatMap(({ 0: digits, index }) =>
    [-1, 1].map((by) => {
      const number = String(Math.max(0, Number(digits) + by)).padStart(12, '0')
      return name.slice(0, index) + number + name.slice(index + 12)
    }),
  )
  return [...shifted, `${name}.bak`]
}

function usedBytes(bytes: Uint8Array): number {
  return bytes.findLastIndex((byte) => byte !== 0) + 1
}
