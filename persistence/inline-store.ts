/**
 * Stores without a thread, over any disk: for simulations, where one seed must decide every step.
 *
 * Owns: opening in line, and who counts as a living owner there. Leaves the work to `journal.ts`, the same code that the
 * thread runs.
 *
 * IL1. The same disk, random and clock give the same calls and the same bytes.
 * IL2. The stores of one opener lock each other out, as those of one process do; the owners that another opener made are
 *      of a process that died: they are followed at once, and fenced.
 */
import { claimDirectory } from './claim-directory.ts'
import type { Disk } from './disk.ts'
import { JournalStore } from './journal-store.ts'
import { Journal } from './journal.ts'
import { segmentBytesDefault } from './limits.ts'
import type { OwnerIdentity } from './owner-identity.ts'
import type { Processes } from './owner-liveness.ts'
import type { OwnershipPorts } from './ownership.ts'
import type { Random } from './random.ts'
import type { OpenStore } from './store.ts'

/** The world of an in-line store. */
export interface InlineWorld {
  readonly disk: Disk
  readonly random: Random
  /** Milliseconds since 1970. */
  readonly nowMs: () => number
}

const NONCE_BYTES = 8
const PLACE = 'in line'

/**
 * Makes an opener of in-line stores. Each opener stands for one process: after a simulated crash make a new one.
 * Not for a directory that real processes share, because they cannot see whether its owner is alive.
 *
 * @example
 * const open = inlineStores({ disk, random, nowMs: () => clock.nowMs() })
 * const store = await open('/data', { segmentBytes: 64 * 1024 })
 */
export function inlineStores(world: InlineWorld): OpenStore {
  const living = new Set<string>()
  return async (directory, { segmentBytes = segmentBytesDefault, takeover = false }) => {
    const { disk, random, nowMs } = world
    const self = ownerIn(world)
    const ended = () => living.delete(self.thread)
    living.add(self.thread)
    try {
      const claim = await claimDirectory(portsOf(disk, self, living), directory, takeover)
      const journal = Journal.open({ disk, directory, claim }, { segmentBytes, random, nowMs })
      return new InlineStore(journal, ended)
    } catch (error) {
      ended()
      throw error
    }
  }
}

class InlineStore extends JournalStore {
  readonly #ended: () => void

  constructor(journal: Journal, ended: () => void) {
    super(journal)
    this.#ended = ended
  }

  override release(): Promise<void> {
    this.#ended()
    return super.release()
  }
}

/** The nonce stands for the thread, so that looking at an owner is looking for it among the living. */
function ownerIn({ random, nowMs }: InlineWorld): OwnerIdentity {
  const nonce = Buffer.from(random.bytes(NONCE_BYTES)).toString('hex')
  return {
    pid: 0,
    processStart: PLACE,
    thread: nonce,
    threadStart: PLACE,
    bootId: PLACE,
    pidNamespace: PLACE,
    hostname: PLACE,
    nonce,
    claimedAtMs: nowMs(),
    takeover: false,
  }
}

function portsOf(disk: Disk, self: OwnerIdentity, living: ReadonlySet<string>): OwnershipPorts {
  const processes: Processes = {
    identify: (takeover) => ({ ...self, takeover }),
    look: (_, thread) =>
      living.has(thread)
        ? { kind: 'seen', processStart: PLACE, threadStart: PLACE, stopped: false }
        : { kind: 'gone' },
  }
  return { disk, processes, staleMs: 0, isLockFresh: () => Promise.resolve(false), pause: noPause }
}

/** Nobody writes beside a single thread, so there is nothing to wait for. */
function noPause(): Promise<void> {
  return Promise.resolve()
}
