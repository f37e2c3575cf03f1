/**
 * The courtesy lock: a directory that is touched every second, for openers that cannot see this process.
 *
 * Owns: proper-lockfile and its timers. Leaves safety to the epoch (`claim.ts`) and visible owners to `owner-liveness.ts`.
 * Runs in the journal's thread only, because the package listens to signals where it is loaded, and a thread gets none.
 *
 * CL1. Nothing here ever throws from a timer, and losing the lock never stops the owner: it is taken again.
 * CL2. It never holds the process open.
 * CL3. Whoever claimed the epoch may break a lock that a dead owner left.
 */
import * as fs from 'node:fs'
import * as path from 'node:path'
import lockfile from 'proper-lockfile'
import { lockName } from './names.ts'

/** After this long without a touch the owner of a lock that cannot be seen counts as dead. */
export const staleMs = 5_000
const updateMs = 1_000

/** The lock's directory is made for its owner only, as all else is. */
const privateFs = {
  ...fs,
  mkdir: (name: string, done: fs.NoParamCallback) => fs.mkdir(name, { mode: 0o700 }, done),
}

export class CourtesyLock {
  readonly #directory: string
  #release: (() => Promise<void>) | undefined
  #wanted = true

  private constructor(directory: string) {
    this.#directory = directory
  }

  /** Takes the lock for the owner of the epoch. Never rejects: without the lock the epoch still protects. */
  static async take(directory: string): Promise<CourtesyLock> {
    const lock = new CourtesyLock(directory)
    breakLock(directory)
    await lock.#acquire()
    return lock
  }

  async #acquire(): Promise<void> {
    const options = { ...settings(this.#directory), update: updateMs, onCompromised: () => this.#lost() }
    try {
      this.#release = await lockfile.lock(this.#directory, options)
    } catch {
      // Without the lock the epoch still protects.
    }
    if (!this.#wanted) await this.release()
  }

  #lost(): void {
    this.#release = undefined
    if (this.#wanted) void this.#acquire()
  }

  /** Gives the lock back. Never rejects. */
  async release(): Promise<void> {
    this.#wanted = false
    const release = this.#release
    this.#release = undefined
    try {
      await release?.()
    } catch {
      // A lock that somebody else removed or took needs no releasing.
    }
  }
}

/** Whether somebody touched the lock lately. Errors count as no: the epoch decides then. */
export async function isLockFresh(directory: string): Promise<boolean> {
  try {
    return await lockfile.check(directory, settings(directory))
  } catch {
    return false
  }
}

function settings(directory: string) {
  return { lockfilePath: path.join(directory, lockName), realpath: false, stale: staleMs, fs: privateFs }
}

function breakLock(directory: string): void {
  try {
    fs.rmdirSync(path.join(directory, lockName))
  } catch {
    // Absent is the common case; whatever else keeps it there is for the attempt to lock to find.
  }
}
