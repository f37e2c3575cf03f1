/**
 * Which segment files count, and which one is the last.
 *
 * Owns: observing the facts for `fileTable`, file by file from the oldest id upwards.
 * Leaves to `examine.ts` whether the list is complete.
 *
 * CS1. For one id at most one file counts: that of the highest epoch that the table says to use.
 * CS2. Nothing is changed here.
 */

import { corrupt, readingFrom } from './damage.ts'
import type { Disk } from './disk.ts'
import { faultCode } from './disk-faults.ts'
import { headerBytes } from './limits.ts'
import { decide, fileTable } from './recovery-table.ts'
import type { FileFacts } from './recovery-table.ts'
import type { SegmentHeader } from './segment-header.ts'
import { SegmentReader, walkFrames } from './segment-reader.ts'
import type { WalkEnd } from './segment-reader.ts'
import { withFile } from './small-file.ts'
import { restIsZero } from './survey.ts'
import type { SegmentFile } from './survey.ts'
import { judgeTail } from './tail.ts'
import type { TailContext } from './tail.ts'

/** A segment file whose header is whole. */
export interface ChosenSegment extends SegmentFile {
  readonly header: SegmentHeader
  /** The header's checksum. */
  readonly headerChain: number
}

export interface Choice {
  /** Ascending ids, one file each; ids may be missing. */
  readonly chosen: readonly ChosenSegment[]
  /** Files in which nothing confirmed can be. */
  readonly discarded: readonly SegmentFile[]
}

/** Throws `CorruptError` for a file that no crash can leave. */
export function chooseSegments(disk: Disk, files: readonly SegmentFile[]): Choice {
  const chosen: ChosenSegment[] = []
  const discarded: SegmentFile[] = []
  const ids = [...new Set(files.map((file) => file.id))].sort((a, b) => a - b)
  const lastWhole = Math.max(0, ...files.filter(isWhole).map((file) => file.id))
  for (const id of ids) {
    const candidates = files.filter((file) => file.id === id).reverse()
    const before = chosen.at(-1)
    const epochMin = before?.id === id - 1 ? before.epoch : 0
    // An opening whose successor is there was complete; only near the end, or beside a rival, it must be looked at.
    const look = candidates.length > 1 || id >= lastWhole - 1
    const used = firstUsed(disk, candidates, { epochMin, look })
    if (used !== undefined) chosen.push(used)
    discarded.push(...candidates.filter((file) => file.name !== used?.name))
  }
  return { chosen, discarded }
}

/** Reads in a segment; a failed read is a refusal. */
export function readChosen<Result>(
  disk: Disk,
  segment: ChosenSegment,
  work: (reader: SegmentReader) => Result,
): Result {
  return readingFrom(segment, () =>
    withFile(disk, disk.open(segment.path, 'read'), (file) => work(new SegmentReader(disk, file))),
  )
}

/** What `judgeTail` must know of a segment, besides what comes after it. */
export function tailContext(segment: ChosenSegment): Omit<TailContext, 'successor' | 'belowFloor'> {
  return { facts: segment.header, sizeBytes: segment.sizeBytes, madeBytes: segment.header.segmentBytes }
}

/** Where the walk over a segment begins. */
export function startOf(segment: ChosenSegment): {
  position: number
  seq: number
  chain: number
  limit: number
} {
  const limit = Math.min(segment.sizeBytes, segment.header.segmentBytes)
  return { position: headerBytes, seq: segment.header.firstSeq, chain: segment.headerChain, limit }
}

function isWhole(file: SegmentFile): boolean {
  return file.look.state === 'whole'
}

function firstUsed(
  disk: Disk,
  candidates: readonly SegmentFile[],
  around: { epochMin: number; look: boolean },
): ChosenSegment | undefined {
  for (const file of candidates) {
    const row = decide(fileTable, factsOf(disk, file, { ...around, candidates }))
    if (row.decision === 'use') return asChosen(file)
    if (row.decision === 'discard') continue
    const whole = { start: 0, end: file.sizeBytes }
    if (row.decision === 'corrupt') throw corrupt(file.name, whole, { reason: `${row.cause} (${row.label})` })
    const cause = file.look.state === 'unreadable' ? file.look.error : undefined
    throw corrupt(file.name, whole, { reason: `it cannot be read (${faultCode(cause) ?? 'unknown'})`, cause })
  }
  return undefined
}

function factsOf(
  disk: Disk,
  file: SegmentFile,
  around: { epochMin: number; look: boolean; candidates: readonly SegmentFile[] },
): FileFacts {
  const { look } = file
  const epoch = file.epoch < around.epochMin ? 'older' : 'current'
  const known = { epoch, begun: 'rotation', opening: 'complete', source: 'none', rest: 'zero' } as const
  if (look.state === 'unreadable') return { ...known, header: 'unreadable' }
  if (look.state === 'zero' || look.state === 'bad' || look.state === 'newer') {
    const header = look.state === 'zero' ? 'zero' : 'bad'
    return restFacts(disk, file, { ...known, header })
  }
  const { begun, sourceEpoch } = look.header
  if (begun === 'rotation') return { ...known, header: 'whole' }
  const source = around.candidates.some((other) => other.epoch === sourceEpoch) ? 'present' : 'absent'
  const opening = around.look ? openingOf(disk, asChosen(file)) : 'complete'
  return { ...known, header: 'whole', begun, opening, source: sourceEpoch === 0 ? 'none' : source }
}

/** A failed read here is as bad as a failed read of the header. */
function restFacts(disk: Disk, file: SegmentFile, facts: FileFacts): FileFacts {
  try {
    return { ...facts, rest: restIsZero(disk, file) ? 'zero' : 'data' }
  } catch (error) {
    if (faultCode(error) === undefined) throw error
    return { ...facts, header: 'unreadable' }
  }
}

function openingOf(disk: Disk, file: ChosenSegment): FileFacts['opening'] {
  return readChosen(disk, file, (reader) => {
    const end = walkToOpen(reader, file)
    if (end === 'open') return 'complete'
    const { decision } = judgeTail(reader, end, {
      ...tailContext(file),
      successor: false,
      belowFloor: false,
    }).row
    return decision === 'end' || decision === 'torn' ? 'cut' : 'damaged'
  })
}

function walkToOpen(reader: SegmentReader, file: ChosenSegment): WalkEnd | 'open' {
  const walk = walkFrames(reader, { ...file.header, depth: 'bodies' }, startOf(file))
  for (;;) {
    const step = walk.next()
    if (step.done === true) return step.value
    if (step.value.head.kind === 'open') return 'open'
  }
}

function asChosen(file: SegmentFile): ChosenSegment {
  const { look } = file
  if (look.state !== 'whole')
    throw corrupt(file.name, { start: 0, end: headerBytes }, { reason: 'its header is bad' })
  return { ...file, header: look.header, headerChain: look.chain }
}
