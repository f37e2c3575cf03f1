/**
 * What the parent and its child tell each other about a day.
 *
 * Owns: the words beyond those of `../webhooks/protocol.ts`.
 */
import type { Range } from '../webhooks/protocol.ts'
import type { News } from './actors.ts'
import type { Sabotage } from './options.ts'
import type { ExpectedDay, States } from './pure-run.ts'

/** Where a life stops at its worst moment. */
export type HoldIn = 'effect' | 'commit'

/** From the parent: one day of the script, or what is left of it. */
export interface Work {
  readonly kind: 'work'
  readonly phase: string
  /** Its place in the script. */
  readonly index: number
  readonly seed: number
  readonly forks: number
  readonly dataDirectory: string
  readonly bookFile: string
  /** What the parent holds no confirmation for, of all days. */
  readonly missing: readonly Range[]
  /** How many of all days are confirmed. */
  readonly confirmed: number
  readonly expected: ExpectedDay
  /** From this progress on: do the thing for the n-th time, tell nobody, and wait for the kill. */
  readonly hold: { readonly at: number; readonly in: HoldIn; readonly nth: number } | undefined
  /** Something is missing already: nothing is waited for very long. */
  readonly isHopeless: boolean
  readonly sabotage: Sabotage | undefined
}

/** From the child when its day is over. */
export interface DayEnd {
  /** Everything has come that should. */
  readonly isComplete: boolean
  /** Of all actors there are, at the end of the last day. */
  readonly states: States
  /** Everything on the topic of news, at the end of the last day. */
  readonly news: readonly News[]
}

/** A line in the book of the outside. */
export type Line =
  /** `isNew: false` is a repeat that was known by its id and changed nothing. */
  | { readonly kind: 'told'; readonly subject: string; readonly id: string; readonly isNew: boolean }
  /** The runtime raised an event that should never be raised. */
  | { readonly kind: 'alarm'; readonly name: string; readonly details: string }
