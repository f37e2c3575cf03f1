/**
 * Opening a directory: examine, read, and only then change.
 *
 * Owns: the order of the steps, and the index and the ledger that come of reading. Leaves the verdicts to `examine.ts`, the
 * new segment file to `begin.ts`, and what is kept or removed beside it to `clean-up.ts`.
 *
 * RV1. Everything is read and checked before the first change; a refusal leaves every segment as it was.
 * RV3. The old file is removed, durably, before anything is confirmed in the new one.
 * RV4. A crash at any step leaves a directory that opens to the same log.
 * RV5. What reads differently the second time is refused: no later walk over frames may end before an earlier one did.
 * RV6. Whoever still owned after the look changes only what it saw: nothing that a successor made is ever removed.
 * RV7. Files that the last owner, replaced in the middle of a clean-up, takes away under the look refuse nothing.
 */

import { beginSegment, planAfter, planFirst } from './begin.ts'
import type { BeginOptions, BeginPlan, Place } from './begin.ts'
import { readChosen, startOf } from './choose-segments.ts'
import type { ChosenSegment } from './choose-segments.ts'
import type { Claim } from './claim.ts'
import { cleanUp, makeWay } from './clean-up.ts'
import { corrupt } from './damage.ts'
import type { Disk } from './disk.ts'
import { pathIn } from './disk-faults.ts'
import { FencedError } from './errors.ts'
import { examine, walkEarlier } from './examine.ts'
import type { LastSegment, Log } from './examine.ts'
import { Ledger } from './ledger.ts'
import { MailboxIndex } from './mailbox-index.ts'
import { encodeMarker } from './marker.ts'
import { markerName } from './names.ts'
import { loadState } from './recovered-state.ts'
import { directoryOf, walkFrames } from './segment-reader.ts'
import type { Frame, SegmentFacts, SegmentReader, WalkStart } from './segment-reader.ts'
import { SegmentSet } from './segment-set.ts'
import type { SegmentWriter } from './segment-writer.ts'
import { makeSmall } from './small-file.ts'
import type { Recovered } from './store.ts'
import { surveyDirectory } from './survey.ts'
import type { Survey } from './survey.ts'

export interface OpenedLog {
  readonly journalId: Uint8Array
  readonly index: MailboxIndex
  readonly segments: SegmentSet
  readonly writer: SegmentWriter
  readonly ledger: Ledger
  readonly oldestSegment: number
  readonly recovered: Recovered
}

/** Throws `CorruptError`, `NewerFormatError`, `FencedError`, or what the disk throws. */
export function recover(place: Place, claim: Claim, options: BeginOptions): OpenedLog {
  const startedMs = options.nowMs()
  const { disk, directory } = place
  const { survey, log } = lookAround(place, claim)
  const plan = planOf(log.last, options)
  const read = readLog(place, log, plan)
  const state = loadState(disk, log.kept, read.ledger)
  if (!claim.holds()) throw fenced(directory)
  const made = makeWay(place, log)
  const copied = plan.source === undefined ? [] : [plan.source.segment]
  const writer = beginSegment(place, plan, options)
  closingOnFailure([writer, read.segments], () => {
    if (!claim.holds()) throw fenced(directory)
    cleanUp(place, { survey, unneeded: [...copied, ...log.unneeded], made })
    if (survey.marker === undefined)
      makeSmall(disk, pathIn(directory, markerName), encodeMarker(plan.journalId))
    claim.tidy()
    disk.syncDirectory(directory)
    indexCopy({ writer, ...read })
  })
  const report = {
    previous: claim.previous,
    epoch: claim.epoch,
    durationMs: Math.max(0, options.nowMs() - startedMs),
    segments: read.segments.count,
    frames: read.ledger.frames,
    messages: read.ledger.messages,
    bytesSetAside: made.aside?.bytes ?? 0,
    setAside: made.aside === undefined ? [] : [made.aside.name],
    unknownFiles: survey.unknownFiles,
  }
  const recovered = { report, ...state, mailboxes: read.index.ranges() }
  return { ...read, journalId: plan.journalId, writer, oldestSegment: plan.oldestSegment, recovered }
}

/** Looks again where a file went away meanwhile; then there is one less that can. */
function lookAround({ disk, directory }: Place, claim: Claim): { survey: Survey; log: Log } {
  for (;;) {
    const survey = surveyDirectory(disk, directory)
    try {
      return { survey, log: examine(disk, survey, claim) }
    } catch (error) {
      const names = disk.list(directory)
      if (survey.segments.every(({ name }) => names.includes(name))) throw error
    }
  }
}

interface ReadLog {
  readonly index: MailboxIndex
  readonly segments: SegmentSet
  readonly ledger: Ledger
}

/** Indexes every segment that stays as it is, and adds up the state frames of all. */
function readLog({ disk }: Place, log: Log, plan: BeginPlan): ReadLog {
  const read = { index: new MailboxIndex(), segments: new SegmentSet(disk), ledger: new Ledger() }
  for (const [i, segment] of log.kept.entries()) {
    const after = log.kept[i + 1]
    if (after === undefined) continue
    const end = walkEarlier(disk, { segment, after, all: log.kept }, (reader, frame) =>
      takeIn(read, { reader, frame, segment }),
    )
    read.segments.add(storedFrom(segment, end.position))
  }
  if (log.last !== undefined) readLast(disk, log.last, { read, copied: plan.source !== undefined })
  return read
}

/** The frames of the last segment are indexed where they will be: in its copy, if there is to be one. */
function readLast(disk: Disk, last: LastSegment, into: { read: ReadLog; copied: boolean }): void {
  const { segment, end } = last
  const { read, copied } = into
  readChosen(disk, segment, (reader) => {
    const start = { ...startOf(segment), limit: end.position }
    walkAgain(reader, { name: segment.name, facts: segment.header, start }, (frame) => {
      if (copied) addToLedger(read.ledger, { reader, frame, segment })
      else takeIn(read, { reader, frame, segment })
    })
  })
  if (!copied) read.segments.add(storedFrom(segment, end.position))
}

/** Goes over frames that were whole a moment ago. Throws `CorruptError` where they are not any more. */
function walkAgain(
  reader: SegmentReader,
  walked: { name: string; facts: SegmentFacts; start: WalkStart },
  visit: (frame: Frame) => void,
): void {
  const { name, facts, start } = walked
  let { position } = start
  for (const frame of walkFrames(reader, { ...facts, depth: 'heads' }, start)) {
    visit(frame)
    position = frame.end
  }
  if (position === start.limit) return
  const range = { start: position, end: start.limit }
  throw corrupt(name, range, { reason: 'it reads differently the second time' })
}

function takeIn(read: ReadLog, at: FrameInSegment): void {
  indexFrame(read.index, at)
  addToLedger(read.ledger, at)
}

interface FrameInSegment {
  readonly reader: SegmentReader
  readonly frame: Frame
  readonly segment: { readonly id: number; readonly name: string }
}

function addToLedger(ledger: Ledger, { reader, frame, segment }: FrameInSegment): void {
  ledger.add(frame.head, { segmentId: segment.id, position: frame.position })
  if (frame.head.kind !== 'data') return
  for (const run of directoryOf(reader, frame) ?? []) ledger.messages += run.count
}

function indexFrame(index: MailboxIndex, { reader, frame, segment }: FrameInSegment): void {
  const runs = directoryOf(reader, frame)
  if (runs === undefined) {
    const range = { start: frame.position, end: frame.position + frame.shape.payloadAt }
    throw corrupt(segment.name, range, { reason: 'a directory does not match its checksum' })
  }
  for (const run of runs) {
    if (frame.head.kind === 'trim') index.place(run.mailbox, run.firstOffset)
    else index.add(run, { segmentId: segment.id, position: frame.position })
  }
}

function planOf(last: LastSegment | undefined, options: BeginOptions): BeginPlan {
  if (last === undefined) return planFirst(options.random)
  return planAfter(last.segment, last.end, last)
}

/** Indexes the file that is written from now on: its frames lie elsewhere than in the one that was copied. */
function indexCopy({ index, segments, writer }: ReadLog & { writer: SegmentWriter }): void {
  const { segment } = writer
  segments.add(segment)
  const reader = segments.reader(segment.id)
  const start = { ...writer.start, limit: segment.end }
  walkAgain(reader, { name: segment.name, facts: segment, start }, (frame) =>
    indexFrame(index, { reader, frame, segment }),
  )
}

function storedFrom(segment: ChosenSegment, end: number): Parameters<SegmentSet['add']>[0] {
  const { id, epoch, name, path, sizeBytes, header } = segment
  return { id, epoch, name, path, sizeBytes, end, salt: header.salt, frameBytesMax: header.frameBytesMax }
}

function closingOnFailure(open: readonly { close(): void }[], work: () => void): void {
  try {
    work()
  } catch (error) {
    for (const resource of open) resource.close()
    throw error
  }
}

function fenced(directory: string): FencedError {
  return new FencedError(`${directory} was taken over by another owner while it was being opened.`, {
    outcome: 'not-written',
  })
}
