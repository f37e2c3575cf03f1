/**
 * The random port, and the only file of this folder that touches ambient randomness.
 *
 * Owns: where jitter comes from. Leaves ids and salts on disk to persistence.
 *
 * RA1. Nothing that is stored depends on it, except when a retry falls due.
 */
import { randomBytes } from 'node:crypto'

export interface Random {
  /** A number in [0, 1). */
  fraction(): number
  bytes(count: number): Uint8Array
}

/** The randomness of this machine. */
export const systemRandom: Random = {
  fraction: () => randomBytes(4).readUInt32LE(0) / 2 ** 32,
  bytes: (count) => randomBytes(count),
}
