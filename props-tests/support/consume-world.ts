/**
 * A runtime over a store in memory and a clock by hand, for tests of the consuming side.
 *
 * Owns: opening, crashing and opening again, and the list of events that were raised. Leaves to each test what it
 * sends, how its handlers end, and what must be true.
 *
 * CW1. A crash copies what is committed and lets nothing of the dead process reach it afterwards.
 */
import { openRuntime, type Runtime, type RuntimeEventName, type RuntimeOptions } from '../../runtime/index.ts'
import type { Batch, Committed } from '../../persistence/index.ts'
import { SimulatedClock, SimulatedRandom } from '../index.ts'
import { MemoryStore, memoryDisk, type MemoryDisk } from './memory-store.ts'

/** A store that says how much it holds and remembers what it was told to free. */
export class WatchedStore extends MemoryStore {
  readonly trims: ReadonlyMap<number, number>[] = []
  /** Called after each commit, before it is answered: wait for ever to crash between the two. */
  beforeAnswer: () => Promise<void> = () => Promise.resolve()
  #journalBytes = 0

  override async commit(batch: Batch): Promise<Committed> {
    const committed = await super.commit(batch)
    this.#journalBytes += 1_000
    await this.beforeAnswer()
    return { ...committed, journalBytes: this.#journalBytes }
  }

  override async trim(firsts?: ReadonlyMap<number, number>): Promise<Committed> {
    this.trims.push(new Map(firsts))
    return { ...(await super.trim()), journalBytes: this.#journalBytes }
  }
}

export interface Raised {
  readonly name: RuntimeEventName
  readonly event: unknown
}

const eventNames: readonly RuntimeEventName[] = [
  'gap',
  'duplicate',
  'step-back',
  'stalled',
  'dead-letter',
  'data-loss',
  'corruption',
  'broken',
  'interceptor-error',
]

export class World {
  clock = new SimulatedClock()
  disk: MemoryDisk = memoryDisk()
  store: WatchedStore = new WatchedStore(this.disk)
  readonly raised: Raised[] = []
  #runtime: Runtime | undefined
  #options: RuntimeOptions = {}

  get runtime(): Runtime {
    if (this.#runtime === undefined) throw new TypeError('the world is not open')
    return this.#runtime
  }

  /** Opens what is on the disk. */
  async open(options: RuntimeOptions = this.#options): Promise<Runtime> {
    this.#options = options
    this.store = new WatchedStore(this.disk)
    const runtime = await openRuntime('memory', {
      clock: this.clock,
      random: new SimulatedRandom(7),
      store: () => Promise.resolve(this.store),
      ...options,
    })
    for (const name of eventNames) runtime.on(name, (event) => this.raised.push({ name, event }))
    this.#runtime = runtime
    return runtime
  }

  /** The process ends here and now; the next one opens what was committed. */
  async crash(options: RuntimeOptions = this.#options): Promise<Runtime> {
    this.store.beforeCommit = () => new Promise<void>(() => {})
    this.store.beforeAnswer = () => new Promise<void>(() => {})
    const { batches, checkpoint, eventsAfterCheckpoint } = this.disk
    this.disk = { batches: [...batches], checkpoint, eventsAfterCheckpoint: [...eventsAfterCheckpoint] }
    this.clock = new SimulatedClock({ startMs: this.clock.nowMs() })
    return this.open(options)
  }

  /** Lets everything happen that can happen now. */
  settle(): Promise<void> {
    return this.clock.advance(0)
  }

  events(name: RuntimeEventName): unknown[] {
    return this.raised.filter((raised) => raised.name === name).map(({ event }) => event)
  }
}

export async function openWorld(options: RuntimeOptions = {}): Promise<World> {
  const world = new World()
  await world.open(options)
  return world
}

export interface Deferred<Value = void> {
  readonly promise: Promise<Value>
  readonly resolve: (value: Value) => void
  readonly reject: (error: unknown) => void
}

export function deferred<Value = void>(): Deferred<Value> {
  const parts: { resolve?: (value: Value) => void; reject?: (error: unknown) => void } = {}
  const promise = new Promise<Value>((resolve, reject) => Object.assign(parts, { resolve, reject }))
  return {
    promise,
    resolve: (value) => parts.resolve?.(value),
    reject: (error) => parts.reject?.(error),
  }
}

/** How a promise stands, once nothing else can happen. */
export async function standing(world: World, promise: Promise<unknown>): Promise<string> {
  let state = 'pending'
  promise.then(
    () => (state = 'resolved'),
    (error: unknown) => (state = error instanceof Error ? error.name : 'rejected'),
  )
  await world.settle()
  return state
}
