/**
 * The actors in a checkpoint: few words as JSON, and every actor as bytes.
 *
 * Owns: the layout of that part of the image. Leaves the state to `actor-states.ts`, and the rest to `ledger.ts`.
 *
 * AI1. `readActors(writeActors(states))` gives the same states.
 * AI2. An actor costs about its own bytes, to write and to read: a hundred thousand of them take well under a second.
 *
 * JSON of all definitions with its length, then for each: count u32 · actors
 * Actor: key · turn f64 · status u8 · shape u32 · state with its length · more as JSON with its length (0: nothing)
 */
import type { ActionRecord, RunningRecord, TimerRecord } from './actor-event.ts'
import { codeOf, statusOf } from './actor-event.ts'
import {
  ActorKind,
  unpacked,
  type ActorKindImage,
  type ActorRecord,
  type ActorStates,
} from './actor-states.ts'
import type { ByteReader, ByteWriter } from './bytes.ts'

interface More {
  readonly timers: readonly TimerRecord[]
  readonly running: readonly RunningRecord[]
  readonly actions: readonly ActionRecord[]
}

export function writeActors(writer: ByteWriter, states: ActorStates): void {
  const kinds = [...states.kinds.values()]
  writer.text(JSON.stringify(kinds.map((kind) => kind.image())))
  for (const kind of kinds) {
    writer.u32(kind.records.size)
    for (const [key, record] of kind.records) writeRecord(writer, key, record)
  }
}

function writeRecord(writer: ByteWriter, key: string, record: ActorRecord): void {
  const { timers, running, actions } = record
  writer.text(key)
  writer.f64(record.turn)
  writer.u8(codeOf(record.status))
  writer.u32(record.shape)
  writer.text(unpacked(record.packed))
  if (timers.length + running.length + actions.length === 0) writer.u32(0)
  else writer.text(JSON.stringify({ timers, running, actions } satisfies More))
}

export function readActors(reader: ByteReader, states: ActorStates): void {
  // Written by `writeActors`, and under the frame's checksum since.
  const images = JSON.parse(reader.text()) as ActorKindImage[]
  for (const image of images) {
    const kind = ActorKind.restore(image)
    for (let left = reader.u32(); left > 0; left -= 1) kind.records.set(reader.text(), readRecord(reader))
    states.kinds.set(kind.number, kind)
  }
}

const NOTHING: More = { timers: [], running: [], actions: [] }

function readRecord(reader: ByteReader): ActorRecord {
  const turn = reader.f64()
  const status = statusOf(reader.u8())
  const shape = reader.u32()
  const packed = reader.bytes(reader.u32()).toString('latin1')
  const more = reader.text()
  return { turn, status, shape, packed, ...(more === '' ? NOTHING : (JSON.parse(more) as More)) }
}
