/**
 * Reading frames out of one open segment file, through a window.
 *
 * Owns: where a frame lies, whether its parts match their sums, and the walk from one frame to the next.
 * Leaves to `recovery-table.ts` what the end of a walk means and to `mailbox-reader.ts` which runs are wanted.
 *
 * R1. Nothing is taken from a head before the head's checksum was compared; no length from disk is trusted before that.
 * R2. A frame whose salt, sequence or chain is not the expected one never counts as the next frame.
 * R3. A failed read is thrown, never taken for the end of the file.
 */

import { checksum, isZero, viewOf } from './bytes.ts'
import type { Disk, FileHandle } from './disk.ts'
import { blocksOf, decodeDirectory, decodeHead, headIsIntact, shapeOf } from './frame.ts'
import type { FrameHead, FrameShape, RunEntry, Salt } from './frame.ts'
import { blockBytes, frameHeadBytes } from './limits.ts'

const windowBytes = 64 * 1024

/** What must be known of a segment to read its frames. */
export interface SegmentFacts {
  readonly salt: Salt
  readonly frameBytesMax: number
}

export interface Frame {
  readonly head: FrameHead
  readonly shape: FrameShape
  readonly position: number
  /** Where the next frame begins. */
  readonly end: number
}

export type FrameLook =
  { readonly state: 'whole'; readonly frame: Frame } | { readonly state: 'zero' | 'bad' }

/** A range `[start, end)` of the file. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

export class SegmentReader {
  readonly #disk: Disk
  readonly #file: FileHandle
  #window: Uint8Array = new Uint8Array(0)
  #start = 0
  #filled = 0

  constructor(disk: Disk, file: FileHandle) {
    this.#disk = disk
    this.#file = file
  }

  /** Bytes `[position, position + length)`, fewer at `limit`. A view that the next call may overwrite. */
  bytes(position: number, length: number, limit: number): Uint8Array {
    const end = Math.min(position + length, limit)
    if (end <= position) return new Uint8Array(0)
    if (position < this.#start || end > this.#start + this.#filled) this.#fill(position, end, limit)
    const from = position - this.#start
    return this.#window.subarray(from, Math.min(from + end - position, this.#filled))
  }

  #fill(position: number, end: number, limit: number): void {
    const wanted = Math.max(end - position, Math.min(windowBytes, limit - position))
    if (this.#window.length < wanted) this.#window = new Uint8Array(Math.max(wanted, windowBytes))
    this.#filled = 0
    this.#start = position
    this.#filled = this.#disk.read(this.#file, this.#window.subarray(0, wanted), position)
  }
}

/** Looks at what lies at `position`: a frame with an intact head, zeros, or anything else. */
export function lookAt(
  reader: SegmentReader,
  facts: SegmentFacts,
  place: { position: number; limit: number },
): FrameLook {
  const { position, limit } = place
  const first = reader.bytes(position, frameHeadBytes, limit)
  if (isZero(first)) return { state: 'zero' }
  const head = first.length < frameHeadBytes ? undefined : decodeHead(first)
  if (head === undefined || !fits(head, facts, limit - position)) return { state: 'bad' }
  const shape = shapeOf(head.runCount, head.payloadBytes)
  const front = reader.bytes(position, shape.directoryAt, limit)
  if (front.length < shape.directoryAt || !headIsIntact(front, head)) return { state: 'bad' }
  return { state: 'whole', frame: { head, shape, position, end: position + shape.frameBytes } }
}

function fits(head: FrameHead, facts: SegmentFacts, room: number): boolean {
  if (head.salt.low !== facts.salt.low || head.salt.high !== facts.salt.high) return false
  if (head.runCount > facts.frameBytesMax || head.eventBytes > head.payloadBytes) return false
  const { frameBytes } = shapeOf(head.runCount, head.payloadBytes)
  return frameBytes <= facts.frameBytesMax && frameBytes <= room
}

/** The runs of a frame, or undefined when its directory does not match its sums. */
export function directoryOf(reader: SegmentReader, frame: Frame): RunEntry[] | undefined {
  const { directoryAt, payloadAt } = frame.shape
  if (directoryAt === payloadAt) return []
  if (damageIn(reader, frame, { start: directoryAt, end: payloadAt }) !== undefined) return undefined
  const at = frame.position + directoryAt
  return decodeDirectory(reader.bytes(at, payloadAt - directoryAt, frame.end), frame.head.eventBytes)
}

/** Bytes of the payload, or the range of the file that does not match its sum. Counted from the payload's start. */
export function payloadOf(reader: SegmentReader, frame: Frame, part: ByteRange): Uint8Array | ByteRange {
  const { payloadAt } = frame.shape
  const damage = damageIn(reader, frame, { start: payloadAt + part.start, end: payloadAt + part.end })
  if (damage !== undefined) return damage
  return reader.bytes(frame.position + payloadAt + part.start, part.end - part.start, frame.end).slice()
}

/** The first damaged range of a frame's directory and payload, if there is one. */
export function bodyDamage(reader: SegmentReader, frame: Frame): ByteRange | undefined {
  const { directoryAt, payloadAt } = frame.shape
  const directory = damageIn(reader, frame, { start: directoryAt, end: payloadAt })
  return directory ?? damageIn(reader, frame, { start: payloadAt, end: payloadAt + frame.head.payloadBytes })
}

/** Checks every block that a part touches. `part` is counted from the frame and lies in directory or payload. */
function damageIn(reader: SegmentReader, frame: Frame, part: ByteRange): ByteRange | undefined {
  const { directoryAt, payloadAt } = frame.shape
  const inPayload = part.start >= payloadAt
  const area = inPayload
    ? { start: payloadAt, end: payloadAt + frame.head.payloadBytes }
    : { start: directoryAt, end: payloadAt }
  const firstSum = inPayload ? blocksOf(payloadAt - directoryAt) : 0
  if (part.end <= part.start) return undefined
  const from = Math.floor((part.start - area.start) / blockBytes)
  const to = blocksOf(part.end - area.start)
  const sums = sumsOf(reader, frame, { start: firstSum + from, end: firstSum + to })
  const start = area.start + from * blockBytes
  const end = Math.min(area.start + to * blockBytes, area.end)
  const bytes = reader.bytes(frame.position + start, end - start, frame.end)
  for (let block = 0; block < to - from; block += 1) {
    const piece = bytes.subarray(block * blockBytes, (block + 1) * blockBytes)
    if (checksum(piece) === sums[block]) continue
    const at = frame.position + start + block * blockBytes
    return { start: at, end: Math.min(at + blockBytes, frame.position + end) }
  }
  return undefined
}

function sumsOf(reader: SegmentReader, frame: Frame, blocks: ByteRange): number[] {
  const at = frame.position + frameHeadBytes + blocks.start * 4
  const count = blocks.end - blocks.start
  const view = viewOf(reader.bytes(at, count * 4, frame.end))
  return Array.from({ length: count }, (_, i) => view.getUint32(i * 4, true))
}

/** Where a walk begins and what the first frame must be. */
export interface WalkStart {
  readonly position: number
  readonly seq: number
  readonly chain: number
  /** Nothing at or beyond this position is read. */
  readonly limit: number
}

/** How a walk ended. `position`, `seq` and `chain` are what the next frame would have had. */
export interface WalkEnd {
  readonly state: 'seal' | 'zero' | 'garbage' | 'cut-body' | 'stranger'
  readonly position: number
  readonly seq: number
  readonly chain: number
  /** The bytes that are damaged, as far as they can be told. */
  readonly bad: ByteRange
}

/** How much of each frame a walk compares with its sums. */
export type WalkDepth = 'heads' | 'bodies'

/** Yields each valid frame in order and returns why there is no further one. */
export function* walkFrames(
  reader: SegmentReader,
  facts: SegmentFacts & { readonly depth: WalkDepth },
  start: WalkStart,
): Generator<Frame, WalkEnd> {
  let { position, seq, chain } = start
  for (;;) {
    const look = lookAt(reader, facts, { position, limit: start.limit })
    const next = { position, seq, chain }
    if (look.state === 'zero') return { state: 'zero', ...next, bad: emptyAt(position) }
    if (look.state !== 'whole')
      return { state: 'garbage', ...next, bad: { start: position, end: position + frameHeadBytes } }
    const { frame } = look
    const bad = { start: position, end: frame.end }
    if (frame.head.seq !== seq || frame.head.previousChain !== chain)
      return { state: 'stranger', ...next, bad }
    const damage = facts.depth === 'bodies' ? bodyDamage(reader, frame) : undefined
    if (damage !== undefined)
      return { state: 'cut-body', ...next, bad: { start: damage.start, end: frame.end } }
    yield frame
    position = frame.end
    chain = frame.head.chain
    seq += 1
    if (frame.head.kind === 'seal') return { state: 'seal', position, seq, chain, bad: emptyAt(position) }
  }
}

function emptyAt(position: number): ByteRange {
  return { start: position, end: position }
}
