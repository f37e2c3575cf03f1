/**
 * Reading what a failed system call means.
 *
 * Owns: the test for a `DiskError`, the codes that mean "no space" and those that mean "not usable", paths.
 * Leaves to the callers what follows from it.
 */

import { BrokenError, DirectoryError, DiskFullError, UnlostError } from './errors.ts'

const unusable = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EISDIR', 'ELOOP', 'ENAMETOOLONG'])

/** The system's word for the failure, if it was a system call that failed. */
export function faultCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || error instanceof UnlostError) return undefined
  // Node's own mistakes are spelt ERR_…; the system's words have no underscore.
  return 'code' in error && typeof error.code === 'string' && /^E[A-Z0-9]+$/u.test(error.code)
    ? error.code
    : undefined
}

/** Whether the disk, or the user's share of it, is full. */
export function isFull(error: unknown): boolean {
  const code = faultCode(error)
  return code === 'ENOSPC' || code === 'EDQUOT'
}

/** Whether the path cannot be used at all: no permission, read-only, not a directory. */
export function isUnusable(error: unknown): boolean {
  return unusable.has(faultCode(error) ?? '')
}

/** The typed error for a failure while a directory is opened; what is no system call's comes back as it is. */
export function openingError(error: unknown, directory: string): unknown {
  const code = faultCode(error)
  if (code === undefined) return error
  if (isFull(error)) {
    const message = `${directory} cannot be opened: no space is left (${code}). Free some and open again.`
    return new DiskFullError(message, { cause: error, outcome: 'not-written' })
  }
  if (!isUnusable(error)) {
    return new BrokenError(`${directory} cannot be opened: ${code}.`, {
      cause: error,
      outcome: 'not-written',
    })
  }
  return new DirectoryError(`${directory} cannot be used: ${code}. Check its path and its permissions.`, {
    cause: error,
  })
}

/** The path of `name` inside `directory`. */
export function pathIn(directory: string, name: string): string {
  return directory.endsWith('/') || directory.endsWith('\\') ? `${directory}${name}` : `${directory}/${name}`
}
