/**
 * Real disks that are wrong on purpose: they say that they synced, and did not.
 *
 * Owns: the lies. Leaves to the tests the demand that their checks go red with each.
 */
import { inlineStores, nodeDisk } from '../../persistence/index.ts'
import type { Disk, OpenStore } from '../../persistence/index.ts'
import { SimulatedRandom } from '../simulated-random.ts'
import type { DiskLie } from './kill-words.ts'

/** Stores in line, on the real disk, with one lie. */
export function lyingStores(lie: DiskLie): OpenStore {
  return inlineStores({ disk: lyingDisk(lie), random: new SimulatedRandom(7), nowMs: () => Date.now() })
}

/** So many syncs are done while a directory is opened for the first time; lies about frames begin after them. */
const HONEST_SYNCS = 8

function lyingDisk(lie: DiskLie): Disk {
  if (lie === 'no-name-sync') return { ...nodeDisk, syncDirectory: () => {} }
  let syncs = 0
  const sync = (file: number): void => {
    syncs += 1
    const isDone = syncs <= HONEST_SYNCS || (lie === 'odd-sync' && syncs % 2 === 1)
    if (isDone) nodeDisk.sync(file)
  }
  return { ...nodeDisk, sync }
}
