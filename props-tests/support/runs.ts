/**
 * Runs for tests of stores: made so that none can pass for another, and read so that they compare.
 *
 * Owns: making runs, and reading a mailbox to its end. Leaves to each suite what it expects.
 */
import assert from 'node:assert/strict'
import type { Run, Store } from '../../persistence/index.ts'

/** Wall time of the first run, in milliseconds since 1970. */
export const startMs = 1_767_225_600_000

/** A run whose bytes follow from its place, so that no other run can pass for it. */
export function runOf(place: readonly [mailbox: number, firstOffset: number, count: number], size = 40): Run {
  const [mailbox, firstOffset, count] = place
  const bytes = new Uint8Array(size)
  for (let i = 0; i < size; i += 1) bytes[i] = (mailbox * 7 + firstOffset * 13 + count * 29 + i * 31) % 256
  return { mailbox, firstOffset, count, timestampMs: startMs + firstOffset, bytes }
}

/** What one read gives, with plain bytes. */
export async function readRuns(
  store: Store,
  at: readonly [mailbox: number, offset: number],
  bytesMax: number,
): Promise<Run[]> {
  const runs = await store.read(at[0], at[1], bytesMax)
  return runs.map((run) => ({ ...run, bytes: plain(run.bytes) }))
}

/** Reads on from `offset` until nothing comes, and holds the runs to being contiguous. */
export async function readAll(
  store: Store,
  at: readonly [mailbox: number, offset: number],
  bytesMax = 10_000,
): Promise<Run[]> {
  const [mailbox, offset] = at
  const found: Run[] = []
  let next = offset
  for (;;) {
    const runs = await readRuns(store, [mailbox, next], bytesMax)
    if (runs.length === 0) return found
    for (const run of runs) {
      assert.ok(run.firstOffset === next || (found.length === 0 && run.firstOffset < next), 'contiguous')
      next = run.firstOffset + run.count
      found.push(run)
    }
  }
}

/** The same bytes as a plain array of bytes, so that a Buffer and a Uint8Array compare. */
export function plain(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(bytes)
}

export function text(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : Buffer.from(bytes).toString()
}

export function texts(list: readonly Uint8Array[]): (string | undefined)[] {
  return list.map(text)
}
