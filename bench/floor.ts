/**
 * The raw floor: the least that any program must do which confirms messages after an fsync.
 *
 * Owns: a bare loop that gathers what arrived, writes it with one positional write into a file of zeros, makes one
 * fdatasync and resolves one promise a message; once so that the program goes on meanwhile, and once so that it stands
 * still. Leaves everything else out on purpose: there is no framing, checksum, number, recovery or owner.
 */
import * as fs from 'node:fs'
import { join } from 'node:path'
import type { Contender, Subject } from './subject.ts'

const FILE_BYTES = 32 * 1024 * 1024
const BATCH_BYTES_MAX = 1024 * 1024

interface Waiting {
  readonly value: Uint8Array
  readonly resolve: () => void
}

abstract class Floor implements Subject {
  protected readonly file: number
  protected readonly batch = Buffer.allocUnsafeSlow(BATCH_BYTES_MAX)
  readonly #make: () => Uint8Array
  #position = 0
  #waiting: Waiting[] = []
  #isBusy = false

  constructor(directory: string, make: () => Uint8Array) {
    this.file = openZeroFilled(join(directory, 'floor'))
    this.#make = make
  }

  send(): Promise<void> {
    const value = this.#make()
    return new Promise((resolve) => {
      if (this.#waiting.length === 0 && !this.#isBusy) setImmediate(() => this.#flush())
      this.#waiting.push({ value, resolve })
    })
  }

  #flush(): void {
    const waiting = this.#waiting
    this.#waiting = []
    this.#isBusy = true
    const length = this.#gather(waiting)
    if (this.#position + length > FILE_BYTES) this.#position = 0
    const at = this.#position
    this.#position += length
    this.commit(length, at, () => this.#confirm(waiting))
  }

  #gather(waiting: readonly Waiting[]): number {
    let length = 0
    for (const { value } of waiting) {
      this.batch.set(value, length)
      length += value.length
    }
    return length
  }

  #confirm(waiting: readonly Waiting[]): void {
    this.#isBusy = false
    for (const { resolve } of waiting) resolve()
    if (this.#waiting.length > 0) setImmediate(() => this.#flush())
  }

  /** Writes the first `length` bytes of the batch and syncs them. */
  protected abstract commit(length: number, position: number, done: () => void): void

  async settled(): Promise<void> {}

  async close(): Promise<void> {
    fs.closeSync(this.file)
  }
}

/** The program goes on while the disk works, as an application has to. */
class OpenFloor extends Floor {
  protected override commit(length: number, position: number, done: () => void): void {
    fs.write(this.file, this.batch, 0, length, position, (failed) => {
      if (failed) throw failed
      fs.fdatasync(this.file, (error) => {
        if (error) throw error
        done()
      })
    })
  }
}

/** The program stands still while the disk works: no timer, no request, no handler runs. */
class StandingFloor extends Floor {
  protected override commit(length: number, position: number, done: () => void): void {
    fs.writeSync(this.file, this.batch, 0, length, position)
    fs.fdatasyncSync(this.file)
    done()
  }
}

/** A file whose blocks are allocated and written, so that a sync has no metadata to commit. */
export function openZeroFilled(path: string, bytes = FILE_BYTES): number {
  const file = fs.openSync(path, 'w+', 0o600)
  const zeros = Buffer.alloc(1024 * 1024)
  for (let at = 0; at < bytes; at += zeros.length) fs.writeSync(file, zeros, 0, zeros.length, at)
  fs.fsyncSync(file)
  return file
}

export function floors(make: () => Uint8Array): [Contender, Contender] {
  return [
    { name: 'raw floor', open: async (directory) => new OpenFloor(directory, make) },
    { name: 'standing still', open: async (directory) => new StandingFloor(directory, make) },
  ]
}
