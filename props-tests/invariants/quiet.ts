/**
 * What may be demanded once a run is quiet: which groups must have met which messages.
 *
 * Owns: when an absence is a finding. Leaves what was absent to the invariants.
 *
 * HQ1. Nothing is missing while messages still wait (that is `stuck`), where retention took it, or after a group was
 *      moved to where nobody told.
 */
import type { History, Terms } from '../history.ts'
import { readHistory } from './reading.ts'
import type { Reading, Told } from './reading.ts'

/** The moment from which nothing moved any more, and nothing waited. */
export function quietAt(history: History): Told<'drained'> | undefined {
  const { drained } = readHistory(history)
  return drained?.event.waiting === 0 ? drained : undefined
}

/** The groups that must have met every message of a topic. */
export function demandingGroups(reading: Reading, terms: Terms, topic: string): readonly string[] {
  return (terms.groups[topic] ?? []).filter((group) => !mayHaveSkipped(reading, group, topic))
}

/** Whether what lies in a topic must have been seen by now. */
export function isVisible(history: History, terms: Terms, topic: string): boolean {
  const reading = readHistory(history)
  const isTrimmed = [...reading.retained.keys()].some((lane) => lane.startsWith(`${topic}/`))
  return quietAt(history) !== undefined && !isTrimmed && demandingGroups(reading, terms, topic).length > 0
}

function mayHaveSkipped({ moves }: Reading, group: string, topic: string): boolean {
  return (moves.get(`${group} ${topic}`) ?? []).some(
    ({ event }) => event.how === 'seek' && event.backwards !== true,
  )
}
