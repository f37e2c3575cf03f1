/**
 * Where the records of one producer are written when they are sent, and wait until a batch takes them.
 *
 * Owns: memory in chunks, each record in one piece behind the one before. Leaves the layout to `record.ts`, and which
 * records make a batch to `mailbox-draft.ts`, which copies those that lie behind each other at once.
 *
 * RP1. A record shares no memory with the caller's value: it may be reused or changed after `send`.
 * RP2. A chunk is never written twice. It is free when nobody waits any more whose record lies in it.
 * RP3. `chunk`, `start`, `end` and `valueBytes` tell where the last record lies, until the next is written.
 */
import { ByteWriter, utf8Room } from './bytes.ts'
import { writeRecord, type RecordFields } from './record.ts'
import type { Payload } from './value-codec.ts'

/** A record in its chunk. The value is its last part. */
export interface PaddedRecord {
  readonly chunk: Buffer
  readonly start: number
  readonly end: number
  readonly valueBytes: number
}

const CHUNK_BYTES_MIN = 4 * 1024
const CHUNK_BYTES_MAX = 64 * 1024
/** More than the lengths, flags and numbers of a record take. */
const FIXED_BYTES = 64

export class RecordPad implements PaddedRecord {
  #writer = new ByteWriter(0)
  #chunkBytes = 0
  start = 0
  valueBytes = 0

  get chunk(): Buffer {
    return this.#writer.buffer
  }

  get end(): number {
    return this.#writer.length
  }

  /** Writes a record behind the last one, and is then the place where it lies. */
  write(fields: RecordFields, payload: Payload): PaddedRecord {
    this.#makeRoom(FIXED_BYTES + roomOf(fields) + roomOfPayload(payload))
    this.start = this.#writer.length
    this.valueBytes = writeRecord(this.#writer, fields, payload)
    return this
  }

  /** Chunks grow from small to large, so that a producer that sends little holds little. */
  #makeRoom(bytes: number): void {
    if (this.#writer.length + bytes <= this.#chunkBytes) return
    const next = Math.min(Math.max(this.#chunkBytes * 2, CHUNK_BYTES_MIN), CHUNK_BYTES_MAX)
    this.#chunkBytes = Math.max(next, bytes)
    this.#writer = new ByteWriter(this.#chunkBytes)
  }
}

function roomOf({ key, headers, messageId }: RecordFields): number {
  const headerBytes = headers === undefined ? 0 : utf8Room(JSON.stringify(headers))
  return utf8Room(key ?? '') + headerBytes + utf8Room(messageId ?? '')
}

function roomOfPayload(payload: Payload): number {
  return typeof payload === 'string' ? utf8Room(payload) : payload.length
}
