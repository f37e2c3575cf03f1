/**
 * Reading back the state that a journal keeps for the runtime: the last checkpoint and the events after it.
 *
 * Owns: turning places of frames into bytes. Leaves to `ledger.ts` which frames those are.
 *
 * RS1. Bytes are given back only after their sums were compared; damage refuses the directory.
 */

import type { ChosenSegment } from './choose-segments.ts'
import { readChosen } from './choose-segments.ts'
import { corrupt } from './damage.ts'
import type { Disk } from './disk.ts'
import type { FramePlace, Ledger } from './ledger.ts'
import { lookAt, payloadOf } from './segment-reader.ts'
import { viewOf } from './bytes.ts'

export interface RecoveredState {
  readonly checkpoint: Uint8Array | undefined
  readonly events: readonly Uint8Array[]
}

/** Throws `CorruptError`. */
export function loadState(disk: Disk, segments: readonly ChosenSegment[], ledger: Ledger): RecoveredState {
  const parts = loadPayloads(disk, segments, ledger.checkpoint)
  return {
    checkpoint: parts.length === 0 ? undefined : new Uint8Array(Buffer.concat(parts)),
    events: loadPayloads(disk, segments, ledger.events).flatMap(splitEvents),
  }
}

/** The event part of each frame, or all of its payload where it has no events. */
function loadPayloads(
  disk: Disk,
  segments: readonly ChosenSegment[],
  places: readonly FramePlace[],
): Uint8Array[] {
  return segments.flatMap((segment) => {
    const positions = places.filter((place) => place.segmentId === segment.id)
    if (positions.length === 0) return []
    return readChosen(disk, segment, (reader) =>
      positions.map(({ position }) => {
        const look = lookAt(reader, segment.header, { position, limit: segment.sizeBytes })
        if (look.state !== 'whole') throw damaged(segment, { start: position, end: position + 1 })
        const { eventBytes, payloadBytes, kind } = look.frame.head
        const part = { start: 0, end: kind === 'data' ? eventBytes : payloadBytes }
        const bytes = payloadOf(reader, look.frame, part)
        if (bytes instanceof Uint8Array) return bytes
        throw damaged(segment, bytes)
      }),
    )
  })
}

function splitEvents(bytes: Uint8Array): Uint8Array[] {
  const events: Uint8Array[] = []
  const view = viewOf(bytes)
  for (let at = 0; at < bytes.length;) {
    const end = at + 4 + view.getUint32(at, true)
    events.push(bytes.subarray(at + 4, end))
    at = end
  }
  return events
}

function damaged(segment: ChosenSegment, range: { start: number; end: number }): Error {
  return corrupt(segment.name, range, { reason: 'state does not match its checksum; it cannot be left out' })
}
