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
  /** A loop took it. */
  readonly isLoop: boolean
  readonly begunAt: number
  /** A custom action that says that it needs no commit. */
  readonly isUnconfirmed?: boolean
  endedAt: number | undefined
  end: RunEnd | undefined
  /** When its handler asked for its ack itself. */
  askedAt: number | undefined
  /** Its handler itself asked for an end of any kind. */
  isSettled: boolean
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
  /** It had a key, by which its receiver knows it again. */
  readonly isKeyed: boolean
  /** Its key was known, of this call: the receiver took it for a repetition of that. */
  readonly before?: { readonly value: string; readonly run: number | undefined } | undefined
}

/** A loop of the process over a topic, for a group. */
export interface LoopNote {
  readonly life: number
  readonly topic: string
  readonly group: string
  /** Where it is told that it was left. */
  leftAt: number | undefined
}

/** An error that nobody caught: its process died of it. */
export interface UncaughtNote {
  /** Where in the history the process stood. */
  readonly index: number
  readonly text: string
}

/** What a case left behind, beside its history. */
export interface Notes {
  readonly runs: Map<number, RunNote>
  readonly effects: EffectNote[]
  readonly loops: LoopNote[]
  /** Consumers of the last process that were made and never run, while none of their group was. */
  readonly idle: { readonly topic: string; readonly group: string }[]
  readonly uncaught: UncaughtNote[]
  /** Where in the history calls of the outside were made to take long. */
  readonly slow: number[]
  /** Table, then rows by key, as texts. */
  readonly tables: Map<string, Map<string, string>>
}

/** Whose code is running. */
export interface Context {
  readonly life: {
    readonly clock: Clock
    readonly isDead: boolean
    readonly uncaught: (error: unknown) => void
  }
  readonly run: RunNote | undefined
}

/** Follows the user's code through its promises and timers. */
export const context = new AsyncLocalStorage<Context>()
