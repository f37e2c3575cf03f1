/**
 * What the simulated disk throws.
 *
 * Owns: the failed system call and the crash. Leaves to the code under test what it makes of either.
 *
 * DE1. A failed call carries the system's word in `code`, as a real one does.
 * DE2. A crash is not a failed call: it has no system code, and nothing after it reaches the disk.
 */
import type { DiskError } from '../persistence/index.ts'

/** A system call that failed in the simulation. */
export class SimulatedDiskError extends Error implements DiskError {
  override readonly name = 'SimulatedDiskError'
  readonly code: string
  readonly path: string

  constructor(code: string, path: string, call: string) {
    super(`${code}: simulated ${call} '${path}'`)
    this.code = code
    this.path = path
  }
}

/** The process died here. It unwinds through the code under test; catching it changes nothing. */
export class SimulatedCrash extends Error {
  override readonly name = 'SimulatedCrash'

  constructor(where: string) {
    super(`the simulated process is dead: ${where}`)
  }
}
