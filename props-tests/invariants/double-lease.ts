/**
 * double-lease: one message in two handlers at once.
 *
 * Owns: runs of one delivery that overlap in one process. Leaves a stopped owner's handlers alone: nobody can end them,
 * and what they do is refused (`split-owner`).
 *
 * HL1. A run whose end was settled, or whose lease ran out, no longer has the message, though it may still run.
 */
import { invariant } from './finding.ts'
import { describe, readHistory, toldOf } from './reading.ts'
import type { Delivery, Run } from './reading.ts'

/** See `about`. */
export const doubleLease = invariant({
  name: 'double-lease',
  guarantee: 'G6',
  about: 'A message is with one handler of a group at a time.',
  *find(history) {
    const expiries = toldOf(history, 'event').filter(({ event }) => event.text.includes('lease-expired'))
    for (const delivery of readHistory(history).deliveries.values()) {
      for (const { held, next } of overlapsOf(delivery)) {
        if (expiries.some(({ at }) => at > held.at && at < next.at)) continue
        yield {
          text: `${describe(delivery.spot)} came to ${delivery.group} again while its handler still ran`,
          events: [held.at, next.at],
        }
      }
    }
  },
})

/** Each run that began while the one before it still had the message. */
function* overlapsOf({ steps }: Delivery): Iterable<{ readonly held: Run; readonly next: Run }> {
  let held: Run | undefined
  for (const step of steps) {
    const next = step.kind === 'run' ? step.run : undefined
    if (held !== undefined && next !== undefined && isHeld(held, next)) yield { held, next }
    held = next
  }
}

function isHeld(held: Run, next: Run): boolean {
  const isEnded = held.ended !== undefined && held.ended.at < next.at
  return !isEnded && held.asked === undefined && held.era === next.era && held.event.life === next.event.life
}
