/**
 * The tree of names of the simulated disk.
 *
 * Owns: walking paths, and the errors of paths that lead nowhere.
 * Leaves one directory's names to `simulated-directory.ts`.
 *
 * ST1. Paths are those of POSIX; a relative one starts at the root.
 * ST2. A missing step is ENOENT; a step through a file is ENOTDIR.
 */
import { posix } from 'node:path'
import type { Choices } from './choices.ts'
import { SimulatedDiskError } from './disk-errors.ts'
import { SimulatedDirectory, cloneEntry } from './simulated-directory.ts'
import type { Entry } from './simulated-directory.ts'
import { SimulatedFile } from './simulated-file.ts'

/** Where a name is, or would be. */
export interface Place {
  readonly parent: SimulatedDirectory
  readonly name: string
  readonly entry: Entry | undefined
}

export class SimulatedTree {
  #root = new SimulatedDirectory()

  /** What is at `path`; undefined when only the last name is missing. */
  lookUp(path: string, call: string): Entry | undefined {
    const { parent, name, entry } = this.place(path, call)
    return name === '' ? parent : entry
  }

  /** The parent of `path`, which must exist. The root is its own parent, under the empty name. */
  place(path: string, call: string): Place {
    const names = posix.resolve('/', path).split('/').filter(Boolean)
    const name = names.pop() ?? ''
    let parent: Entry = this.#root
    for (const step of names) {
      const next: Entry | undefined = parent.get(step)
      if (next === undefined) throw new SimulatedDiskError('ENOENT', path, call)
      if (next instanceof SimulatedFile) throw new SimulatedDiskError('ENOTDIR', path, call)
      parent = next
    }
    return { parent, name, entry: parent.get(name) }
  }

  /** As `lookUp`, but a missing step is nothing too. */
  lookUpOrNothing(path: string, call: string): Entry | undefined {
    try {
      return this.lookUp(path, call)
    } catch (error) {
      if (error instanceof SimulatedDiskError && error.code === 'ENOENT') return undefined
      throw error
    }
  }

  directory(path: string, call: string): SimulatedDirectory {
    const entry = this.lookUp(path, call)
    if (entry === undefined) throw new SimulatedDiskError('ENOENT', path, call)
    if (entry instanceof SimulatedFile) throw new SimulatedDiskError('ENOTDIR', path, call)
    return entry
  }

  /** Every file that has a name, by path, sorted. */
  files(): Map<string, SimulatedFile> {
    const found = new Map<string, SimulatedFile>()
    collect(this.#root, '', found)
    return found
  }

  /** The files of a directory that have a name after a power cut that takes all that it can, by name. */
  durableFiles(directory: string): Map<string, SimulatedFile> {
    let place: Entry | undefined = this.#root
    for (const step of posix.resolve('/', directory).split('/').filter(Boolean)) {
      place = place instanceof SimulatedDirectory ? place.durable.get(step) : undefined
    }
    const found = new Map<string, SimulatedFile>()
    if (!(place instanceof SimulatedDirectory)) return found
    for (const [name, entry] of place.durable) if (entry instanceof SimulatedFile) found.set(name, entry)
    return found
  }

  powerCut(choices: Choices): void {
    this.#root.powerCut(choices)
  }

  clone(copies: Map<Entry, Entry>): SimulatedTree {
    const copy = new SimulatedTree()
    const root = cloneEntry(this.#root, copies)
    if (root instanceof SimulatedDirectory) copy.#root = root
    return copy
  }
}

function collect(directory: SimulatedDirectory, prefix: string, found: Map<string, SimulatedFile>): void {
  for (const name of directory.names()) {
    const entry = directory.get(name)
    const path = `${prefix}/${name}`
    if (entry instanceof SimulatedFile) found.set(path, entry)
    else if (entry !== undefined) collect(entry, path, found)
  }
}
