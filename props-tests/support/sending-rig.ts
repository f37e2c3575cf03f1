/**
 * A runtime on a store in memory and a clock that tests advance.
 *
 * Owns: opening and reopening it, watching what becomes of promises, and reading what was committed.
 * Leaves what is sent to each test.
 */
import assert from 'node:assert/strict'
import { openRuntime, type Runtime, type RuntimeEvents, type RuntimeOptions } from '../../runtime/index.ts'
import { readEvent, readRun, type LedgerEvent, type StoredMessage } from '../../runtime/internal.ts'
import type { Batch } from '../../persistence/index.ts'
import { SimulatedClock, SimulatedExecutor, SimulatedRandom } from '../index.ts'
import { memoryDisk, MemoryStore, type MemoryDisk } from './memory-store.ts'

export interface RigOptions extends RuntimeOptions {
  readonly disk?: MemoryDisk
  readonly simulated?: SimulatedClock
  /** The largest batch that the store takes; a larger one fails the test. */
  readonly batchBytesMax?: number
}

/** A clock whose deferred tasks run only while it is advanced: what one throws is met there. */
export function manualClock(): SimulatedClock {
  return new SimulatedClock({ executor: new SimulatedExecutor({ isManual: true }) })
}

/** What a batch weighs, as the journal counts it: 4 bytes an event, 40 a run, besides their bytes. */
export function weigh(batch: Batch): number {
  const eventBytes = batch.events.reduce((sum, event) => sum + 4 + event.length, 0)
  return batch.runs.reduce((sum, run) => sum + 40 + run.bytes.length, eventBytes)
}

class SizedStore extends MemoryStore {
  override readonly limits: { readonly batchBytesMax: number }

  constructor(disk: MemoryDisk, batchBytesMax: number) {
    super(disk)
    this.limits = { batchBytesMax }
  }
}

export interface Rig {
  readonly clock: SimulatedClock
  readonly disk: MemoryDisk
  readonly store: MemoryStore
  readonly runtime: Runtime
  /** Lets everything happen that can, without time passing. */
  settle(): Promise<void>
}

export async function openRig(options: RigOptions = {}): Promise<Rig> {
  const { disk = memoryDisk(), simulated: clock = new SimulatedClock(), batchBytesMax, ...rest } = options
  const store = new SizedStore(disk, batchBytesMax ?? 4 * 1024 * 1024)
  store.beforeCommit = (batch) => assert.ok(weigh(batch) <= store.limits.batchBytesMax, 'a batch that fits')
  const runtime = await openRuntime('in memory', {
    clock,
    random: new SimulatedRandom(1),
    store: async () => store,
    ...rest,
  })
  return { clock, disk, store, runtime, settle: () => clock.advance(0) }
}

/** The same disk under a new owner, as after a crash. */
export function reopen(rig: Rig, options: RigOptions = {}): Promise<Rig> {
  return openRig({ disk: rig.disk, simulated: rig.clock, ...options })
}

/** What has become of a promise by now. */
export class Fate<Value> {
  state: 'pending' | 'fulfilled' | 'rejected' = 'pending'
  value: Value | undefined
  error: unknown

  constructor(promise: Promise<Value>) {
    promise.then(
      (value) => Object.assign(this, { state: 'fulfilled', value }),
      (error: unknown) => Object.assign(this, { state: 'rejected', error }),
    )
  }

  /** Code and outcome of the error, or the state. */
  get words(): string {
    if (this.state !== 'rejected') return this.state
    const { code, outcome } = this.error as { code?: string; outcome?: string }
    return `${code} ${outcome}`
  }
}

interface Deferred {
  readonly promise: Promise<void>
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** A promise that the test settles. */
export function deferred(): Deferred {
  const parts: { resolve?: () => void; reject?: (error: unknown) => void } = {}
  const promise = new Promise<void>((resolve, reject) => Object.assign(parts, { resolve, reject }))
  return { promise, resolve: () => parts.resolve?.(), reject: (error) => parts.reject?.(error) }
}

/** Every message on the disk, in the order of its mailbox. */
export function stored(disk: MemoryDisk): StoredMessage[] {
  return disk.batches.flatMap((batch) => batch.runs.flatMap((run) => readRun(run, 0)))
}

/** The JSON values on the disk. */
export function values(disk: MemoryDisk): unknown[] {
  return stored(disk).map((message) => JSON.parse(message.value.toString()) as unknown)
}

export function events(disk: MemoryDisk): LedgerEvent[] {
  return disk.batches.flatMap((batch) => batch.events.map((event) => readEvent(event)))
}

/** Events of the runtime as they come. */
export function listenTo<Name extends keyof RuntimeEvents>(
  runtime: Runtime,
  name: Name,
): RuntimeEvents[Name][] {
  const found: RuntimeEvents[Name][] = []
  runtime.on(name, (event) => found.push(event))
  return found
}

/** Sequences are 1, 2, 3 … for each producer and mailbox, whatever happened (G3). */
export function assertNoGap(disk: MemoryDisk): void {
  const last = new Map<string, number>()
  for (const batch of disk.batches) {
    for (const run of batch.runs) {
      for (const message of readRun(run, 0)) {
        const key = `${run.mailbox}/${message.producer}`
        assert.equal(message.sequence, (last.get(key) ?? 0) + 1, `producer ${key}`)
        last.set(key, message.sequence)
      }
    }
  }
}
