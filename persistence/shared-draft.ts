/**
 * The one batch that is on its way: laid out by the main thread where the journal's thread will write it from.
 *
 * Owns: the shared buffer and how a batch lies in it (room for the frame's head, events, runs, padding, then the runs'
 * numbers). Leaves to `frame.ts` how much room a head takes and how it is filled in.
 *
 * SD1. After `put` returned, the caller's bytes are no longer looked at.
 * SD2. A batch that does not fit is refused before anything is laid out.
 * SD3. A payload goes into shared memory in one copy from word to word: V8 copies between addresses of different
 *     alignment byte by byte there, some twenty times slower. It is put together beside it first.
 */
import assert from 'node:assert/strict'
import { viewOf } from './bytes.ts'
import { TooLargeError } from './errors.ts'
import { headBytes, runFields, shapeOf } from './frame.ts'
import type { FrameDraft } from './frame.ts'
import { batchBytesMax, frameBytesMax } from './limits.ts'
import type { Batch, Committed } from './store.ts'

const LENGTH_BYTES = 4
const NUMBER_BYTES = Float64Array.BYTES_PER_ELEMENT

/** Where the parts of a batch lie in the shared buffer. */
interface Place {
  readonly payloadStart: number
  readonly payloadBytes: number
  readonly eventCount: number
  readonly eventBytes: number
  readonly runCount: number
}

/** The first words of the shared buffer hold the place of the batch, or what its commit told. */
const DESK_NUMBERS = 5
const DESK_BYTES = DESK_NUMBERS * NUMBER_BYTES

export class SharedDraft {
  readonly memory: SharedArrayBuffer
  readonly #desk: Float64Array
  readonly #bytes: Buffer
  readonly #payloadBytesMax: number
  readonly #frameBytesMax: number
  /** Where a payload is put together; as large as the largest so far. */
  #bench = new Uint8Array(0)

  constructor(segmentBytes: number, memory?: SharedArrayBuffer) {
    this.#payloadBytesMax = batchBytesMax(segmentBytes)
    this.#frameBytesMax = frameBytesMax(segmentBytes)
    // A run takes 32 bytes in a frame's directory and 40 behind the payload, so three frames hold any batch that fits.
    this.memory = memory ?? new SharedArrayBuffer(this.#frameBytesMax * 3)
    this.#desk = new Float64Array(this.memory, 0, DESK_NUMBERS)
    this.#bytes = Buffer.from(this.memory, DESK_BYTES)
  }

  /** Lays a batch out. Throws `TooLargeError`. */
  put(batch: Batch): void {
    const place = this.#place(batch)
    this.#bytes.set(this.#gather(batch, place), place.payloadStart)
    this.#putRuns(batch, place)
    this.#desk.set([
      place.payloadStart,
      place.payloadBytes,
      place.eventCount,
      place.eventBytes,
      place.runCount,
    ])
  }

  #gather(batch: Batch, { payloadBytes }: Place): Uint8Array {
    if (this.#bench.length < payloadBytes)
      this.#bench = new Uint8Array(Math.min(payloadBytes * 2, this.#payloadBytesMax))
    const view = viewOf(this.#bench)
    let at = 0
    for (const event of batch.events) {
      view.setUint32(at, event.byteLength, true)
      this.#bench.set(event, at + LENGTH_BYTES)
      at += LENGTH_BYTES + event.byteLength
    }
    for (const run of batch.runs) {
      this.#bench.set(run.bytes, at)
      at += run.bytes.byteLength
    }
    assert.equal(at, payloadBytes)
    return this.#bench.subarray(0, payloadBytes)
  }

  #place({ events, runs }: Batch): Place {
    let eventBytes = 0
    for (const event of events) eventBytes += LENGTH_BYTES + event.byteLength
    let payloadBytes = eventBytes
    for (const run of runs) payloadBytes += run.bytes.byteLength
    this.#check(runs.length, payloadBytes)
    const payloadStart = headBytes(runs.length, payloadBytes)
    return { payloadStart, payloadBytes, eventBytes, eventCount: events.length, runCount: runs.length }
  }

  #check(runCount: number, payloadBytes: number): void {
    const { frameBytes } = shapeOf(runCount, payloadBytes)
    if (payloadBytes <= this.#payloadBytesMax && frameBytes <= this.#frameBytesMax) return
    throw new TooLargeError(
      `A batch of ${payloadBytes} bytes in ${runCount} runs is larger than the ${this.#payloadBytesMax} bytes ` +
        'that one batch may have (batchBytesMax). Send it in parts, or open with a larger segmentBytes.',
      { outcome: 'not-written' },
    )
  }

  #putRuns(batch: Batch, place: Place): void {
    const numbers = this.#numbers(place)
    let i = 0
    for (const run of batch.runs) {
      assert(run.count > 0, 'a run holds at least one message')
      assert(run.mailbox >= 0 && run.mailbox < 2 ** 32, 'a mailbox is a number of 32 bits')
      numbers[i] = run.mailbox
      numbers[i + 1] = run.count
      numbers[i + 2] = run.firstOffset
      numbers[i + 3] = run.bytes.byteLength
      numbers[i + 4] = run.timestampMs
      i += runFields
    }
  }

  #numbers(place: Place): Float64Array {
    const end = place.payloadStart + place.payloadBytes
    const start = Math.ceil(end / NUMBER_BYTES) * NUMBER_BYTES + NUMBER_BYTES
    return new Float64Array(this.memory, DESK_BYTES + start, place.runCount * runFields)
  }

  /** The batch that the other thread laid out, ready for its head. */
  draft(): FrameDraft {
    const [payloadStart = 0, payloadBytes = 0, eventCount = 0, eventBytes = 0, runCount = 0] = this.#desk
    const runs = this.#numbers({ payloadStart, payloadBytes, eventCount, eventBytes, runCount })
    return { buffer: this.#bytes, payloadStart, payloadBytes, eventCount, eventBytes, runs }
  }

  /** Leaves what the commit told. */
  putCommitted({ eventBytesSinceCheckpoint, journalBytes }: Committed): void {
    this.#desk.set([eventBytesSinceCheckpoint, journalBytes])
  }

  /** What the other thread left after the commit. */
  committed(): Committed {
    const [eventBytesSinceCheckpoint = 0, journalBytes = 0] = this.#desk
    return { eventBytesSinceCheckpoint, journalBytes }
  }
}
