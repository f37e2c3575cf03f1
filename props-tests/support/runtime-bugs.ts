/**
 * Runtimes that are wrong on purpose: the crash runs must find each of them.
 *
 * Owns: the list, planted by wrapping the disk or the store. Leaves the demand to `faults/runtime-bugs.test.ts`.
 *
 * RX1. Each bug is one that a real system had; most show nothing while nothing crashes, and `bug-list.ts` marks the rest.
 */
import { FencedError } from '../../persistence/index.ts'
import type { Batch, Committed, Store } from '../../persistence/index.ts'
import { readEvent } from '../../runtime/internal.ts'
import type { LedgerEvent } from '../../runtime/internal.ts'
import { wrapDisk } from './disk-wrapper.ts'
import type { Bug } from './runtime-run.ts'

export const runtimeBugs: readonly Bug[] = [
  { name: 'confirmed before the sync', onDisk: (disk) => wrapDisk(disk, { sync: () => undefined }) },
  {
    name: 'the names of files are not synced',
    onDisk: (disk) => wrapDisk(disk, { syncDirectory: () => undefined }),
  },
  { name: 'confirmed one batch early', onStore: oneBatchEarly },
  lazySync(),
  { name: 'an owner that was replaced confirms all the same', onStore: unfenced },
  { name: 'what was committed last cannot be read', onStore: lateIndex },
  dropping('acks are not written', ({ kind }) => kind === 'ack'),
  dropping('leases are not written', ({ kind }) => kind === 'lease'),
  dropping('advances are not written', ({ kind }) => kind === 'advance'),
  dropping('retries are not written', ({ kind }) => kind === 'retry'),
  dropping('deaths are not written', ({ kind }) => kind === 'dead'),
  dropping('message ids are not written', ({ kind }) => kind === 'identified'),
  dropping('epochs of producers are not written', ({ kind }) => kind === 'producer'),
  {
    name: 'an ack and what it hands over are two commits, the ack first',
    onStore: (store) => split(store, 'ack'),
    breaks: /torn-batch/,
  },
  {
    name: 'an ack and what it hands over are two commits, the ack last',
    onStore: (store) => split(store, 'messages'),
    breaks: /torn-batch|duplicated-effect/,
  },
  {
    name: 'message ids are forgotten by a restart',
    onStore: (store) => forget(store, 'identified'),
    breaks: /duplicate-append/,
  },
  { name: 'retries are forgotten by a restart', onStore: (store) => forget(store, 'retry') },
  { name: 'a checkpoint holds the state before the last one', onStore: staleCheckpoints },
  { name: 'a trim frees one message too many', onStore: greedyTrims },
  { name: 'reading passes over a run', onStore: losingReads },
]

const nothing: Committed = { eventBytesSinceCheckpoint: 0, journalBytes: 0 }

type Changes = Partial<Pick<Store, 'commit' | 'read' | 'checkpoint' | 'trim' | 'release' | 'recovered'>>

function replace(store: Store, changes: Changes): Store {
  return {
    recovered: store.recovered,
    limits: store.limits,
    commit: (batch) => store.commit(batch),
    read: (mailbox, offset, bytesMax) => store.read(mailbox, offset, bytesMax),
    offsetAt: (mailbox, timestampMs) => store.offsetAt(mailbox, timestampMs),
    checkpoint: (state) => store.checkpoint(state),
    trim: (firsts) => store.trim(firsts),
    release: () => store.release(),
    ...changes,
  }
}

function copyOf(batch: Batch): Batch {
  return {
    events: batch.events.map((event) => Uint8Array.from(event)),
    runs: batch.runs.map((run) => ({ ...run, bytes: Uint8Array.from(run.bytes) })),
  }
}

function dropping(name: string, isDropped: (event: LedgerEvent) => boolean): Bug {
  const onStore = (store: Store): Store =>
    replace(store, {
      commit: (batch) =>
        store.commit({ ...batch, events: batch.events.filter((bytes) => !isDropped(readEvent(bytes))) }),
    })
  return { name, onStore }
}

/** Each batch is written when the next one comes, and confirmed at once. */
function oneBatchEarly(store: Store): Store {
  let held: Batch | undefined
  const flush = async (): Promise<void> => {
    const batch = held
    held = undefined
    if (batch !== undefined) await store.commit(batch)
  }
  return replace(store, {
    commit: async (batch) => {
      const next = copyOf(batch)
      await flush()
      held = next
      return nothing
    },
    read: async (mailbox, offset, bytesMax) => {
      const found = await store.read(mailbox, offset, bytesMax)
      if (found.length > 0) return found
      await flush()
      return store.read(mailbox, offset, bytesMax)
    },
    checkpoint: async (state) => {
      await flush()
      return store.checkpoint(state)
    },
    trim: async (firsts) => {
      await flush()
      return store.trim(firsts)
    },
    release: async () => {
      await flush()
      return store.release()
    },
  })
}

/** A sender waits for its sync; acks, leases and what handlers hand over are left to the next one. */
function lazySync(): Bug {
  let isLazy = false
  return {
    name: 'commits that nobody waits for are not synced',
    onDisk: (disk) =>
      wrapDisk(disk, {
        sync: (file) => {
          if (!isLazy) disk.sync(file)
        },
      }),
    onStore: (store) =>
      replace(store, {
        commit: (batch) => {
          isLazy = batch.runs.length === 0 || batch.events.some((bytes) => readEvent(bytes).kind === 'ack')
          // The store in line has done all of it when it answers.
          const committed = store.commit(batch)
          isLazy = false
          return committed
        },
      }),
  }
}

function unfenced(store: Store): Store {
  return replace(store, {
    commit: (batch) =>
      store.commit(batch).catch((error: unknown) => {
        if (error instanceof FencedError) return nothing
        throw error
      }),
  })
}

/** Small runs: their place is noted only with the next commit. Those that keep up get them from memory all the same. */
function lateIndex(store: Store): Store {
  let unseen = new Set<string>()
  return replace(store, {
    commit: async (batch) => {
      const committed = await store.commit(batch)
      const small = batch.runs.filter(({ bytes }) => bytes.length < 600)
      if (batch.runs.length > 0) unseen = new Set(small.map(nameOf))
      return committed
    },
    read: async (mailbox, offset, bytesMax) => {
      const runs = await store.read(mailbox, offset, bytesMax)
      return runs.filter((run) => !unseen.has(nameOf(run)))
    },
  })
}

function nameOf({ mailbox, firstOffset }: Batch['runs'][number]): string {
  return `${mailbox}@${firstOffset}`
}

/** Acknowledgements, and all the rest, in two commits. */
function split(store: Store, first: 'ack' | 'messages'): Store {
  return replace(store, {
    commit: async (batch) => {
      const acks = batch.events.filter((bytes) => readEvent(bytes).kind === 'ack')
      if (acks.length === 0 || batch.runs.length === 0) return store.commit(batch)
      const rest = copyOf({ runs: batch.runs, events: batch.events.filter((bytes) => !acks.includes(bytes)) })
      const alone = copyOf({ runs: [], events: acks })
      await store.commit(first === 'ack' ? alone : rest)
      return store.commit(first === 'ack' ? rest : alone)
    },
  })
}

function forget(store: Store, kind: LedgerEvent['kind']): Store {
  const events = store.recovered.events.filter((bytes) => readEvent(bytes).kind !== kind)
  return replace(store, { recovered: { ...store.recovered, events } })
}

function staleCheckpoints(store: Store): Store {
  let before: Uint8Array | undefined
  return replace(store, {
    checkpoint: (state) => {
      const stale = before ?? state
      before = Uint8Array.from(state)
      return store.checkpoint(stale)
    },
  })
}

function greedyTrims(store: Store): Store {
  const floors = new Map<number, number>()
  return replace(store, {
    trim: (firsts) => {
      for (const [mailbox, first] of firsts) floors.set(mailbox, first + 1)
      return store.trim(firsts)
    },
    read: async (mailbox, offset, bytesMax) => {
      const runs = await store.read(mailbox, offset, bytesMax)
      return runs.filter((run) => run.firstOffset + run.count > (floors.get(mailbox) ?? 0))
    },
  })
}

/** Only after an opening: what was just sent comes from memory. */
function losingReads(store: Store): Store {
  return replace(store, {
    read: async (mailbox, offset, bytesMax) => {
      const runs = await store.read(mailbox, offset, bytesMax)
      return runs.length > 1 ? runs.filter((_, i) => i !== 1) : runs
    },
  })
}
