/**
 * What the main thread and the journal's thread say to each other.
 *
 * Owns: the shape of requests and answers. Leaves the bytes of a batch to `shared-draft.ts`, those of answers to
 * `wire-bytes.ts`, and errors to `wire-error.ts`.
 */
import type { Committed, StoreLimits } from './store.ts'
import type { PackedRecovered, PackedRuns } from './wire-bytes.ts'
import type { WireError } from './wire-error.ts'

/** What the thread is started with. */
export interface ThreadStart {
  readonly directory: string
  readonly segmentBytes: number
  readonly takeover: boolean
  readonly announcements: SharedArrayBuffer
  readonly draft: SharedArrayBuffer
}

export type Work =
  | { readonly kind: 'read'; readonly mailbox: number; readonly offset: number; readonly bytesMax: number }
  | { readonly kind: 'offsetAt'; readonly mailbox: number; readonly timestampMs: number }
  | { readonly kind: 'checkpoint'; readonly state: Uint8Array }
  | { readonly kind: 'trim'; readonly firsts: ReadonlyMap<number, number> }
  | { readonly kind: 'release' }

export interface Request {
  readonly id: number
  readonly work: Work
}

/** A bare number asks for the commit of what lies in the shared draft; as an answer it says that it is durable. */
export type ToThread = number | Request
export type FromThread = number | Answer

export interface Opened {
  readonly recovered: PackedRecovered
  readonly limits: StoreLimits
}

export type Result =
  | { readonly kind: 'opened'; readonly opened: Opened }
  | { readonly kind: 'committed'; readonly committed: Committed }
  | { readonly kind: 'runs'; readonly runs: PackedRuns }
  | { readonly kind: 'offset'; readonly offset: number }
  | { readonly kind: 'released' }
  | { readonly kind: 'failed'; readonly error: WireError }

/** The answer to the request of the same id; opening is answered under id 0. */
export interface Answer {
  readonly id: number
  readonly result: Result
}

export const OPENING_ID = 0
