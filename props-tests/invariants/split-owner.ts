/**
 * split-owner: a process that went on to confirm after another one had taken over.
 *
 * Owns: what begins and is confirmed behind a take-over. Leaves what was durable before it and is only told later
 * alone: that is right.
 */
import { invariant } from './finding.ts'
import type { Finding } from './finding.ts'
import { describe, readHistory, spell, toldOf } from './reading.ts'
import type { Told } from './reading.ts'
import type { History } from '../history.ts'

/** See `about`. */
export const splitOwner = invariant({
  name: 'split-owner',
  guarantee: 'G10',
  about: 'Once another process owns the directory, the old owner confirms nothing that was begun since.',
  *find(history) {
    const openings = toldOf(history, 'opened')
    if (openings.length < 2) return
    yield* confirmedBehind(history, openings)
    yield* settledBehind(history, openings)
  },
})

function* confirmedBehind(history: History, openings: readonly Told<'opened'>[]): Iterable<Finding> {
  for (const { at, event, confirmed } of readHistory(history).asked) {
    const takeover = confirmed && takeoverOf(event.life, at, openings)
    if (confirmed === undefined || takeover === undefined) continue
    yield {
      text: `process ${event.life} sent ${spell(confirmed.event)} after process ${takeover.event.life} had taken over, and had it confirmed`,
      events: [takeover.at, at, confirmed.at],
    }
  }
}

function* settledBehind(history: History, openings: readonly Told<'opened'>[]): Iterable<Finding> {
  for (const { at, event, delivery, settledAt } of readHistory(history).late.values()) {
    const takeover = takeoverOf(event.life, at, openings)
    if (settledAt === undefined || takeover === undefined) continue
    yield {
      text: `process ${event.life} handled ${describe(delivery.spot)} for ${event.group} after process ${takeover.event.life} had taken over, and had it settled`,
      events: [takeover.at, at, settledAt],
    }
  }
}

/** The opening of a later process before `at`. */
function takeoverOf(
  life: number,
  at: number,
  openings: readonly Told<'opened'>[],
): Told<'opened'> | undefined {
  return openings.find((opening) => opening.at < at && opening.event.life > life)
}
