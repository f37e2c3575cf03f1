/**
 * What an owner notes when it ends: `owner-<epoch>.closed`.
 *
 * Owns: the record and its bytes. Leaves to `claim.ts` when it is written and to `examine.ts` holding a log against its floor.
 *
 * C1. A record whose own checksum fails reads as undefined: its owner ended, but nothing more is known.
 * C2. The floor is never used to shorten a journal, only to forbid a shorter one.
 */

import { checksum } from './bytes.ts'

/** The place up to which an owner knows its last segment to be durable: the end of its SEAL. */
export interface Floor {
  readonly segmentId: number
  readonly epoch: number
  readonly byteLength: number
  readonly chain: number
}

export interface ClosedRecord {
  /** False when the owner refused the directory: then it never held a confirmed message. */
  readonly served: boolean
  readonly floor: Floor | undefined
}

export function encodeClosed(record: ClosedRecord): Uint8Array {
  const text = JSON.stringify({ served: record.served, floor: record.floor ?? null })
  return Buffer.from(`${text}\n${checksum(Buffer.from(text))}\n`)
}

export function decodeClosed(bytes: Uint8Array): ClosedRecord | undefined {
  const [text = '', sum = ''] = Buffer.from(bytes).toString('utf8').split('\n')
  if (text === '' || String(checksum(Buffer.from(text))) !== sum) return undefined
  const value: unknown = JSON.parse(text)
  if (typeof value !== 'object' || value === null || !('served' in value) || !('floor' in value))
    return undefined
  return { served: value.served === true, floor: floorOf(value.floor) }
}

function floorOf(value: unknown): Floor | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const fields = new Map<string, unknown>(Object.entries(value))
  const number = (name: string): number => Number(fields.get(name))
  return {
    segmentId: number('segmentId'),
    epoch: number('epoch'),
    byteLength: number('byteLength'),
    chain: number('chain'),
  }
}
