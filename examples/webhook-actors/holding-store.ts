/**
 * A store that goes silent: the worst moment for a turn.
 *
 * Owns: not answering a commit that is on disk. Leaves everything else to the real store.
 *
 * From then on the runtime waits; whatever the commit held is durable, and no memory knows it. Then comes the kill.
 */
// In your own program there is no need for this: the kill finds such moments by itself, now and then.
import type { Committed, OpenStore } from '../../persistence/index.ts'

/** `mustHold` is asked after each commit; `holding` is told once. */
export function holdingStore(open: OpenStore, mustHold: () => boolean, holding: () => void): OpenStore {
  return async (directory, options) => {
    const store = await open(directory, options)
    return {
      recovered: store.recovered,
      limits: store.limits,
      read: (mailbox, offset, bytesMax) => store.read(mailbox, offset, bytesMax),
      offsetAt: (mailbox, timestampMs) => store.offsetAt(mailbox, timestampMs),
      checkpoint: (state) => store.checkpoint(state),
      trim: (firsts) => store.trim(firsts),
      release: () => store.release(),
      commit: async (batch): Promise<Committed> => {
        const committed = await store.commit(batch)
        if (!mustHold()) return committed
        holding()
        return new Promise(() => {})
      },
    }
  }
}
