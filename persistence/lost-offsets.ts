/**
 * Which messages damage concerns: the offsets that are missing between those that can still be read.
 *
 * Owns: reading over damage, for the words of an error only. Leaves refusing to its callers.
 *
 * Q1. Nothing read here is ever served.
 */

import type { ChosenSegment } from './choose-segments.ts'
import { readChosen, startOf } from './choose-segments.ts'
import type { Disk } from './disk.ts'
import { UnlostError } from './errors.ts'
import type { AffectedOffsets } from './errors.ts'
import type { RunEntry } from './frame.ts'
import { bodyDamage, directoryOf, lookAt } from './segment-reader.ts'
import type { SegmentReader } from './segment-reader.ts'
import { magicsIn } from './tail.ts'

const pieceBytes = 64 * 1024

/** Gaps between the readable runs of each mailbox, and runs whose frame is damaged behind its directory. */
export function lostOffsets(disk: Disk, segments: readonly ChosenSegment[]): AffectedOffsets[] {
  const nexts = new Map<number, number>()
  const lost: AffectedOffsets[] = []
  // Without the first segment it cannot be known where a mailbox began.
  const isWhole = segments[0]?.id === 1
  for (const { run, damaged } of salvageAll(disk, segments)) {
    const next = nexts.get(run.mailbox) ?? (isWhole ? 0 : run.firstOffset)
    if (run.firstOffset > next) lost.push({ mailbox: run.mailbox, first: next, last: run.firstOffset - 1 })
    if (damaged)
      lost.push({ mailbox: run.mailbox, first: run.firstOffset, last: run.firstOffset + run.count - 1 })
    nexts.set(run.mailbox, Math.max(next, run.firstOffset + run.count))
  }
  return lost
}

interface SalvagedRun {
  readonly run: RunEntry
  readonly damaged: boolean
}

function salvageAll(disk: Disk, segments: readonly ChosenSegment[]): SalvagedRun[] {
  return segments.flatMap((segment) => {
    try {
      return readChosen(disk, segment, (reader) => [...salvage(reader, segment)])
    } catch (error) {
      if (error instanceof UnlostError) return []
      throw error
    }
  })
}

function* salvage(reader: SegmentReader, segment: ChosenSegment): Generator<SalvagedRun> {
  const { limit, position: start } = startOf(segment)
  let seq = segment.header.firstSeq
  for (let position = start; position < limit;) {
    const look = lookAt(reader, segment.header, { position, limit })
    if (look.state !== 'whole' || look.frame.head.seq < seq) {
      position = nextMagic(reader, position + 8, limit)
      continue
    }
    const { frame } = look
    const damaged = bodyDamage(reader, frame) !== undefined
    for (const run of directoryOf(reader, frame) ?? []) if (run.count > 0) yield { run, damaged }
    seq = frame.head.seq + 1
    position = frame.end
  }
}

/** The next place at which a frame might begin; `limit` when there is none. */
function nextMagic(reader: SegmentReader, from: number, limit: number): number {
  for (let at = from; at < limit; at += pieceBytes) {
    const [found] = magicsIn(reader.bytes(at, pieceBytes + 8, limit), at)
    if (found !== undefined) return found
  }
  return limit
}
