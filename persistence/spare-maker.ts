/**
 * Spare segments made by a thread of their own, so that no commit waits for zeros.
 *
 * Owns: handing an order to that thread, and its state as seen from the journal's thread. Leaves the making to
 * `makeSpare`, and the other end to `spare-worker.ts`.
 *
 * SM1. Nothing waits for the thread to come up, which begins with the first order: an order waits with us until then,
 *      and is made in line if it is needed before.
 * SM2. A failure arrives as the disk's own error, with its code.
 * SM3. Who waits for a file waits until it is made or failed: to be woken is no proof, because the thread's word and its
 *     wake-up are two steps, and the wake-up that belongs to an earlier word may come late.
 */
import assert from 'node:assert/strict'
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads'
import type { MessagePort } from 'node:worker_threads'
import type { Disk } from './disk.ts'
import { makeSpare } from './spare-segments.ts'
import type { SpareOrder, SpareSegments, SpareState } from './spare-segments.ts'
import { decodeError } from './wire-error.ts'
import type { WireError } from './wire-error.ts'
import { startThread } from './worker-entry.ts'

/** What the thread of spares is started with. */
export interface SpareStart {
  readonly port: MessagePort
  readonly word: SharedArrayBuffer
}

/** The states of the shared word. */
export const SPARE_WORD = { starting: 0, resting: 1, making: 2, ready: 3, failed: 4 } as const

export class SpareMaker implements SpareSegments {
  readonly #disk: Disk
  #thread: SpareThread | undefined
  /** An order that the thread was not yet there to take. */
  #waiting: SpareOrder | undefined
  #state: SpareState = { state: 'none' }

  /** `disk` is only used for what is needed before the thread is there; the thread has the real one. */
  constructor(disk: Disk) {
    this.#disk = disk
  }

  order(order: SpareOrder): void {
    assert.notEqual(this.#state.state, 'making')
    this.#state = { state: 'making' }
    this.#waiting = order
    this.#thread ??= startSpareThread()
    this.#handOver()
  }

  poll(): SpareState {
    this.#handOver()
    this.#look()
    return this.#state
  }

  settle(): SpareState {
    this.#handOver()
    if (this.#waiting !== undefined) {
      this.#state = makeSpare(this.#disk, this.#waiting)
      this.#waiting = undefined
    }
    const word = this.#thread?.word
    if (this.#state.state === 'making' && word !== undefined) waitWhileMaking(word)
    return this.poll()
  }

  taken(): void {
    this.#state = { state: 'none' }
  }

  #handOver(): void {
    const thread = this.#thread
    if (this.#waiting === undefined || thread === undefined) return
    if (Atomics.load(thread.word, 0) === SPARE_WORD.starting) return
    Atomics.store(thread.word, 0, SPARE_WORD.making)
    thread.port.postMessage(this.#waiting)
    this.#waiting = undefined
  }

  #look(): void {
    const thread = this.#thread
    if (this.#state.state !== 'making' || this.#waiting !== undefined || thread === undefined) return
    const word = Atomics.load(thread.word, 0)
    if (word === SPARE_WORD.ready) this.#state = { state: 'ready' }
    if (word === SPARE_WORD.failed) this.#state = { state: 'failed', error: failureFrom(thread.port) }
  }
}

/** Blocks as long as the word says that a file is being made. */
export function waitWhileMaking(word: Int32Array): void {
  while (Atomics.load(word, 0) === SPARE_WORD.making) Atomics.wait(word, 0, SPARE_WORD.making)
}

/** This end of the thread. */
interface SpareThread {
  readonly port: MessagePort
  readonly word: Int32Array
}

function startSpareThread(): SpareThread {
  const { port1, port2 } = new MessageChannel()
  const word = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)
  port1.unref()
  const start: SpareStart = { port: port2, word }
  const worker = startThread('spare-worker', start, [port2])
  // A thread that does not come up is never waited for (SM1), so its failure has nobody to tell.
  worker.on('error', () => undefined)
  return { port: port1, word: new Int32Array(word) }
}

function failureFrom(port: MessagePort): Error {
  const received = receiveMessageOnPort(port)
  assert(received !== undefined, 'a failure is posted before it is signalled')
  const wire: WireError = received.message
  return decodeError(wire)
}
