/**
 * A message as bytes: records inside a run.
 *
 * Owns: the layout of a run (who sent it, from which sequence) and of each record in it.
 * Leaves frames, checksums and offsets to persistence, and the value's own bytes to `value-codec.ts`.
 *
 * Run:    producer u32 · epoch u32 · first sequence f64 · records
 * Record: length u32 (of what follows) · flags u8 · [key] · [headers as JSON] · [due f64] · [message id] · value
 * A flag of its own says that the due time was asked for as a delay.
 *
 * RE1. All messages of a run have one producer and epoch, and consecutive sequences.
 * RE2. `readRun` gives back exactly what was written; the layout is fixed by golden bytes.
 */
import type { TypedEvent } from '../actors/index.ts'
import type { Run } from '../persistence/index.ts'
import { ByteReader, type ByteWriter } from './bytes.ts'
import { takeFresh, type DraftedRun, type FreshLetter } from './fresh-letters.ts'
import type { Payload } from './value-codec.ts'

export type Headers = Readonly<Record<string, string>>

/** What a record holds besides its value. */
export interface RecordFields {
  readonly key: string | undefined
  readonly headers: Headers | undefined
  /** Not before this wall-clock time, in milliseconds since 1970. */
  readonly dueMs: number | undefined
  /** Whether `dueMs` was asked for as a delay, and not as a time. Default false. */
  readonly isDelay?: boolean
  readonly messageId: string | undefined
}

/** One message as it lies in a mailbox. `value` is a view into the run. */
export interface StoredMessage extends RecordFields {
  readonly offset: number
  readonly timestampMs: number
  readonly producer: number
  readonly epoch: number
  readonly sequence: number
  readonly value: Buffer
}

/** A mail of an actor as it lies in its mailbox: an event that is at hand, or text. */
export interface StoredLetter {
  readonly offset: number
  readonly timestampMs: number
  readonly producer: number
  readonly epoch: number
  readonly sequence: number
  readonly key: string | undefined
  readonly messageId: string | undefined
  readonly event: TypedEvent | undefined
  readonly text: string
}

const HAS_KEY = 1
const HAS_HEADERS = 2
const HAS_DUE = 4
const HAS_MESSAGE_ID = 8
const IS_DELAY = 16

/** Who sent a run, and the sequence of its first message; 0 where messages are not numbered. */
export interface RunHead {
  readonly producer: number
  readonly epoch: number
  readonly sequence: number
}

export function writeRunHead(writer: ByteWriter, head: RunHead): void {
  writer.u32(head.producer)
  writer.u32(head.epoch)
  writer.f64(head.sequence)
}

/** Returns how many bytes the value takes, which come last. */
export function writeRecord(writer: ByteWriter, fields: RecordFields, payload: Payload): number {
  const start = writer.reserve(4)
  writer.u8(flagsOf(fields))
  if (fields.key !== undefined) writer.text(fields.key)
  if (fields.headers !== undefined) writer.text(JSON.stringify(fields.headers))
  if (fields.dueMs !== undefined) writer.f64(fields.dueMs)
  if (fields.messageId !== undefined) writer.text(fields.messageId)
  const valueAt = writer.length
  if (typeof payload === 'string') writer.utf8(payload)
  else writer.bytes(payload)
  writer.u32At(start, writer.length - start - 4)
  return writer.length - valueAt
}

function flagsOf(fields: RecordFields): number {
  let flags = 0
  if (fields.key !== undefined) flags |= HAS_KEY
  if (fields.headers !== undefined) flags |= HAS_HEADERS
  if (fields.dueMs !== undefined) flags |= HAS_DUE
  if (fields.messageId !== undefined) flags |= HAS_MESSAGE_ID
  if (fields.isDelay === true) flags |= IS_DELAY
  return flags
}

/** The messages of a run, in order: at most `limit` of them, from `fromOffset` on. */
export function readRun(run: Run, fromOffset: number, limit = run.count): StoredMessage[] {
  const records = new RecordReader(run)
  const messages: StoredMessage[] = []
  const first = Math.max(0, fromOffset - run.firstOffset)
  const end = Math.min(run.count, first + limit)
  for (let index = first; index < end; index++) messages.push(records.message(index))
  return messages
}

/** The same of a run that holds mail of actors. What is fresh in it is taken out. */
export function readLetters(run: DraftedRun, fromOffset: number, limit = run.count): StoredLetter[] {
  const records = new RecordReader(run)
  const letters: StoredLetter[] = []
  const first = Math.max(0, fromOffset - run.firstOffset)
  const end = Math.min(run.count, first + limit)
  for (let index = first; index < end; index++) {
    const fresh = takeFresh(run, index)
    letters.push(fresh === undefined ? records.letter(index) : records.fresh(index, fresh))
  }
  return letters
}

/** A cursor over the records of one run. */
class RecordReader {
  readonly #run: Run
  readonly #reader: ByteReader
  readonly #producer: number
  readonly #epoch: number
  readonly #firstSequence: number
  /** Of the record that comes next. */
  #index = 0

  constructor(run: Run) {
    this.#run = run
    this.#reader = new ByteReader(run.bytes)
    this.#producer = this.#reader.u32()
    this.#epoch = this.#reader.u32()
    this.#firstSequence = this.#reader.f64()
  }

  /** Goes to a record; only forward. Returns where it ends. */
  #begin(index: number): number {
    const reader = this.#reader
    for (; this.#index < index; this.#index++) reader.skip(reader.u32())
    this.#index += 1
    return reader.u32() + reader.position
  }

  message(index: number): StoredMessage {
    const reader = this.#reader
    const end = this.#begin(index)
    const flags = reader.u8()
    return {
      offset: this.#run.firstOffset + index,
      timestampMs: this.#run.timestampMs,
      producer: this.#producer,
      epoch: this.#epoch,
      sequence: this.#sequenceAt(index),
      // In the order in which they are written.
      key: flags & HAS_KEY ? reader.text() : undefined,
      headers: flags & HAS_HEADERS ? parseHeaders(reader.text()) : undefined,
      dueMs: flags & HAS_DUE ? reader.f64() : undefined,
      isDelay: (flags & IS_DELAY) !== 0,
      messageId: flags & HAS_MESSAGE_ID ? reader.text() : undefined,
      value: reader.bytes(end - reader.position),
    }
  }

  letter(index: number): StoredLetter {
    const reader = this.#reader
    const end = this.#begin(index)
    const flags = reader.u8()
    const key = flags & HAS_KEY ? reader.text() : undefined
    if (flags & HAS_HEADERS) reader.text()
    if (flags & HAS_DUE) reader.f64()
    return {
      offset: this.#run.firstOffset + index,
      timestampMs: this.#run.timestampMs,
      producer: this.#producer,
      epoch: this.#epoch,
      sequence: this.#sequenceAt(index),
      key,
      messageId: flags & HAS_MESSAGE_ID ? reader.text() : undefined,
      event: undefined,
      text: reader.utf8(end - reader.position),
    }
  }

  /** Without a look at its bytes. */
  fresh(index: number, { key, event }: FreshLetter): StoredLetter {
    return {
      offset: this.#run.firstOffset + index,
      timestampMs: this.#run.timestampMs,
      producer: this.#producer,
      epoch: this.#epoch,
      sequence: this.#sequenceAt(index),
      key,
      messageId: undefined,
      event,
      text: '',
    }
  }

  #sequenceAt(index: number): number {
    return this.#firstSequence === 0 ? 0 : this.#firstSequence + index
  }
}

function parseHeaders(json: string): Headers {
  // Written by `writeRecord` from checked headers, and under the frame's checksum since.
  return JSON.parse(json) as Headers
}
