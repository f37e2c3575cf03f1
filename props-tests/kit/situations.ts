/**
 * The situations that a check should have met: what never came up was not checked.
 *
 * Owns: their names and how to see them in a history. Leaves demanding them to whoever reads the report.
 */
import type { History, HistoryEvent } from '../history.ts'

/** The situation that an event shows, if it shows one. */
function situationOf(event: HistoryEvent): string | undefined {
  switch (event.kind) {
    case 'crashed':
      return event.how === 'kill' ? 'process killed' : 'power cut'
    case 'opened':
      return event.setAsideBytes > 0
        ? 'torn tail set aside'
        : event.leasesReturned > 0
          ? 'lease returned'
          : undefined
    case 'rejected':
      return 'send rejected'
    case 'ended':
      if (event.how === 'left' || event.how === 'overdue') return `loop ${event.how}`
      return event.how === 'returned' || event.how === 'went-on' ? undefined : `handler ${event.how}`
    case 'begun':
      return event.attempt > 1 ? 'message handled again' : undefined
    case 'effect':
      return event.error ? 'outside failed' : undefined
    case 'listed':
      return 'dead letter'
    case 'event':
      return event.name === 'broken' ? 'runtime broken' : undefined
    case 'fault':
      return event.text.split(' ').slice(0, 2).join(' ')
    default:
      return undefined
  }
}

/** Counts the situations of a history. */
export function addSituations(counts: Record<string, number>, history: History): void {
  for (const event of history) {
    const situation = situationOf(event)
    if (situation !== undefined) counts[situation] = (counts[situation] ?? 0) + 1
  }
}
