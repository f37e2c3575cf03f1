/**
 * Storage that a dead process cannot reach.
 *
 * Owns: holding back every call and every answer after a death, so that code that still runs in memory can neither
 * change nor learn anything. Leaves storing to the store within.
 *
 * FS1. After the death no call reaches the store, and no promise of it settles: a dead process hears nothing.
 */
import type { OpenStore, Store } from '../../persistence/index.ts'

/** A promise that is never kept. */
export function never<Result>(): Promise<Result> {
  return new Promise<Result>(() => {})
}

/** `open` as a process has it that dies when `isDead` says so. */
export function fencedStore(open: OpenStore, isDead: () => boolean): OpenStore {
  const fence = async <Result>(call: () => Promise<Result>): Promise<Result> => {
    if (isDead()) return never()
    try {
      const result = await call()
      return isDead() ? await never<Result>() : result
    } catch (error) {
      if (isDead()) return never()
      throw error
    }
  }
  return (directory, options) => fence(async () => wrap(await open(directory, options), fence))
}

type Fence = <Result>(call: () => Promise<Result>) => Promise<Result>

function wrap(store: Store, fence: Fence): Store {
  return {
    recovered: store.recovered,
    limits: store.limits,
    commit: (batch) => fence(() => store.commit(batch)),
    read: (mailbox, offset, bytesMax) => fence(() => store.read(mailbox, offset, bytesMax)),
    offsetAt: (mailbox, timestampMs) => fence(() => store.offsetAt(mailbox, timestampMs)),
    checkpoint: (state) => fence(() => store.checkpoint(state)),
    trim: (firsts) => fence(() => store.trim(firsts)),
    release: () => fence(() => store.release()),
  }
}
