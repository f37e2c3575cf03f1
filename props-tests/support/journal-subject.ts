/**
 * The real journal, in line, as the subject of crash runs.
 *
 * Owns: opening as the journal's thread does (look, claim, recover), with every source of chance decided.
 * Leaves liveness and the courtesy lock, which need real processes, to `processes/`.
 */
import { Journal, claim, newestOwner, peek, prepareDirectory } from '../../persistence/internal.ts'
import type { OwnerIdentity } from '../../persistence/internal.ts'
import type { Disk } from '../../persistence/index.ts'
import { SimulatedRandom } from '../simulated-random.ts'
import type { Subject } from './journal-run.ts'
import { startMs } from './runs.ts'
import { segmentBytes } from './store-rig.ts'

/** Where the journal under test lives. Its parent is the root. */
export const directory = '/data'

/** The journal as it is. */
export const rightSubject: Subject = { name: 'the journal', open: openJournal }

/** Claims the next epoch, whoever has the last, and recovers. `life` decides salts, times and identity. */
export function openJournal(disk: Disk, life: number): Journal {
  peek(disk, directory)
  prepareDirectory(disk, directory)
  const seen = newestOwner(disk, directory)
  const owned = claim(disk, { directory, identity: identityOf(life) }, seen)
  const random = new SimulatedRandom(1 + Math.round(life * 100))
  return Journal.open(
    { disk, directory, claim: owned },
    { segmentBytes, random, nowMs: () => startMs + life },
  )
}

function identityOf(life: number): OwnerIdentity {
  return {
    pid: 1,
    processStart: String(life),
    thread: '1',
    threadStart: String(life),
    bootId: 'simulated',
    pidNamespace: 'simulated',
    hostname: 'simulated',
    nonce: String(life),
    claimedAtMs: startMs + life,
    takeover: true,
  }
}
