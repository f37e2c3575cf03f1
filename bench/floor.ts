/**
 * The raw floor: the least that any program must do which confirms messages after an fsync.
 *
 * Owns: a bare loop that gathers what arrived, writes it with one positional write into a file of zeros, makes one
 * fdatasync and resolves one promise a message. Leaves everything else out on purpose: there is no framing, checksum,
 * number, recovery, owner or second thread.
 */
import * as fs from 'node:fs'
import { join } from 'node:path'
import { VALUE_BYTES, type Contender, type Subject } from './subject.ts'

const FILE_BYTES = 32 * 1024 * 1024
const BATCH_BYTES_MAX = 1024 * 1024

interface Waiting {
  readonly value: Uint8Array
  readonly resolve: () => void
}

class Floor implements Subject {
  readonly #file: number
  readonly #value = Buffer.alloc(VALUE_BYTES, 7)
  readonly #batch = Buffer.allocUnsafeSlow(BATCH_BYTES_MAX)
  #position = 0
  #waiting: Waiting[] = []

  constructor(directory: string) {
    this.#file = openZeroFilled(join(directory, 'floor'))
  }

  send(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#waiting.length === 0) setImmediate(() => this.#flush())
      this.#waiting.push({ value: this.#value, resolve })
    })
  }

  #flush(): void {
    const waiting = this.#waiting
    this.#waiting = []
    let length = 0
    for (const { value } of waiting) {
      this.#batch.set(value, length)
      length += value.length
    }
    if (this.#position + length > FILE_BYTES) this.#position = 0
    fs.writeSync(this.#file, this.#batch, 0, length, this.#position)
    fs.fdatasyncSync(this.#file)
    this.#position += length
    for (const { resolve } of waiting) resolve()
  }

  async settled(): Promise<void> {}

  async close(): Promise<void> {
    fs.closeSync(this.#file)
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

export const floor: Contender = { name: 'raw floor', open: async (directory) => new Floor(directory) }
