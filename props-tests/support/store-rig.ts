/**
 * One store after another in one directory, for the suites that every store must pass.
 *
 * Owns: opening, killing and opening again. Leaves to the world what store it is, and on what disk.
 */
import type { Committed, Run, Store, StoreOptions } from '../../persistence/index.ts'

/** Where stores of one kind live. */
export interface StoreWorld {
  /** Opens the one directory of this world. The first call finds it empty. */
  readonly open: (options?: StoreOptions) => Promise<Store>
  /** Ends the owner as SIGKILL does: nothing is released, the page cache stays. */
  readonly kill: () => Promise<void>
  readonly dispose: () => Promise<void>
  /** Whether a second opener is told at once that the directory is open (G10). Default false. */
  readonly hasLock?: boolean
  /** Damages a byte of the oldest message, where the world can. */
  readonly damage?: () => void
}

/** Small, so that a test reaches several of them. In bytes. */
export const segmentBytes = 64 * 1024

export class StoreRig {
  readonly world: StoreWorld
  #store: Store

  private constructor(world: StoreWorld, store: Store) {
    this.world = world
    this.#store = store
  }

  /** Opens the first store of a new world. */
  static async begin(world: StoreWorld): Promise<StoreRig> {
    return new StoreRig(world, await world.open({ segmentBytes }))
  }

  /** The store that was opened last. */
  get store(): Store {
    return this.#store
  }

  async open(options: StoreOptions = {}): Promise<void> {
    this.#store = await this.world.open({ segmentBytes, ...options })
  }

  async killAndOpen(): Promise<void> {
    await this.world.kill()
    await this.open()
  }

  /** Commits runs as one batch without events. */
  send(...runs: Run[]): Promise<Committed> {
    return this.#store.commit({ events: [], runs })
  }

  /** Commits one event alone. */
  note(event: string): Promise<Committed> {
    return this.#store.commit({ events: [Buffer.from(event)], runs: [] })
  }
}
