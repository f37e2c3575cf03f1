/**
 * Which cases are run twice, to show that a run is decided by its case alone.
 *
 * Owns: the choice. It follows from the case, so a replay makes the same one.
 */
import { crc32 } from 'node:zlib'

/** One case in `every`. */
export function isDoubled(one: unknown, every = 100): boolean {
  return crc32(JSON.stringify(one)) % every === 0
}
