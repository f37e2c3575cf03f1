/**
 * Opening a directory of this machine, in the journal's thread: look, claim, lock, recover.
 *
 * Owns: the order, and giving up what was taken when a later step fails. Leaves each step to its module.
 *
 * OO1. A directory that is refused is left without our lock, and its claim is given up.
 */
import { CourtesyLock, isLockFresh, staleMs } from './courtesy-lock.ts'
import { faultCode, openingError } from './disk-faults.ts'
import { Journal } from './journal.ts'
import { nodeDisk } from './node-disk.ts'
import { takeOwnership } from './ownership.ts'
import { SpareMaker } from './spare-maker.ts'
import { peek, prepareDirectory } from './survey.ts'
import { pause, systemProcesses, systemRandom, wallMs } from './system.ts'
import type { ThreadStart } from './thread-messages.ts'

export interface OwnedJournal {
  readonly journal: Journal
  readonly lock: CourtesyLock
}

const ports = { disk: nodeDisk, processes: systemProcesses, staleMs, isLockFresh, pause }

/** Throws the typed error that says why the directory cannot be opened. */
export async function openOwned(start: ThreadStart): Promise<OwnedJournal> {
  try {
    return await open(start)
  } catch (error) {
    throw openingError(error, start.directory)
  }
}

async function open({ directory, segmentBytes, takeover }: ThreadStart): Promise<OwnedJournal> {
  peekCalmly(directory)
  prepareDirectory(nodeDisk, directory)
  const claim = await takeOwnership(ports, directory, takeover)
  const lock = await CourtesyLock.take(directory)
  try {
    const options = { segmentBytes, random: systemRandom, nowMs: wallMs, spare: new SpareMaker(nodeDisk) }
    return { journal: Journal.open({ disk: nodeDisk, directory, claim }, options), lock }
  } catch (error) {
    await lock.release()
    throw error
  }
}

/** A file that goes away under the look is the work of an owner, whom the claim will meet. */
function peekCalmly(directory: string): void {
  try {
    peek(nodeDisk, directory)
  } catch (error) {
    if (faultCode(error) !== 'ENOENT') throw error
  }
}
