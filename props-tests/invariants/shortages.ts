/**
 * lost-suffix, silent-truncation, stale-read and unstable-recovery: a log that ends before what it had.
 *
 * Owns: the ends that partitions tell of themselves. Leaves what is missing inside to `hole`, and what a group never
 * got to `lost-write`.
 *
 * HX1. One short log is one violation: what was confirmed is named before what was only seen, and damage before both.
 */
import { invariant } from './finding.ts'
import type { Finding } from './finding.ts'
import { readHistory, toldOf } from './reading.ts'
import { confirmedByLane, readOutsOf } from './read-outs.ts'
import type { ReadOut } from './read-outs.ts'
import type { History } from '../history.ts'

type Shortage = 'lost-suffix' | 'silent-truncation' | 'stale-read' | 'unstable-recovery'

/** See `about`. */
export const lostSuffix = invariant({
  name: 'lost-suffix',
  guarantee: 'G2',
  about: 'After a crash a partition reaches at least as far as was confirmed.',
  find: (history) => shortagesOf(history, 'lost-suffix'),
})

/** See `about`. */
export const silentTruncation = invariant({
  name: 'silent-truncation',
  guarantee: 'G9',
  about: 'Damage never makes a log shorter: it is repaired, or refused by name.',
  find: (history) => shortagesOf(history, 'silent-truncation'),
})

/** See `about`. */
export const staleRead = invariant({
  name: 'stale-read',
  guarantee: 'G2',
  about: 'What was confirmed can be read at once.',
  find: (history) => shortagesOf(history, 'stale-read'),
})

/** See `about`. */
export const unstableRecovery = invariant({
  name: 'unstable-recovery',
  guarantee: 'G2',
  about: 'What an opening has shown is there at every later opening.',
  find: (history) => shortagesOf(history, 'unstable-recovery'),
})

function* shortagesOf(history: History, wanted: Shortage): Iterable<Finding> {
  for (const { kind, finding } of allShortages(history)) if (kind === wanted) yield finding
}

function* allShortages(history: History): Iterable<{ readonly kind: Shortage; readonly finding: Finding }> {
  const readOuts = readOutsOf(history)
  if (readOuts.length === 0) return
  const confirmed = confirmedByLane(history)
  const furthest = new Map<string, ReadOut>()
  for (const readOut of readOuts) {
    const { lane, next, at } = readOut
    const lost = confirmed
      .get(lane)
      ?.find((ask) => ask.confirmed.at < at && ask.confirmed.event.offset >= next)
    const before = furthest.get(lane)
    if (before === undefined || before.next < next) furthest.set(lane, readOut)
    if (lost !== undefined) {
      const text = `${lane} ends at ${next}, and offset ${lost.confirmed.event.offset} had been confirmed`
      const kind = kindOf(history, lost.confirmed.at, readOut) ?? 'stale-read'
      yield { kind, finding: { text, events: [lost.at, lost.confirmed.at, at] } }
    } else if (before !== undefined && before.next > next) {
      const text = `${lane} ends at ${next}, and had shown itself up to ${before.next}`
      const isDamaged = kindOf(history, before.at, readOut) === 'silent-truncation'
      const kind = isDamaged ? 'silent-truncation' : 'unstable-recovery'
      yield { kind, finding: { text, events: [before.at, at] } }
    }
  }
}

/** What lay between knowing it and missing it: damage, a crash, or nothing. */
function kindOf(
  history: History,
  knownAt: number,
  { at }: ReadOut,
): 'silent-truncation' | 'lost-suffix' | undefined {
  if (readHistory(history).damageAt < at) return 'silent-truncation'
  const isReopened = toldOf(history, 'opened').some((opening) => opening.at > knownAt && opening.at < at)
  return isReopened ? 'lost-suffix' : undefined
}
