/**
 * Opening a directory of this machine, in the journal's thread: claim, lock, recover.
 *
 * Owns: the real ports, and giving the lock back when recovery refuses. Leaves each step to its module.
 *
 * OO1. A directory that is refused is left without our lock, and its claim is given up.
 */
import { claimDirectory } from './claim-directory.ts'
import { CourtesyLock, isLockFresh, staleMs } from './courtesy-lock.ts'
import { Journal } from './journal.ts'
import { nodeDisk } from './node-disk.ts'
import { SpareMaker } from './spare-maker.ts'
import { pause, systemProcesses, systemRandom, wallMs } from './system.ts'
import type { ThreadStart } from './thread-messages.ts'

export interface OwnedJournal {
  readonly journal: Journal
  readonly lock: CourtesyLock
}

const ports = { disk: nodeDisk, processes: systemProcesses, staleMs, isLockFresh, pause }

/** Throws the typed error that says why the directory cannot be opened. */
export async function openOwned({ directory, segmentBytes, takeover }: ThreadStart): Promise<OwnedJournal> {
  const claim = await claimDirectory(ports, directory, takeover)
  const lock = await CourtesyLock.take(directory)
  try {
    const options = { segmentBytes, random: systemRandom, nowMs: wallMs, spare: new SpareMaker(nodeDisk) }
    return { journal: Journal.open({ disk: nodeDisk, directory, claim }, options), lock }
  } catch (error) {
    await lock.release()
    throw error
  }
}
