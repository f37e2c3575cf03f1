/**
 * How an invariant speaks: a definition that looks for the first violation, and its words.
 *
 * Owns: turning what was found into a `Violation`. Leaves what to look for to the invariants.
 */
import type { History, Invariant, Terms, Violation } from '../history.ts'

/** What was found: a sentence, and the events that show it. */
export interface Finding {
  readonly text: string
  readonly events: readonly (number | undefined)[]
}

/** An invariant without its making. */
export interface Definition {
  readonly name: string
  readonly guarantee: string
  readonly about: string
  /** Tells violations, the first one first; the rest is never asked for. */
  readonly find: (history: History, terms: Terms) => Iterable<Finding>
}

/** An invariant that tells the first thing that its definition finds. */
export function invariant({ name, guarantee, about, find }: Definition): Invariant {
  const check = (history: History, terms: Terms): Violation | undefined => {
    for (const { text, events } of find(history, terms)) {
      const shown = [...new Set(events)].filter((at) => at !== undefined)
      return { invariant: name, text, events: shown.toSorted((a, b) => a - b) }
    }
    return undefined
  }
  return { name, guarantee, about, check }
}
