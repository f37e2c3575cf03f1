/**
 * The disk under a traced process, made again step by step in memory.
 *
 * Owns: doing steps on a simulated disk. Leaves reading the trace to `disk-steps.ts`, crashing to `trace-crashes.ts`.
 *
 * TP1. After all steps the files seen are those of the real directory, byte for byte.
 * TP2. A name that came or went while its directory was synced by another thread is not durable by that sync.
 */
import type { FileHandle } from '../../persistence/index.ts'
import { SimulatedDisk } from '../index.ts'
import type { DiskStep } from './disk-steps.ts'

type Entry = ReturnType<SimulatedDisk['tree']['lookUp']>

export class TraceReplay {
  readonly disk: SimulatedDisk
  /** What a removed name pointed at. */
  readonly #gone = new Map<string, Entry>()
  /** By the name that they were made under, so that writes to a file that lost it still find it. */
  readonly #handles = new Map<string, FileHandle>()

  constructor(disk: SimulatedDisk) {
    this.disk = disk
  }

  /** The process was killed, and another one goes on with what the page cache holds. */
  nextLife(): void {
    this.#handles.clear()
    this.disk.restart('kill')
  }

  do(step: DiskStep): void {
    const { disk } = this
    switch (step.do) {
      case 'make-directory':
        return disk.makeDirectory(step.path)
      case 'create':
        return void this.#handles.set(step.path, disk.open(step.path, 'create'))
      case 'remove':
      case 'remove-directory':
        return this.#remove(step.path)
      case 'write':
        return disk.write(this.#handle(step.path), step.bytes, step.position)
      case 'truncate':
        return disk.truncate(this.#handle(step.path), step.size)
      case 'sync':
        return this.#sync(step)
    }
  }

  #sync({ path, beside }: Extract<DiskStep, { do: 'sync' }>): void {
    if (this.disk.kind(path) !== 'directory') return this.disk.sync(this.#handle(path))
    this.disk.syncDirectory(path)
    for (const name of beside) this.#unsettle(name)
  }

  /** The disk port removes files only; the one directory that comes and goes is the courtesy lock. */
  #remove(path: string): void {
    const { parent, name, entry } = this.disk.tree.place(path, 'replay')
    this.#gone.set(path, entry)
    parent.set(name, undefined)
  }

  #handle(path: string): FileHandle {
    const known = this.#handles.get(path)
    if (known !== undefined) return known
    const opened = this.disk.open(path, 'write')
    this.#handles.set(path, opened)
    return opened
  }

  /** As seen: as it is. As durable: as it was. */
  #unsettle(path: string): void {
    const { parent, name, entry } = this.disk.tree.place(path, 'replay')
    const before = entry === undefined ? this.#gone.get(path) : undefined
    parent.edit(name, before)
    parent.set(name, entry)
  }
}
