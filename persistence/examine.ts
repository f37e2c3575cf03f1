/**
 * Examining what a directory holds before anything is changed: is the log complete, and where does it end.
 *
 * Owns: the checks over the list of segments (none missing, each follows the one before) and the end of the last.
 * Leaves to `recovery-table.ts` the verdict on each file and each tail, and to `recovery.ts` all changes.
 *
 * EX1. A segment at or above the low watermark that is missing refuses the directory.
 * EX2. Each segment must name its predecessor's end exactly.
 * EX3. Nothing is changed here.
 * EX4. After the seal of a rotation the file that its owner had made for the next segment is there, in full size, or a
 *      later opener left word that it removed that file while it was still empty.
 * EX5. Segments of another journal than the one that was made in this directory refuse it.
 */

import { getU64, viewOf } from './bytes.ts'
import { chooseSegments, readChosen, startOf, tailContext } from './choose-segments.ts'
import type { ChosenSegment } from './choose-segments.ts'
import type { Claim } from './claim.ts'
import type { Floor } from './closed-record.ts'
import { corrupt } from './damage.ts'
import type { Disk } from './disk.ts'
import type { CorruptError } from './errors.ts'
import { lostOffsets } from './lost-offsets.ts'
import { markerName } from './names.ts'
import type { Predecessor } from './segment-header.ts'
import { payloadOf, walkFrames } from './segment-reader.ts'
import type { ByteRange, Frame, SegmentReader, WalkDepth, WalkEnd } from './segment-reader.ts'
import { refuseNewer } from './survey.ts'
import type { FreedNote, SegmentFile, Survey } from './survey.ts'
import { judgeTail } from './tail.ts'
import type { Tail } from './tail.ts'

/** What is there, found whole. */
export interface Log {
  /** From the low watermark up, without a hole. Empty for a directory without a journal. */
  readonly kept: readonly ChosenSegment[]
  /** Files that nobody needs: prepared, given up, or below the watermark. */
  readonly unneeded: readonly SegmentFile[]
  readonly last: LastSegment | undefined
}

export interface LastSegment {
  readonly segment: ChosenSegment
  readonly end: WalkEnd
  /** Bytes `[end.position, usedEnd)` are a torn tail, if there are any. */
  readonly usedEnd: number
  /** Size of the file that had been made for the next segment when this one was sealed; 0 when there was none. */
  readonly nextBytes: number
  /** Its owner noted that its end had been made durable. */
  readonly surelyDurable: boolean
  readonly oldestSegment: number
}

/** Throws `CorruptError` or `NewerFormatError`. */
export function examine(disk: Disk, survey: Survey, claim: Claim): Log {
  refuseNewer(survey)
  const { chosen, discarded } = chooseSegments(disk, survey.segments)
  const segment = chosen.at(-1)
  const floors = claim.floors().filter((floor) => floor.epoch >= (segment?.epoch ?? 0))
  if (segment === undefined) {
    refuseLost(survey, floors)
    return { kept: [], unneeded: discarded, last: undefined }
  }
  const refuse = refusing(disk, chosen)
  const last = examineLast(disk, { segment, floors, refuse })
  const kept = chosen.filter((file) => file.id >= last.oldestSegment)
  refuseForeign(last.segment, survey, refuse)
  refuseHoles(kept, { survey, last, refuse })
  const below = chosen.filter((file) => file.id < last.oldestSegment)
  return { kept, unneeded: [...discarded, ...below], last }
}

/** Walks a segment that has a successor, which says where it must end. Throws `CorruptError`. */
export function walkEarlier(
  disk: Disk,
  pair: {
    readonly segment: ChosenSegment
    readonly after: ChosenSegment
    readonly all: readonly ChosenSegment[]
  },
  visit: (reader: SegmentReader, frame: Frame) => void,
): WalkEnd {
  const { segment, after, all } = pair
  const refuse = refusing(disk, all)
  return readChosen(disk, segment, (reader) => {
    const end = walkAll(reader, { segment, depth: 'bodies' }, (frame) => visit(reader, frame))
    const tail = judgeTail(reader, end, { ...tailContext(segment), successor: true, belowFloor: false })
    if (tail.row.decision !== 'sealed') throw refuseTail(refuse, segment, { end, tail })
    if (!isNamedBy(after.header.predecessor, segment, end)) {
      throw refuse(segment, { start: 0, end: end.position }, 'the segment after it continues another one')
    }
    return end
  })
}

type Refuse = (file: SegmentFile, range: ByteRange, reason: string) => CorruptError

/** A refusal that says which messages of these segments are concerned. */
function refusing(disk: Disk, segments: readonly ChosenSegment[]): Refuse {
  return (file, range, reason) => corrupt(file.name, range, { reason, offsets: lostOffsets(disk, segments) })
}

function refuseTail(
  refuse: Refuse,
  segment: ChosenSegment,
  { end, tail }: { readonly end: WalkEnd; readonly tail: Tail },
): CorruptError {
  const range = { start: end.bad.start, end: Math.max(end.bad.end, tail.usedEnd) }
  return refuse(segment, range, `${tail.row.cause} (${tail.row.label})`)
}

function examineLast(
  disk: Disk,
  known: { segment: ChosenSegment; floors: readonly Floor[]; refuse: Refuse },
): LastSegment {
  const { segment, floors, refuse } = known
  let newest: Frame | undefined
  return readChosen(disk, segment, (reader) => {
    const end = walkAll(reader, { segment, depth: 'bodies' }, (frame) => (newest = frame))
    const belowFloor = floors.some((floor) => !reaches(segment, end, floor))
    const tail = judgeTail(reader, end, { ...tailContext(segment), successor: false, belowFloor })
    const { decision } = tail.row
    if (decision === 'corrupt' || decision === 'unreadable') throw refuseTail(refuse, segment, { end, tail })
    const sealed = decision === 'sealed'
    const { usedEnd } = tail
    const nextBytes = sealed ? nextBytesIn(reader, newest) : 0
    const oldestSegment = newest?.head.oldestSegment ?? segment.header.oldestSegment
    return { segment, end, usedEnd, nextBytes, surelyDurable: sealed && floors.length > 0, oldestSegment }
  })
}

/** A SEAL of a rotation says how large the next file is; that of a close says nothing. */
function nextBytesIn(reader: SegmentReader, seal: Frame | undefined): number {
  if (seal?.head.kind !== 'seal' || seal.head.payloadBytes < 8) return 0
  const payload = payloadOf(reader, seal, { start: 0, end: 8 })
  return payload instanceof Uint8Array ? getU64(viewOf(payload), 0) : 0
}

function walkAll(
  reader: SegmentReader,
  walked: { segment: ChosenSegment; depth: WalkDepth },
  visit: (frame: Frame) => void,
): WalkEnd {
  const { segment, depth } = walked
  const walk = walkFrames(reader, { ...segment.header, depth }, startOf(segment))
  for (;;) {
    const step = walk.next()
    if (step.done === true) return step.value
    visit(step.value)
  }
}

/** A journal that was once whole, or that an owner closed, does not vanish by a crash. */
function refuseLost(survey: Survey, floors: readonly Floor[]): void {
  if (survey.marker === undefined && floors.length === 0) return
  const reason = 'the journal was complete here once, and its segments are missing'
  throw corrupt(markerName, { start: 0, end: 0 }, { reason })
}

function refuseForeign({ header, ...file }: ChosenSegment, { marker }: Survey, refuse: Refuse): void {
  const made = marker?.journalId ?? header.journalId
  if (Buffer.compare(made, header.journalId) === 0) return
  const reason = `it belongs to another journal than the one that ${markerName} says was made here`
  throw refuse(file, { start: 0, end: file.sizeBytes }, reason)
}

function refuseHoles(
  kept: readonly ChosenSegment[],
  known: { survey: Survey; last: LastSegment; refuse: Refuse },
): void {
  const { survey, last, refuse } = known
  const lastId = last.segment.id
  let id = last.oldestSegment
  for (const segment of kept) {
    if (segment.id !== id) throw missing(id, segment, refuse)
    if (Buffer.compare(segment.header.journalId, last.segment.header.journalId) !== 0) {
      throw refuse(segment, { start: 0, end: segment.sizeBytes }, 'it belongs to another journal')
    }
    id += 1
  }
  if (last.nextBytes === 0 || survey.segments.some((file) => isNext(file, last))) return
  if (!survey.freed.some((note) => isWordOfNext(note, last))) throw missing(lastId + 1, last.segment, refuse)
}

/** Who sealed a segment had made the next one, under its own epoch; no other file stands in for it. */
function isNext(file: SegmentFile, last: LastSegment): boolean {
  const { id, epoch } = last.segment
  return file.id === id + 1 && file.epoch === epoch && file.sizeBytes >= last.nextBytes
}

/** Who left it had claimed the directory and then seen that file without a header: nothing could be confirmed in it. */
function isWordOfNext(note: FreedNote, { segment }: LastSegment): boolean {
  return note.id === segment.id + 1 && note.epoch > segment.epoch
}

function missing(id: number, beside: ChosenSegment, refuse: Refuse): CorruptError {
  const name = `segment ${id} (beside ${beside.name})`
  return refuse({ ...beside, name }, { start: 0, end: 0 }, 'the file is missing, or shorter than it was made')
}

function reaches(segment: ChosenSegment, end: WalkEnd, floor: Floor): boolean {
  if (segment.id !== floor.segmentId || segment.epoch !== floor.epoch) return false
  return end.state === 'seal' && end.position === floor.byteLength && end.chain === floor.chain
}

function isNamedBy(named: Predecessor, segment: ChosenSegment, end: WalkEnd): boolean {
  if (named.segmentId !== segment.id || named.byteLength !== end.position) return false
  return named.lastSeq === end.seq - 1 && named.chain === end.chain
}
