/**
 * Looking at where the frames of a segment end, and beyond.
 *
 * Owns: observing the facts for `tailTable`. Leaves the decision to that table and acting on it to `examine.ts` and `clean-up.ts`.
 *
 * V1. The whole rest of the file is looked at: a zero or a bad sum alone never ends a log.
 * V2. A later frame counts only with this file's salt, an intact head and a higher sequence.
 */

import { isZero, usedLength } from './bytes.ts'
import { faultCode } from './disk-faults.ts'
import { decide, tailTable } from './recovery-table.ts'
import type { Row, TailDecision, TailFacts } from './recovery-table.ts'
import { lookAt } from './segment-reader.ts'
import type { SegmentFacts, SegmentReader, WalkEnd } from './segment-reader.ts'

const pieceBytes = 1024 * 1024
const frameMagic = Buffer.from([0x55, 0x4c, 0x46, 0x31])

/** The file and what is known of it from elsewhere. */
export interface TailContext {
  readonly facts: SegmentFacts
  readonly sizeBytes: number
  /** The size that the file was made with. */
  readonly madeBytes: number
  readonly successor: boolean
  readonly belowFloor: boolean
}

export interface Tail {
  readonly row: Row<TailFacts, TailDecision>
  /** One past the last byte of the file that is not zero, as far as it was looked at. */
  readonly usedEnd: number
  /** Why the rest could not be read. */
  readonly error?: unknown
}

/** Decides what the end of a walk means. */
export function judgeTail(reader: SegmentReader, end: WalkEnd, context: TailContext): Tail {
  const known: Omit<TailFacts, 'later' | 'reach'> = {
    read: 'whole',
    ending: end.state,
    successor: context.successor ? 'yes' : 'no',
    floor: context.belowFloor ? 'below' : 'clear',
    size: context.sizeBytes < context.madeBytes ? 'short' : 'whole',
  }
  if (end.state === 'seal') {
    return { row: decide(tailTable, { ...known, later: 'no', reach: 'none' }), usedEnd: end.position }
  }
  const beyond = tryLookBeyond(reader, end, context)
  if (!('usedEnd' in beyond)) {
    const facts: TailFacts = { ...known, read: 'failed', later: 'no', reach: 'none' }
    const row = decide(tailTable, facts)
    return { row, usedEnd: end.position, error: beyond.error }
  }
  const { usedEnd, later } = beyond
  const window = end.state === 'cut-body' ? end.bad.end : end.position + context.facts.frameBytesMax
  const inside = usedEnd > window ? 'beyond' : 'inside'
  const reach = usedEnd <= end.position ? 'none' : inside
  return { row: decide(tailTable, { ...known, later: later ? 'yes' : 'no', reach }), usedEnd }
}

interface Beyond {
  readonly usedEnd: number
  readonly later: boolean
}

function tryLookBeyond(
  reader: SegmentReader,
  end: WalkEnd,
  context: TailContext,
): Beyond | { readonly error: unknown } {
  try {
    return lookBeyond(reader, end, context)
  } catch (error) {
    if (faultCode(error) === undefined) throw error
    return { error }
  }
}

function lookBeyond(reader: SegmentReader, end: WalkEnd, context: TailContext): Beyond {
  let usedEnd = end.position
  let later = false
  for (let at = end.position; at < context.sizeBytes; at += pieceBytes) {
    const piece = reader.bytes(at, pieceBytes, context.sizeBytes)
    if (isZero(piece)) continue
    usedEnd = at + usedLength(piece)
    later ||= holdsLaterFrame(reader, end, { places: magicsIn(piece, at), ...context })
  }
  return { usedEnd, later }
}

function holdsLaterFrame(
  reader: SegmentReader,
  end: WalkEnd,
  where: { readonly places: readonly number[]; readonly sizeBytes: number; readonly facts: SegmentFacts },
): boolean {
  const { places, sizeBytes: limit, facts } = where
  return places.some((position) => {
    if (position <= end.position) return false
    const look = lookAt(reader, facts, { position, limit })
    return look.state === 'whole' && look.frame.head.seq > end.seq
  })
}

/** Positions, multiples of 8, where a frame might begin in a piece of the file that begins at `start`. */
export function magicsIn(piece: Uint8Array, start: number): number[] {
  const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength)
  const found: number[] = []
  for (let at = bytes.indexOf(frameMagic); at >= 0; at = bytes.indexOf(frameMagic, at + 1)) {
    if ((start + at) % 8 === 0) found.push(start + at)
  }
  return found
}
