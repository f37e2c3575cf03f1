/**
 * The part of a batch that goes to one mailbox.
 *
 * Owns: turning messages into runs: one producer, consecutive sequences, a bounded size.
 * Leaves numbering and the rest of the batch to `batch-draft.ts`.
 *
 * MD1. Offsets are consecutive from the mailbox's end; runs follow each other without a hole.
 */
import { ByteWriter } from './bytes.ts'
import type { DraftedRun, FreshLetter } from './fresh-letters.ts'
import type { MailboxState } from './mailbox-state.ts'
import type { Outgoing } from './outgoing.ts'
import { writeRecord, writeRunHead } from './record.ts'
import type { PaddedRecord } from './record-pad.ts'

/** A run is read, checked and cached as a whole: small enough to be cheap, large enough to be few. */
const RUN_BYTES_MAX = 128 * 1024

interface OpenRun {
  readonly producer: number
  readonly epoch: number
  readonly firstOffset: number
  count: number
  nextSequence: number
  /** From the first message on that has one. */
  letters: (FreshLetter | undefined)[] | undefined
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
  readonly #runs: DraftedRun[] = []
  #open: OpenRun | undefined
  /** Records that are to be copied, from `#start` to `#end` of a pad's chunk. */
  #chunk: Buffer | undefined
  #start = 0
  #end = 0
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
    const before = this.#length()
    if (message.hasOtherHeaders) this.#rewrite(message)
    else this.#gather(message)
    this.#bytes += this.#length() - before
    if (message.letter !== undefined) (run.letters ??= [])[run.count] = message.letter
    run.count += 1
    run.nextSequence = message.sequence === 0 ? 0 : message.sequence + 1
    return this.next++
  }

  #length(): number {
    return this.#writer.length + this.#end - this.#start
  }

  /** Records that lie behind each other in their pad are copied at once. */
  #gather({ chunk, start, end }: PaddedRecord): void {
    if (chunk !== this.#chunk || start !== this.#end) {
      this.#copy()
      this.#chunk = chunk
      this.#start = start
    }
    this.#end = end
  }

  #copy(): void {
    if (this.#chunk !== undefined) this.#writer.bytes(this.#chunk.subarray(this.#start, this.#end))
    this.#chunk = undefined
    this.#start = 0
    this.#end = 0
  }

  /** An interceptor changed it after it was written. */
  #rewrite(message: Outgoing): void {
    this.#copy()
    writeRecord(this.#writer, message, message.value)
  }

  /** Bytes written since the last call. */
  takeBytes(): number {
    const bytes = this.#bytes
    this.#bytes = 0
    return bytes
  }

  finish(): DraftedRun[] {
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
      this.#length() < RUN_BYTES_MAX
    return goesOn ? open : this.#begin(producer, epoch, message.sequence)
  }

  #begin(producer: number, epoch: number, sequence: number): OpenRun {
    this.#close()
    writeRunHead(this.#writer, { producer, epoch, sequence })
    this.#open = {
      producer,
      epoch,
      firstOffset: this.next,
      count: 0,
      nextSequence: sequence,
      letters: undefined,
    }
    return this.#open
  }

  #close(): void {
    if (this.#open === undefined) return
    this.#copy()
    const { firstOffset, count, letters } = this.#open
    const mailbox = this.#mailbox.mailbox
    this.#runs.push({
      mailbox,
      firstOffset,
      count,
      timestampMs: this.#timestampMs,
      bytes: this.#writer.take(),
      letters,
    })
    this.#open = undefined
  }
}
