/**
 * What a stopped owner was in the middle of, as its directory shows it.
 *
 * Owns: reading the frames of its files while nobody writes. Leaves stopping it to `takeover-trial.ts`.
 *
 * TK1. `rotation`: the last segment is sealed, and its successor has no frame yet.
 * TK2. `checkpoint`: the last frame is a checkpoint, or a part of one, and no later frame says that it was durable.
 * TK3. `clean-up`: the last frame allows segments to be gone that are still there.
 */
import * as fs from 'node:fs'
import { join } from 'node:path'
import { decodeHead, decodeHeader, readName, shapeOf } from '../../persistence/internal.ts'

export type Moment = 'rotation' | 'checkpoint' | 'clean-up' | 'none'

/** The proof: what was seen. */
export interface DirectorySight {
  readonly moment: Moment
  readonly names: readonly string[]
  /** Such as `segment-2: checkpoint`. */
  readonly last: string
}

interface LastFrame {
  readonly id: number
  readonly kind: string
  readonly oldestSegment: number
}

const HEADER_BYTES = 4096

/** Looks at the files of a directory in which everybody is stopped. */
export function lookAtDirectory(directory: string): DirectorySight {
  const names = fs.readdirSync(directory).toSorted()
  const segments = names.flatMap((name) => {
    const read = readName(name)
    return read?.kind === 'segment' ? [{ id: read.id, name }] : []
  })
  const frames = segments.flatMap(({ id, name }) => lastFrameOf(id, fs.readFileSync(join(directory, name))))
  const last = frames.at(-1)
  if (last === undefined) return { moment: 'none', names, last: 'no frame' }
  const oldest = Math.min(...segments.map(({ id }) => id))
  return { moment: momentOf(last, oldest), names, last: `segment ${last.id}: ${last.kind}` }
}

function momentOf(last: LastFrame, oldest: number): Moment {
  if (last.oldestSegment > oldest) return 'clean-up'
  if (last.kind === 'checkpoint') return 'checkpoint'
  return last.kind === 'seal' ? 'rotation' : 'none'
}

function lastFrameOf(id: number, bytes: Buffer): LastFrame[] {
  const look = decodeHeader(bytes.subarray(0, HEADER_BYTES))
  if (look.state !== 'whole') return []
  const { low, high } = look.header.salt
  let last: LastFrame | undefined
  for (let at = HEADER_BYTES; ;) {
    const head = at + 64 > bytes.length ? undefined : decodeHead(bytes.subarray(at, at + 64))
    if (head === undefined || head.salt.low !== low || head.salt.high !== high) break
    last = { id, kind: head.kind, oldestSegment: head.oldestSegment }
    at += shapeOf(head.runCount, head.payloadBytes).frameBytes
  }
  return last === undefined ? [] : [last]
}
