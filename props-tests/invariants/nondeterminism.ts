/**
 * nondeterminism: two runs of one seed that differ.
 *
 * Owns: comparing two histories, event by event. Leaves running twice to whoever runs the world.
 */
import type { History, HistoryEvent, Violation } from '../history.ts'

/** What holds, in one sentence, and which guarantee the others lean on it for. */
export const nondeterminism = {
  name: 'nondeterminism',
  guarantee: 'G8',
  about: 'The same seed gives the same history: nothing depends on the time of day or on chance.',
} as const

/**
 * The first difference of two runs with the same seed; undefined when they are the same.
 *
 * @example
 * compareRuns(first, second)?.text // 'event 7 is begun orders/0@3 in one run and …'
 */
export function compareRuns(first: History, second: History): Violation | undefined {
  for (let at = 0; at < Math.max(first.length, second.length); at += 1) {
    const [a, b] = [first[at], second[at]].map((event) =>
      event === undefined ? undefined : JSON.stringify(event),
    )
    if (a === b) continue
    const text = `event ${at} is ${shown(first[at])} in one run, and ${shown(second[at])} in the other`
    return { invariant: nondeterminism.name, text, events: [Math.min(at, first.length - 1)] }
  }
  return undefined
}

function shown(event: HistoryEvent | undefined): string {
  return event === undefined ? 'missing' : JSON.stringify(event)
}
