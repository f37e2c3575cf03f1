/**
 * One message between `send` and its receipt.
 *
 * Owns: what was asked for, and after the commit where it lies. Leaves its promise to the unit that carries it.
 *
 * OU1. Everything is copied in: what the caller does with the value afterwards changes nothing.
 * OU2. `bytes` is never less than what the message takes in a batch.
 */
import type { FreshLetter } from './fresh-letters.ts'
import type { OutgoingMessage } from './interceptor.ts'
import type { Identified } from './ledger-event.ts'
import type { MailboxState } from './mailbox-state.ts'
import type { Receipt } from './receipt.ts'
import type { Headers, RecordFields } from './record.ts'
import type { PaddedRecord } from './record-pad.ts'

/** A producer in one partition: who numbers, and how far it came on disk. */
export interface Slot {
  readonly topic: {
    readonly name: string
    readonly messageIds: Map<string, Identified>
    readonly topic: number
  }
  readonly mailbox: MailboxState
  readonly producer: { readonly number: number; readonly id: string; readonly epoch: number }
  readonly progress: { readonly sequence: number }
}

/** What a send asks for besides the value. */
export interface SendFields {
  readonly key: string | undefined
  readonly headers: Headers | undefined
  readonly dueMs: number | undefined
  readonly isDelay: boolean
  readonly messageId: string | undefined
}

export const NO_FIELDS: SendFields = Object.freeze({
  key: undefined,
  headers: undefined,
  dueMs: undefined,
  isDelay: false,
  messageId: undefined,
})

/**
 * Upper bound of what a message adds to a batch besides its record: a run of its own (16, and 40 in the frame's
 * directory), and an advance of its own (45).
 */
const OVERHEAD_BYTES = 136
/** The same for the event that remembers a message id, without the id itself. */
const ID_OVERHEAD_BYTES = 192
/** A character of an id is up to 6 bytes in the event's JSON. */
const ID_CHAR_BYTES = 6

export class Outgoing implements OutgoingMessage, RecordFields, PaddedRecord {
  readonly slot: Slot
  readonly chunk: Buffer
  readonly start: number
  readonly end: number
  readonly key: string | undefined
  readonly dueMs: number | undefined
  readonly isDelay: boolean
  readonly messageId: string | undefined
  readonly valueBytes: number
  readonly #askedHeaders: Headers | undefined
  headers: Headers | undefined
  sequence = 0
  lastSequence = 0
  offset = -1
  /** What it says, if it is mail of an actor and JSON changes nothing of it. */
  letter: FreshLetter | undefined = undefined
  /** The message that had this id before. */
  original: Identified | undefined = undefined

  constructor(slot: Slot, record: PaddedRecord, fields: SendFields) {
    this.slot = slot
    this.chunk = record.chunk
    this.start = record.start
    this.end = record.end
    this.key = fields.key
    this.headers = fields.headers
    this.#askedHeaders = fields.headers
    this.dueMs = fields.dueMs
    this.isDelay = fields.isDelay
    this.messageId = fields.messageId
    this.valueBytes = record.valueBytes
  }

  get topic(): string {
    return this.slot.topic.name
  }

  get partition(): number {
    return this.slot.mailbox.partition
  }

  get producer(): { readonly id: string; readonly epoch: number } {
    return this.slot.producer
  }

  /** At least what it will take in a batch. */
  get bytes(): number {
    const { start, end, messageId } = this
    const id = messageId === undefined ? 0 : ID_OVERHEAD_BYTES + ID_CHAR_BYTES * messageId.length
    return end - start + OVERHEAD_BYTES + id
  }

  /** The encoded value, a view. */
  get value(): Buffer {
    const { chunk, end, valueBytes } = this
    return chunk.subarray(end - valueBytes, end)
  }

  /** Whether an interceptor replaced the headers. */
  get hasOtherHeaders(): boolean {
    return this.headers !== this.#askedHeaders
  }

  /** By how much an interceptor has made it larger. */
  get grownBytes(): number {
    return headerBytes(this.headers) - headerBytes(this.#askedHeaders)
  }

  /** As it was asked for: what an earlier batch made of it, which was refused, is forgotten. */
  restart(): void {
    this.sequence = 0
    this.offset = -1
    this.original = undefined
    this.headers = this.#askedHeaders
  }

  receipt(producerName: (producer: number) => string): Receipt {
    const { slot, original } = this
    if (original !== undefined) return this.#receiptOf(original, producerName(original.producer))
    return {
      topic: slot.topic.name,
      partition: slot.mailbox.partition,
      offset: this.offset,
      producer: slot.producer.id,
      epoch: slot.producer.epoch,
      sequence: this.sequence,
      duplicate: false,
      copies: 1,
    }
  }

  #receiptOf({ offset, epoch, sequence, mailbox }: Identified, producer: string): Receipt {
    const { topic, mailbox: ours } = this.slot
    const partition = mailbox - (ours.mailbox - ours.partition)
    return { topic: topic.name, partition, offset, producer, epoch, sequence, duplicate: true, copies: 1 }
  }
}

function headerBytes(headers: Headers | undefined): number {
  return headers === undefined ? 0 : 3 * JSON.stringify(headers).length
}
