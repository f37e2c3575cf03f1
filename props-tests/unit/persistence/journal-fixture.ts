/**
 * One journal after another on a simulated disk, for the tests of storage.
 *
 * Owns: opening as the journal's thread does, with every source of chance decided, and small batches.
 */
import assert from 'node:assert/strict'
import {
  checksum,
  claim,
  Journal,
  makeSmall,
  newestOwner,
  peek,
  prepareDirectory,
} from '../../../persistence/internal.ts'
import type { Claim, OwnerIdentity } from '../../../persistence/internal.ts'
import { CorruptError } from '../../../persistence/index.ts'
import type { Batch, Damage, Disk, Random, Run } from '../../../persistence/index.ts'
import { bytesOf, filesOf } from '../../disk-damage.ts'
import { SimulatedDisk } from '../../simulated-disk.ts'
import { SimulatedRandom } from '../../simulated-random.ts'

export const directory = '/data'
/** The smallest segment, in bytes, so that a test reaches several. */
export const segmentBytes = 64 * 1024

export interface FixtureOptions {
  readonly segmentBytes?: number
  readonly random?: Random
  readonly nowMs?: () => number
}

let lives = 0

/** Claims the next epoch, whoever has the last. */
export function claimNext(disk: Disk): Claim {
  return claim(disk, { directory, identity: identityOf(String((lives += 1))) }, newestOwner(disk, directory))
}

/** Claims the next epoch and recovers. */
export function openJournal(disk: Disk, options: FixtureOptions = {}): Journal {
  peek(disk, directory)
  prepareDirectory(disk, directory)
  const owned = claimNext(disk)
  const random = new SimulatedRandom(owned.epoch)
  return Journal.open(
    { disk, directory, claim: owned },
    { segmentBytes, random, nowMs: () => 1_700_000_000_000 + owned.epoch, ...options },
  )
}

export function identityOf(nonce: string): OwnerIdentity {
  const place = { bootId: 'boot', pidNamespace: 'here', hostname: 'host' }
  const process = { pid: 1, processStart: '1', thread: '1', threadStart: '1' }
  return { ...place, ...process, nonce, claimedAtMs: 0, takeover: true }
}

/** A run of one message of `size` bytes that tells its mailbox and offset. */
export function runOf(mailbox: number, firstOffset: number, size = 16): Run {
  const bytes = new Uint8Array(Math.max(8, size)).fill((firstOffset % 255) + 1)
  new DataView(bytes.buffer).setUint32(0, mailbox, true)
  new DataView(bytes.buffer).setUint32(4, firstOffset, true)
  return { mailbox, firstOffset, count: 1, timestampMs: 1000 + firstOffset, bytes }
}

export function batchOf(...runs: Run[]): Batch {
  return { events: [], runs }
}

export function eventsOf(...texts: string[]): Batch {
  return { events: texts.map((text) => Buffer.from(text)), runs: [] }
}

export function textsOf(events: readonly Uint8Array[]): string[] {
  return events.map((event) => Buffer.from(event).toString())
}

/** Commits messages `[first, first + count)` of mailbox 1, one batch each. */
export function fill(journal: Journal, messages: { first: number; count: number; size: number }): void {
  for (let i = messages.first; i < messages.first + messages.count; i += 1) {
    journal.commit(batchOf(runOf(1, i, messages.size)))
  }
}

/** Offsets of all messages of a mailbox, each checked against its bytes. */
export function offsetsIn(journal: Journal, mailbox: number, from = 0): number[] {
  const offsets: number[] = []
  for (let offset = from; ;) {
    const runs = journal.read(mailbox, offset, 4096)
    if (runs.length === 0) return offsets
    for (const run of runs) {
      const view = new DataView(run.bytes.buffer, run.bytes.byteOffset)
      if (view.getUint32(0, true) !== mailbox) throw new TypeError('a message of another mailbox')
      offsets.push(view.getUint32(4, true))
      offset = run.firstOffset + run.count
    }
  }
}

/** Paths of the segment files, oldest first. */
export function segmentsOf(disk: SimulatedDisk): string[] {
  return filesOf(disk).filter((path) => path.includes('/segment-'))
}

/** Every file that holds data, with its size and checksum: what a refusal must leave as it was. */
export function dataOf(disk: SimulatedDisk): string[] {
  const data = filesOf(disk).filter((path) => !path.includes('/owner-'))
  return data.map((path) => `${path} ${bytesOf(disk, path).length} ${checksum(bytesOf(disk, path))}`)
}

export function range(count: number, first = 0): number[] {
  return Array.from({ length: count }, (_, i) => first + i)
}

/** Tells an error by its code, and by its outcome where one is given. */
export function codeOf(code: string, outcome?: string): (error: unknown) => boolean {
  return (error) => {
    if (!(error instanceof Error) || !('code' in error) || error.code !== code) return false
    return outcome === undefined || ('outcome' in error && error.outcome === outcome)
  }
}

export const isCorrupt = codeOf('UNLOST_CORRUPT')

/** What a refusal says. */
export function damageOf(work: () => unknown): Damage {
  try {
    work()
  } catch (error) {
    if (error instanceof CorruptError) return error.damage
    throw error
  }
  throw new TypeError('it was not refused')
}

/** A disk with `count` messages of `size` bytes, its owner killed. */
export function killedDisk(count: number, size: number): SimulatedDisk {
  const disk = new SimulatedDisk()
  fill(openJournal(disk), { first: 0, count, size })
  disk.crash()
  disk.restart('kill')
  return disk
}

/** Where the bytes of a file that are not zero end. */
export function endOf(disk: SimulatedDisk, path: string): number {
  return usedIn(bytesOf(disk, path))
}

export function usedIn(bytes: Uint8Array): number {
  return bytes.findLastIndex((byte) => byte !== 0) + 1
}

/** Opening is refused as damage, and no byte of data was changed by it. */
export function refuses(disk: SimulatedDisk): void {
  const before = dataOf(disk)
  assert.throws(() => openJournal(disk), isCorrupt)
  assert.deepEqual(dataOf(disk), before)
}

export function overwriteFile(disk: SimulatedDisk, path: string, bytes: Uint8Array): void {
  if (disk.kind(path) === 'file') disk.remove(path)
  makeSmall(disk, path, bytes)
}
