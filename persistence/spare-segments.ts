/**
 * Files of zeros made ahead of need, so that no commit waits for one.
 *
 * Owns: the port, and the form that works in line. Leaves to `spare-maker.ts` the form with its own thread.
 *
 * P1. `ready` means: data, size and name are durable.
 * P2. A file that failed to be made is gone again, as far as the disk lets it.
 * P3. One file is under way at most.
 */

import assert from 'node:assert/strict'

import type { Disk } from './disk.ts'
import { faultCode } from './disk-faults.ts'
import { makeZeros } from './small-file.ts'

/** What is to be made. */
export interface SpareOrder {
  readonly directory: string
  readonly path: string
  readonly sizeBytes: number
}

/** How the file that was ordered last stands. `error` is what the disk threw. */
export type SpareState =
  { readonly state: 'none' | 'making' | 'ready' } | { readonly state: 'failed'; readonly error: unknown }

export interface SpareSegments {
  /** Begins to make a file. Not while one is being made. */
  order(order: SpareOrder): void
  poll(): SpareState
  /** As `poll`, but waits until nothing is being made. */
  settle(): SpareState
  /** The ready file was put to use, or removed, by the journal. */
  taken(): void
}

/** Makes the file inside the call to `order`. */
export class InlineSpares implements SpareSegments {
  readonly #disk: Disk
  #state: SpareState = { state: 'none' }

  constructor(disk: Disk) {
    this.#disk = disk
  }

  order(order: SpareOrder): void {
    assert.notEqual(this.#state.state, 'making', 'P3: one at a time')
    this.#state = makeSpare(this.#disk, order)
  }

  poll(): SpareState {
    return this.#state
  }

  settle(): SpareState {
    return this.#state
  }

  taken(): void {
    this.#state = { state: 'none' }
  }
}

/** A commit that has to wait for so much waits well below a millisecond. */
const STRETCH_BYTES = 128 * 1024

/** Makes one file of zeros, its name included; removes what is left of it when that fails. */
export function makeSpare(disk: Disk, order: SpareOrder): SpareState {
  try {
    makeZeros(disk, order.path, { sizeBytes: order.sizeBytes, stretchBytes: STRETCH_BYTES })
    disk.syncDirectory(order.directory)
    return { state: 'ready' }
  } catch (error) {
    // A file that was there before is not ours to remove.
    if (faultCode(error) !== 'EEXIST') removeIfThere(disk, order.path)
    return { state: 'failed', error }
  }
}

function removeIfThere(disk: Disk, path: string): void {
  try {
    disk.remove(path)
  } catch {
    // What could not be removed is a file of zeros: the next opening removes it.
  }
}
