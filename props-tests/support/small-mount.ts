/**
 * A small file system of its own, where this process may mount one.
 *
 * Owns: mounting and taking down. Leaves to each test what to do where it may not: to be skipped, and to say so.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface SmallMount {
  readonly directory: string
  /** From now on nothing on it can be changed. */
  makeReadOnly(): void
  dispose(): void
}

/** A file system of so many KiB in memory; undefined where that is not allowed. */
export function mountSmall(sizeKib: number): SmallMount | undefined {
  const directory = mkdtempSync(join(tmpdir(), 'unlost-mount-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeKib}k`, 'none', directory], { stdio: 'ignore' })
  } catch {
    rmSync(directory, { recursive: true })
    return undefined
  }
  return {
    directory,
    makeReadOnly: () => void execFileSync('mount', ['-o', 'remount,ro', directory], { stdio: 'ignore' }),
    dispose: () => {
      execFileSync('umount', ['-l', directory], { stdio: 'ignore' })
      rmSync(directory, { recursive: true })
    },
  }
}
