/**
 * Acks that reached the disk though the process died before anybody was told.
 *
 * Owns: telling, of a finished history, at which opening such an ack was found. Leaves saying so to `words.ts`.
 *
 * FA1. An ack is found where its handler had returned or had asked for it, the process died, and the message neither
 *      came again nor is a dead letter, although in the end no message waits.
 */
import type { History } from '../history.ts'

interface Unheard {
  readonly group: string
  readonly player: number
  hasEnded: boolean
  /** Where the process after the one that died opens. */
  openedAt: number | undefined
}

/** The messages that each opening finds acknowledged, by the index of the opening. */
export function foundAcks(
  history: History,
  about: ReadonlyArray<readonly number[]>,
): ReadonlyMap<number, readonly number[]> {
  const found = new Map<number, number[]>()
  if (!history.some((event) => event.kind === 'drained' && event.waiting === 0)) return found
  for (const { openedAt, player } of unheardIn(history, about)) {
    if (openedAt !== undefined) found.set(openedAt, [...(found.get(openedAt) ?? []), player])
  }
  return found
}

/** What each group and message that nobody was told the end of went through last. */
function unheardIn(history: History, about: ReadonlyArray<readonly number[]>): Iterable<Unheard> {
  const open = new Map<string, Unheard>()
  const byRun = new Map<number, Unheard>()
  for (const [index, event] of history.entries()) {
    const player = about[index]?.[0] ?? -1
    if (event.kind === 'begun') {
      const run = { group: event.group, player, hasEnded: false, openedAt: undefined }
      open.set(nameOf(event.group, player), run)
      byRun.set(event.run, run)
    } else if (event.kind === 'settled' || event.kind === 'listed') {
      open.delete(nameOf(event.group, player))
    } else if (
      (event.kind === 'ended' && event.how === 'returned') ||
      (event.kind === 'asked' && event.how === 'ack')
    ) {
      const run = byRun.get(event.run)
      if (run !== undefined) run.hasEnded = true
    } else if (event.kind === 'opened') {
      for (const run of open.values()) run.openedAt ??= index
    }
  }
  return [...open.values()].filter(({ hasEnded }) => hasEnded)
}

const nameOf = (group: string, player: number): string => JSON.stringify([group, player])
