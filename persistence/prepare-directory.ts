/**
 * Making a data directory that is missing, durably.
 *
 * Owns: the way from a path to a directory whose name, and those of its parents, survive a power cut.
 * Leaves to `survey.ts` whether the path may be used, and to the journal what is in it.
 *
 * PD1. What was made is durable when this returns; so is what somebody else made before and did not sync.
 */

import type { Disk } from './disk.ts'
import { faultCode, isUnusable, openingError, pathIn } from './disk-faults.ts'
import { DirectoryError } from './errors.ts'
import { markerName } from './names.ts'

/**
 * Makes a directory that is missing, with its parents, each made durable. Throws `DirectoryError`.
 * Until a journal is complete in it, names that are there are synced too: whoever made them may have crashed before.
 */
export function prepareDirectory(disk: Disk, directory: string): void {
  try {
    makePath(disk, directory)
    if (disk.kind(pathIn(directory, markerName)) === 'absent') syncPath(disk, directory)
  } catch (error) {
    throw openingError(error, directory)
  }
}

function makePath(disk: Disk, directory: string): void {
  const kind = disk.kind(directory)
  if (kind === 'directory') return
  if (kind === 'file') throw new DirectoryError(`${directory} is a file, not a directory.`)
  const parent = parentOf(directory)
  if (parent !== directory) makePath(disk, parent)
  try {
    disk.makeDirectory(directory)
  } catch (error) {
    if (faultCode(error) !== 'EEXIST') throw error
  }
  disk.syncDirectory(parent)
}

function syncPath(disk: Disk, directory: string): void {
  const parent = parentOf(directory)
  try {
    disk.syncDirectory(parent)
  } catch (error) {
    // A directory above ours that we may not even open is not one that we, or a crashed process of ours, made.
    if (!isUnusable(error)) throw error
  }
  if (parent !== directory && parent !== '.') syncPath(disk, parent)
}

function parentOf(directory: string): string {
  const trimmed = directory.replace(/[/\\]+$/u, '')
  if (trimmed === '') return directory
  const cut = Math.max(trimmed.lastIndexOf('/'), trimmed.lastIndexOf('\\'))
  if (cut < 0) return '.'
  return cut === 0 ? trimmed.slice(0, 1) : trimmed.slice(0, cut)
}
