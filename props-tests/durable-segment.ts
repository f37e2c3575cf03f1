/**
 * One segment file read by the letter of docs/format.md, and by nothing of the code that writes it.
 *
 * Owns: telling what its intact frames hold: how far they bring each mailbox, and which topics and producers they name.
 * Leaves to `durable-log.ts` which files count, and to the code under test everything else.
 *
 * DS1. A frame counts as a whole or not at all: its head, its place in the file, and every sum of its parts must agree.
 * DS2. What comes behind the first frame that does not count counts neither.
 */
import { crc32 } from 'node:zlib'

/** A topic as its declaration says. */
export interface DeclaredTopic {
  readonly name: string
  /** The mailbox of partition 0; the others follow. */
  readonly mailbox: number
}

/** One run of messages as it lies in a frame. */
export interface DurableRun {
  readonly mailbox: number
  readonly firstOffset: number
  readonly count: number
  readonly timestampMs: number
  readonly bytes: Buffer
}

/** One batch: what is there whole or not at all. */
export interface DurableFrame {
  /** Each as it was written. */
  readonly events: readonly Buffer[]
  readonly runs: readonly DurableRun[]
}

/** What one segment holds. */
export interface SegmentContent {
  /** Its batches, in order. */
  readonly frames: readonly DurableFrame[]
  readonly id: number
  readonly epoch: number
  readonly firstSeq: number
  /** The sequence that a frame behind the last one would have. */
  readonly nextSeq: number
  /** A file that an opening began counts only with its OPEN frame. */
  readonly isWhole: boolean
  /** Segments below this id may be absent. */
  readonly watermark: number
  /** By mailbox: the offset behind its last message. */
  readonly nexts: ReadonlyMap<number, number>
  readonly topics: readonly DeclaredTopic[]
  /** Names of producers, by number. */
  readonly producers: ReadonlyMap<number, string>
}

const headerBytes = 4096
const headBytes = 64
const entryBytes = 32
const sumBytes = 8192
const byOpening = 1
const opened = 2
const data = 1
const magicOfFile = 'unlost\r\n'
const magicOfFrame = 'ULF1'

/** What a file holds; undefined where its header does not count. */
export function readSegment(bytes: Uint8Array): SegmentContent | undefined {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (file.length < headerBytes || file.toString('latin1', 0, 8) !== magicOfFile) return undefined
  const chain = crc32(file.subarray(20, headerBytes), crc32(file.subarray(0, 16)))
  if (file.readUInt32LE(16) !== chain) return undefined
  return new SegmentWalk(file, chain).content()
}

class SegmentWalk {
  readonly #file: Buffer
  #chain: number
  #seq: number
  #watermark: number
  #isOpened = false
  readonly #nexts = new Map<number, number>()
  readonly #topics: DeclaredTopic[] = []
  readonly #producers = new Map<number, string>()
  readonly #frames: DurableFrame[] = []

  constructor(file: Buffer, chain: number) {
    this.#file = file
    this.#chain = chain
    this.#seq = u64(file, 64)
    this.#watermark = u64(file, 128)
  }

  content(): SegmentContent {
    for (let at = headerBytes, size = this.#take(at); size > 0; size = this.#take(at)) at += size
    return {
      frames: this.#frames,
      id: u64(this.#file, 40),
      epoch: u64(this.#file, 48),
      firstSeq: u64(this.#file, 64),
      nextSeq: this.#seq,
      isWhole: this.#isOpened || this.#file.readUInt32LE(100) !== byOpening,
      watermark: this.#watermark,
      nexts: this.#nexts,
      topics: this.#topics,
      producers: this.#producers,
    }
  }

  /** Takes the frame at a place in; answers its size, 0 where none counts. */
  #take(at: number): number {
    const parts = this.#partsOf(at)
    if (parts === undefined) return 0
    const { head, directory, size } = parts
    this.#chain = head.readUInt32LE(4)
    this.#seq += 1
    this.#watermark = u64(head, 48)
    if (head[24] === opened) this.#isOpened = true
    for (let entry = 0; entry < directory.length; entry += entryBytes)
      this.#takeRun(directory.subarray(entry))
    if (head[24] === data) this.#takeBatch(parts)
    return size
  }

  #takeBatch({ head, directory, payload }: Parts): void {
    const eventBytes = head.readUInt32LE(36)
    const events = this.#takeEvents(payload.subarray(0, eventBytes))
    this.#frames.push({ events, runs: runsOf(directory, payload.subarray(eventBytes)) })
  }

  #takeRun(entry: Buffer): void {
    this.#nexts.set(entry.readUInt32LE(0), u64(entry, 8) + entry.readUInt32LE(4))
  }

  #takeEvents(events: Buffer): Buffer[] {
    const taken: Buffer[] = []
    for (let at = 0; at < events.length;) {
      const length = events.readUInt32LE(at)
      const event = events.subarray(at + 4, at + 4 + length)
      at += 4 + length
      // Kind 0 is JSON; the kinds that come with every message declare nothing.
      if (event[0] === 0) this.#takeDeclaration(JSON.parse(event.toString('utf8', 1)))
      taken.push(event)
    }
    return taken
  }

  #takeDeclaration(event: Readonly<Record<string, unknown>>): void {
    if (event['kind'] === 'topic') {
      this.#topics.push({ name: String(event['name']), mailbox: Number(event['mailbox']) })
    }
    if (event['kind'] === 'producer') {
      this.#producers.set(Number(event['producer']), String(event['name']))
    }
  }

  #partsOf(at: number): Parts | undefined {
    const head = this.#file.subarray(at, at + headBytes)
    if (head.length < headBytes || head.toString('latin1', 0, 4) !== magicOfFrame) return undefined
    const directoryBytes = head.readUInt32LE(28) * entryBytes
    const payloadBytes = head.readUInt32LE(40)
    const sums = blocksOf(directoryBytes) + blocksOf(payloadBytes)
    const directoryAt = at + headBytes + align8(sums * 4)
    const payloadAt = directoryAt + directoryBytes
    const size = align8(payloadAt + payloadBytes) - at
    if (at + size > this.#file.length || !this.#continues(head)) return undefined
    if (head.readUInt32LE(4) !== crc32(this.#file.subarray(at + 8, directoryAt))) return undefined
    const directory = this.#file.subarray(directoryAt, payloadAt)
    const payload = this.#file.subarray(payloadAt, payloadAt + payloadBytes)
    const found = [...sumsOf(directory), ...sumsOf(payload)]
    const isWhole = found.every((sum, i) => this.#file.readUInt32LE(at + headBytes + i * 4) === sum)
    return isWhole ? { head, directory, payload, size } : undefined
  }

  /** Of this file, behind the frame before it. */
  #continues(head: Buffer): boolean {
    const isOfFile = head.subarray(8, 16).equals(this.#file.subarray(56, 64))
    return isOfFile && u64(head, 16) === this.#seq && head.readUInt32LE(44) === this.#chain
  }
}

interface Parts {
  readonly head: Buffer
  readonly directory: Buffer
  readonly payload: Buffer
  readonly size: number
}

function runsOf(directory: Buffer, bytes: Buffer): DurableRun[] {
  const runs: DurableRun[] = []
  for (let entry = 0, at = 0; entry < directory.length; entry += entryBytes) {
    const length = directory.readUInt32LE(entry + 16)
    runs.push({
      mailbox: directory.readUInt32LE(entry),
      count: directory.readUInt32LE(entry + 4),
      firstOffset: u64(directory, entry + 8),
      timestampMs: directory.readDoubleLE(entry + 24),
      bytes: bytes.subarray(at, at + length),
    })
    at += length
  }
  return runs
}

function sumsOf(part: Buffer): number[] {
  return Array.from({ length: blocksOf(part.length) }, (_, i) =>
    crc32(part.subarray(i * sumBytes, (i + 1) * sumBytes)),
  )
}

function blocksOf(bytes: number): number {
  return Math.ceil(bytes / sumBytes)
}

function align8(bytes: number): number {
  return Math.ceil(bytes / 8) * 8
}

function u64(bytes: Buffer, at: number): number {
  return Number(bytes.readBigUInt64LE(at))
}
