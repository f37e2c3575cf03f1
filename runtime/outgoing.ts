/**
 * One message between `send` and its receipt.
 *
 * Owns: what was asked for, and after the commit where it lies. Leaves its promise to the unit that carries it.
 *
 * OU1. Everything is copied in: what the caller does with the value afterwards changes nothing.
 */
import type { OutgoingMessage } from './interceptor.ts'
import type { Identified } from './ledger-event.ts'
import type { MailboxState } from './mailbox-state.ts'
import type { Receipt } from './receipt.ts'
import type { Headers, RecordFields } from './record.ts'
import { payloadBytes, type Payload } from './value-codec.ts'

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
  readonly messageId: string | undefined
}

/** Upper bound of what a record adds around its value, key, headers and id. */
const OVERHEAD_BYTES = 160

export class Outgoing implements OutgoingMessage, RecordFields {
  readonly slot: Slot
  readonly payload: Payload
  readonly key: string | undefined
  readonly dueMs: number | undefined
  readonly messageId: string | undefined
  readonly valueBytes: number
  headers: Headers | undefined
  sequence = 0
  lastSequence = 0
  offset = -1
  /** The message that had this id before. */
  original: Identified | undefined = undefined

  constructor(slot: Slot, payload: Payload, fields: SendFields) {
    this.slot = slot
    this.payload = payload
    this.key = fields.key
    this.headers = fields.headers
    this.dueMs = fields.dueMs
    this.messageId = fields.messageId
    this.valueBytes = payloadBytes(payload)
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
    const text = (this.key?.length ?? 0) + 3 * (this.messageId?.length ?? 0)
    const headers = this.headers === undefined ? 0 : JSON.stringify(this.headers).length
    return this.valueBytes + OVERHEAD_BYTES + 3 * (text + headers)
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
