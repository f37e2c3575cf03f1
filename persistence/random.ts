/**
 * The random port of storage: where identities and salts come from.
 *
 * Owns: one signature. Leaves to `system.ts` the real source and to `props-tests/` the seeded twin.
 *
 * N1. `bytes` returns a fresh array of exactly `count` bytes that the caller may keep.
 */

export interface Random {
  bytes(count: number): Uint8Array
}
