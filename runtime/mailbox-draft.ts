/**
 * The part of a batch that goes to one mailbox.
 *
 * Owns: turning messages into runs: one producer, consecutive sequences, a bounded size.
 * Leaves numbering and the rest of the batch to `batch-draft.ts`.
 *
 * MD1. Offsets are consecutive from the mailbox's end; runs follow each other without a hole.
 */
import type { Run } from '../persistence/index.ts'
import { ByteWriter } from './bytes.ts'
import type { MailboxState } from './mailbox-state.ts'
import type { Outgoing } from './outgoing.ts'
import { writeRecord, writeRunHead } from './record.ts'

/** A run is read, checked and cached as a whole: small enough to be cheap, large enough to be few. */
const RUN_BYTES_MAX = 128 * 1024

interface OpenRun {
  readonly producer: number
  readonly epoch: number
  readonly firstOffset: number
  count: number
  nextSequence: number
}

const ROOM_BYTES_MIN = 4096

/** A little more than the last batch took, up to a full run. */
function roomFor(batchBytes: number): number {
  return Math.max(ROOM_BYTES_MIN, Math.min(batchBytes, RUN_BYTES_MAX) * 1.25)
}

export class MailboxDraft {
  readonly #mailbox: MailboxState
  readonly #timestampMs: number
  readonly #writer: ByteWriter
  readonly #runs: Run[] = []
  #open: OpenRun | undefined
  #bytes = 0
  next: number

  constructor(mailbox: MailboxState, timestampMs: number) {
    this.#mailbox = mailbox
    this.#timestampMs = timestampMs
    this.#writer = new ByteWriter(roomFor(mailbox.batchBytes))
    this.next = mailbox.next
  }

  /** Writes the message and returns its offset. */
  append(message: Outgoing): number {
    const run = this.#runFor(message)
    const before = this.#writer.length
    writeRecord(this.#writer, message, message.payload)
    this.#bytes += this.#writer.length - before
    run.count += 1
    run.nextSequence = message.sequence === 0 ? 0 : message.sequence + 1
    return this.next++
  }

  /** Bytes written since the last call. */
  takeBytes(): number {
    const bytes = this.#bytes
    this.#bytes = 0
    return bytes
  }

  finish(): Run[] {
    this.#close()
    return this.#runs
  }

  #runFor(message: Outgoing): OpenRun {
    const { number: producer, epoch } = message.slot.producer
    const open = this.#open
    const goesOn =
      open !== undefined &&
      open.producer === producer &&
      open.epoch === epoch &&
      open.nextSequence === message.sequence &&
      this.#writer.length < RUN_BYTES_MAX
    return goesOn ? open : this.#begin(producer, epoch, message.sequence)
  }

  #begin(producer: number, epoch: number, sequence: number): OpenRun {
    this.#close()
    writeRunHead(this.#writer, { producer, epoch, sequence })
    this.#open = { producer, epoch, firstOffset: this.next, count: 0, nextSequence: sequence }
    return this.#open
  }

  #close(): void {
    if (this.#open === undefined) return
    const { firstOffset, count } = this.#open
    const mailbox = this.#mailbox.mailbox
    this.#runs.push({
      mailbox,
      firstOffset,
      count,
      timestampMs: this.#timestampMs,
      bytes: this.#writer.take(),
    })
    this.#open = undefined
  }
}
