/**
 * A store that is wrong on purpose: it confirms each batch first, and writes it afterwards.
 *
 * Owns: the wrapping. Leaves to the tests the demand that their checks go red with it.
 */
import type { Batch, Committed, OpenStore, Store } from '../../persistence/index.ts'

const nothing: Committed = { eventBytesSinceCheckpoint: 0, journalBytes: 0 }

/** How many turns of the event loop a batch is late. */
const LATE_TURNS = 3

/** Opens as `open` does, and confirms too early from then on. */
export function confirmEarly(open: OpenStore): OpenStore {
  return async (directory, options) => early(await open(directory, options))
}

function early(store: Store): Store {
  let queue = Promise.resolve()
  const behind = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    await queue
    return work()
  }
  return {
    recovered: store.recovered,
    limits: store.limits,
    commit: (batch) => {
      const late = copyOf(batch)
      queue = writeLate(store, queue, late)
      return Promise.resolve(nothing)
    },
    read: (mailbox, offset, bytesMax) => behind(() => store.read(mailbox, offset, bytesMax)),
    offsetAt: (mailbox, timestampMs) => behind(() => store.offsetAt(mailbox, timestampMs)),
    checkpoint: (state) => behind(() => store.checkpoint(state)),
    trim: (firsts) => behind(() => store.trim(firsts)),
    release: () => behind(() => store.release()),
  }
}

async function writeLate(store: Store, before: Promise<void>, batch: Batch): Promise<void> {
  await before
  for (let i = 0; i < LATE_TURNS; i += 1) await new Promise((resolve) => setImmediate(resolve))
  await store.commit(batch)
}

function copyOf(batch: Batch): Batch {
  return {
    events: batch.events.map((event) => Uint8Array.from(event)),
    runs: batch.runs.map((run) => ({ ...run, bytes: Uint8Array.from(run.bytes) })),
  }
}
