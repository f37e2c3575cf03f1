/**
 * From a path to a claim, on any disk: refuse what is not ours to use, make what is missing, claim what is free.
 *
 * Owns: that order. Leaves each step to its module.
 *
 * CD1. What is refused was not changed; what is missing is made only when the path may be used.
 */
import type { Claim } from './claim.ts'
import { faultCode, openingError } from './disk-faults.ts'
import type { Disk } from './disk.ts'
import { takeOwnership } from './ownership.ts'
import type { OwnershipPorts } from './ownership.ts'
import { prepareDirectory } from './prepare-directory.ts'
import { peek } from './survey.ts'

/** Throws `DirectoryError`, `NewerFormatError`, `LockedError` or `DiskFullError`. */
export async function claimDirectory(
  ports: OwnershipPorts,
  directory: string,
  takeover: boolean,
): Promise<Claim> {
  try {
    peekCalmly(ports.disk, directory)
    prepareDirectory(ports.disk, directory)
    return await takeOwnership(ports, directory, takeover)
  } catch (error) {
    throw openingError(error, directory)
  }
}

/** A file that goes away under the look is the work of an owner, whom the claim will meet. */
function peekCalmly(disk: Disk, directory: string): void {
  try {
    peek(disk, directory)
  } catch (error) {
    if (faultCode(error) !== 'ENOENT') throw error
  }
}
