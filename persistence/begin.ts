/**
 * Beginning to own: a fresh segment file that takes over what the last one held.
 *
 * Owns: making that file, copying frames into it and the OPEN frame that makes it count.
 * Leaves to `recovery.ts` deciding what is copied, and removing the old file afterwards.
 *
 * BS1. What was only read from a cache becomes durable here, because it is written again into a new file.
 * BS2. An owner that was replaced goes on writing a file that nobody reads any more.
 * BS3. A crash at any point leaves a file that does not count, and the old one as it was.
 */

import type { ChosenSegment } from './choose-segments.ts'
import { readChosen, startOf } from './choose-segments.ts'
import { align8, u64, viewOf } from './bytes.ts'
import { corrupt } from './damage.ts'
import type { Disk } from './disk.ts'
import { faultCode, isFull, pathIn } from './disk-faults.ts'
import { closingBytes, frameBytesMax, headerBytes, partBytes } from './limits.ts'
import { segmentName } from './names.ts'
import type { Random } from './random.ts'
import { noPredecessor } from './segment-header.ts'
import type { Predecessor, SegmentHeader } from './segment-header.ts'
import { walkFrames } from './segment-reader.ts'
import type { WalkEnd } from './segment-reader.ts'
import { plainDraft, SegmentWriter } from './segment-writer.ts'
import type { FrameLabel, PreparedFile } from './segment-writer.ts'
import { makeZeros } from './small-file.ts'

/** Where and as whom. */
export interface Place {
  readonly disk: Disk
  readonly directory: string
  readonly epoch: number
}

export interface BeginOptions {
  readonly segmentBytes: number
  readonly random: Random
  readonly nowMs: () => number
}

/** What the new file continues. */
export interface BeginPlan {
  readonly journalId: Uint8Array
  readonly segmentId: number
  readonly firstSeq: number
  readonly predecessor: Predecessor
  /** The file whose frames are copied, and where they end. */
  readonly source: { readonly segment: ChosenSegment; readonly end: number } | undefined
  readonly oldestSegment: number
}

/** The plan for a directory without a journal. */
export function planFirst(random: Random): BeginPlan {
  const journalId = random.bytes(16)
  return {
    journalId,
    segmentId: 1,
    firstSeq: 1,
    predecessor: noPredecessor,
    source: undefined,
    oldestSegment: 1,
  }
}

/** The plan after a last segment: copy it, unless it is surely durable and full enough to be left alone. */
export function planAfter(
  segment: ChosenSegment,
  end: WalkEnd,
  known: { readonly surelyDurable: boolean; readonly oldestSegment: number },
): BeginPlan {
  const { journalId, predecessor, firstSeq, segmentBytes } = segment.header
  const { oldestSegment } = known
  if (known.surelyDurable && end.position >= segmentBytes / 2) {
    const sealed = { segmentId: segment.id, byteLength: end.position, lastSeq: end.seq - 1, chain: end.chain }
    const next = { segmentId: segment.id + 1, firstSeq: end.seq, predecessor: sealed }
    return { journalId, ...next, source: undefined, oldestSegment }
  }
  const source = { segment, end: end.position }
  return { journalId, segmentId: segment.id, firstSeq, predecessor, source, oldestSegment }
}

/** Makes the file durable, its name included. Throws a `DiskError`; then the file is gone again as far as possible. */
export function beginSegment(place: Place, plan: BeginPlan, options: BeginOptions): SegmentWriter {
  const { disk, directory, epoch } = place
  const name = segmentName(plan.segmentId, epoch)
  const prepared = makeFile(disk, { name, path: pathIn(directory, name) }, { plan, options })
  let writer: SegmentWriter | undefined
  try {
    writer = SegmentWriter.begin(disk, prepared, headerOf(prepared, { plan, options, epoch }))
    const label = { flags: 0, oldestSegment: plan.oldestSegment, wallMs: options.nowMs() }
    const copied = plan.source === undefined ? 0 : copyFrames(disk, plan.source, writer)
    writer.write(plainDraft(u64(copied, plan.source?.segment.epoch ?? 0)), { kind: 'open', ...label })
    writer.sync()
    disk.syncDirectory(directory)
    return writer
  } catch (error) {
    writer?.close()
    removeQuietly(disk, prepared.path)
    throw error
  }
}

/** Makes the file of zeros. On a disk that is nearly full a smaller one does. */
function makeFile(
  disk: Disk,
  file: { name: string; path: string },
  wish: { plan: BeginPlan; options: BeginOptions },
): PreparedFile {
  const { segmentBytes } = wish.options
  const needed = align8((wish.plan.source?.end ?? headerBytes) + closingBytes)
  try {
    return makeSized(disk, { ...file, sizeBytes: Math.max(segmentBytes, needed) })
  } catch (error) {
    if (!isFull(error)) throw error
    return makeSized(disk, { ...file, sizeBytes: needed + partBytes(segmentBytes) })
  }
}

function makeSized(disk: Disk, file: PreparedFile): PreparedFile {
  try {
    makeZeros(disk, file.path, file)
    return file
  } catch (error) {
    // A file that was there before is not ours to remove.
    if (faultCode(error) !== 'EEXIST') removeQuietly(disk, file.path)
    throw error
  }
}

function headerOf(
  file: PreparedFile,
  wish: { plan: BeginPlan; options: BeginOptions; epoch: number },
): SegmentHeader {
  const { plan, options, epoch } = wish
  const { journalId, segmentId, firstSeq, predecessor, source } = plan
  const copiedMax = source?.segment.header.frameBytesMax ?? 0
  return {
    journalId,
    segmentId,
    firstSeq,
    predecessor,
    ownerEpoch: epoch,
    salt: saltFrom(options.random),
    segmentBytes: file.sizeBytes,
    frameBytesMax: Math.max(frameBytesMax(options.segmentBytes), copiedMax),
    begun: 'opening',
    sourceEpoch: source?.segment.epoch ?? 0,
    oldestSegment: plan.oldestSegment,
    createdMs: options.nowMs(),
  }
}

/** 64 random bits for a new file. */
export function saltFrom(random: Random): { low: number; high: number } {
  const view = viewOf(random.bytes(8))
  return { low: view.getUint32(0, true), high: view.getUint32(4, true) }
}

function copyFrames(
  disk: Disk,
  source: { segment: ChosenSegment; end: number },
  writer: SegmentWriter,
): number {
  return readChosen(disk, source.segment, (reader) => writer.copy(keptFrames(reader, source)))
}

/** Frames that say something: marks of being open, idle or sealed are of their own file only. */
function* keptFrames(
  reader: Parameters<typeof walkFrames>[0],
  source: { segment: ChosenSegment; end: number },
): Generator<{ bytes: Uint8Array; label: FrameLabel }> {
  const start = { ...startOf(source.segment), limit: source.end }
  let position = start.position
  for (const frame of walkFrames(reader, { ...source.segment.header, depth: 'bodies' }, start)) {
    const { kind, flags, oldestSegment, wallMs } = frame.head
    position = frame.end
    if (kind === 'open' || kind === 'idle' || kind === 'seal') continue
    const bytes = reader.bytes(frame.position, frame.end - frame.position, frame.end)
    yield { bytes, label: { kind, flags, oldestSegment, wallMs } }
  }
  if (position === source.end) return
  const range = { start: position, end: source.end }
  throw corrupt(source.segment.name, range, { reason: 'it reads differently the second time' })
}

function removeQuietly(disk: Disk, path: string): void {
  try {
    disk.remove(path)
  } catch {
    // A file that stays does not count, and the next opening removes it.
  }
}
