/**
 * What the engine knows of a run beside its history: which handler's run did what, and whether it may be repeated.
 *
 * Owns: the data for comparing two runs. Leaves comparing to `compare.ts`.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Clock } from '../../runtime/index.ts'
import type { RunEnd } from '../history.ts'

/** One run of a handler. Indices point into the history. */
export interface RunNote {
  readonly run: number
  readonly life: number
  readonly group: string
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly attempt: number
  /** Names the message: its message id, or its place. */
  readonly message: string
  /** Whether the name is the message's in every run of the same case: that of its message id is, a place is not. */
  readonly isNamed: boolean
  readonly value: string
  readonly begunAt: number
  endedAt: number | undefined
  end: RunEnd | undefined
  /** When its handler asked for its ack itself. */
  askedAt: number | undefined
  /** When the user was told that it is acked. */
  settledAt: number | undefined
  /** It was still at work a while after its own ack was durable. */
  workedOn: boolean
}

/** Something that a handler did to the world. */
export interface EffectNote {
  /** Where in the history it is told. */
  readonly index: number
  readonly life: number
  readonly run: number | undefined
  readonly kind: 'call' | 'table' | 'send'
  readonly name: string
  readonly value: string
  /** It took place. A failed call may have. */
  readonly happened: boolean
  /** The caller was told that it failed. */
  readonly failed: boolean
  /** Doing it again, or not at all, is harmless by declaration: it is never compared. */
  readonly mayRepeat: boolean
}

/** What a case left behind, beside its history. */
export interface Notes {
  readonly runs: Map<number, RunNote>
  readonly effects: EffectNote[]
  /** Table, then rows by key, as texts. */
  readonly tables: Map<string, Map<string, string>>
}

/** Whose code is running. */
export interface Context {
  readonly life: { readonly clock: Clock; readonly isDead: boolean }
  readonly run: RunNote | undefined
}

/** Follows the user's code through its promises and timers. */
export const context = new AsyncLocalStorage<Context>()
