/**
 * The state changes that are journaled, and their bytes.
 *
 * Owns: the list of events and their encoding. Leaves what each does to the state to `ledger.ts`, and the events of
 * actors to `actor-event.ts`.
 *
 * LE1. Each event is complete in itself: replaying the events in order gives the state, whatever wrote them.
 * LE2. What happens per message (advance, lease, ack) is a few bytes per range; the rest is JSON, for people to read.
 * LE3. An event of a kind that this version does not know was written by a newer one: the directory is refused.
 *
 * Layout: kind u8, then for the frequent kinds numbers, for the others JSON. Fixed by golden bytes.
 */
import { NewerFormatError } from '../persistence/index.ts'
import {
  ACTOR_JSON_KINDS,
  readConsumed,
  readTurn,
  writeConsumed,
  writeTurn,
  type ActorLedgerEvent,
} from './actor-event.ts'
import { ByteReader, type ByteWriter } from './bytes.ts'
import type { Range } from './interval-set.ts'

/** A topic and its mailboxes `[mailbox, mailbox + partitions)` exist. */
export interface TopicDeclared {
  readonly kind: 'topic'
  readonly topic: number
  readonly name: string
  readonly partitions: number
  readonly codec: string
  readonly mailbox: number
}

/** A producer of a topic lives on under a (higher) epoch. */
export interface ProducerOpened {
  readonly kind: 'producer'
  readonly producer: number
  readonly topic: number
  readonly name: string
  readonly epoch: number
}

/** A producer's messages reached `sequence` in a mailbox; `next` is the mailbox's next offset. */
export interface Advanced {
  readonly kind: 'advance'
  readonly producer: number
  readonly mailbox: number
  readonly epoch: number
  readonly sequence: number
  readonly next: number
  readonly timestampMs: number
  readonly bytes: number
}

/** A business message id was used, and where its message is. */
export interface Identified {
  readonly kind: 'identified'
  readonly topic: number
  readonly messageId: string
  readonly mailbox: number
  readonly offset: number
  readonly producer: number
  readonly epoch: number
  readonly sequence: number
}

export interface GroupDeclared {
  readonly kind: 'group'
  readonly group: number
  readonly topic: number
  readonly name: string
  /** Where the group begins, one offset a partition. */
  readonly starts: readonly number[]
}

/** Attempts begin: counted before any handler runs. */
export interface Leased {
  readonly kind: 'lease'
  readonly group: number
  readonly mailbox: number
  readonly attempt: number
  readonly ranges: readonly Range[]
}

export interface Acked {
  readonly kind: 'ack'
  readonly group: number
  readonly mailbox: number
  readonly ranges: readonly Range[]
}

/** One attempt that did not end in an ack. */
export interface AttemptRecord {
  readonly attempt: number
  readonly atMs: number
  readonly reason: string
}

/** The message will be delivered again `delayMs` later, at `dueMs`. `attempt` is the count that stands. */
export interface Retried {
  readonly kind: 'retry'
  readonly group: number
  readonly mailbox: number
  readonly offset: number
  readonly dueMs: number
  readonly delayMs: number
  readonly attempt: number
  readonly entry: AttemptRecord | undefined
}

export interface Died {
  readonly kind: 'dead'
  readonly group: number
  readonly mailbox: number
  readonly offset: number
  readonly atMs: number
  readonly reason: string
  readonly entry: AttemptRecord | undefined
}

/** Dead letters go back to their group with a fresh count. */
export interface Redriven {
  readonly kind: 'redrive'
  readonly group: number
  readonly mailbox: number
  readonly offsets: readonly number[]
}

/** Dead letters are given up. */
export interface Purged {
  readonly kind: 'purge'
  readonly group: number
  readonly mailbox: number
  readonly offsets: readonly number[]
}

export interface Sought {
  readonly kind: 'seek'
  readonly group: number
  readonly mailbox: number
  readonly offset: number
}

/** Messages below `first` are gone by a retention rule; groups below it were moved up. */
export interface Trimmed {
  readonly kind: 'trim'
  readonly mailbox: number
  readonly first: number
}

export type LedgerEvent =
  | TopicDeclared
  | ProducerOpened
  | Advanced
  | Identified
  | GroupDeclared
  | Leased
  | Acked
  | Retried
  | Died
  | Redriven
  | Purged
  | Sought
  | Trimmed
  | ActorLedgerEvent

const JSON_KIND = 0
const ADVANCE = 1
const LEASE = 2
const ACK = 3
const TURN = 4
const CONSUMED = 5

export function writeEvent(writer: ByteWriter, event: LedgerEvent): void {
  switch (event.kind) {
    case 'advance':
      return writeAdvance(writer, event)
    case 'lease':
      writer.u8(LEASE)
      writer.u32(event.attempt)
      return writeRanges(writer, event)
    case 'ack':
      writer.u8(ACK)
      return writeRanges(writer, event)
    case 'turn':
      writer.u8(TURN)
      return writeTurn(writer, event)
    case 'consumed':
      writer.u8(CONSUMED)
      return writeConsumed(writer, event)
    default:
      writer.u8(JSON_KIND)
      writer.utf8(JSON.stringify(event))
  }
}

function writeAdvance(writer: ByteWriter, event: Advanced): void {
  writer.u8(ADVANCE)
  writer.u32(event.producer)
  writer.u32(event.mailbox)
  writer.u32(event.epoch)
  writer.f64(event.sequence)
  writer.f64(event.next)
  writer.f64(event.timestampMs)
  writer.u32(event.bytes)
}

function writeRanges(writer: ByteWriter, event: Leased | Acked): void {
  writer.u32(event.group)
  writer.u32(event.mailbox)
  for (const [start, end] of event.ranges) {
    writer.f64(start)
    writer.u32(end - start)
  }
}

export function readEvent(bytes: Uint8Array): LedgerEvent {
  const reader = new ByteReader(bytes)
  switch (reader.u8()) {
    case ADVANCE:
      return readAdvance(reader)
    case LEASE:
      return { kind: 'lease', attempt: reader.u32(), ...readRanges(reader) }
    case ACK:
      return { kind: 'ack', ...readRanges(reader) }
    case TURN:
      return readTurn(reader, bytes.length)
    case CONSUMED:
      return readConsumed(reader)
    case JSON_KIND:
      return readJson(reader.bytes(bytes.length - 1).toString('utf8'))
    default:
      throw unknownKind(String(bytes[0]))
  }
}

type BinaryKind = 'advance' | 'lease' | 'ack' | 'turn' | 'consumed'

const JSON_KINDS: ReadonlySet<string> = new Set<Exclude<LedgerEvent['kind'], BinaryKind>>([
  'topic',
  'producer',
  'identified',
  'group',
  'retry',
  'dead',
  'redrive',
  'purge',
  'seek',
  'trim',
  ...ACTOR_JSON_KINDS,
])

function readJson(json: string): LedgerEvent {
  // Written by `writeEvent`, and under the frame's checksum since.
  const event = JSON.parse(json) as LedgerEvent
  if (!JSON_KINDS.has(event.kind)) throw unknownKind(event.kind)
  return event
}

function unknownKind(kind: string): NewerFormatError {
  return new NewerFormatError(`the journal holds an event of kind '${kind}', which a newer version wrote`)
}

function readAdvance(reader: ByteReader): Advanced {
  return {
    kind: 'advance',
    producer: reader.u32(),
    mailbox: reader.u32(),
    epoch: reader.u32(),
    sequence: reader.f64(),
    next: reader.f64(),
    timestampMs: reader.f64(),
    bytes: reader.u32(),
  }
}

function readRanges(reader: ByteReader): { group: number; mailbox: number; ranges: Range[] } {
  const group = reader.u32()
  const mailbox = reader.u32()
  const ranges: Range[] = []
  while (!reader.done) {
    const start = reader.f64()
    ranges.push([start, start + reader.u32()])
  }
  return { group, mailbox, ranges }
}
