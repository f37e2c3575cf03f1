/**
 * lost-timer: a delayed message that was due and never came.
 *
 * Owns: the demand on confirmed messages with a delay. Leaves those without one to `lost-write`.
 */
import { invariant } from './finding.ts'
import { missingOf } from './lost-write.ts'
import { quietAt } from './quiet.ts'

/** See `about`. */
export const lostTimer = invariant({
  name: 'lost-timer',
  guarantee: 'G2',
  about: 'A delayed message that was confirmed, or that lies in the log, comes once it is due.',
  *find(history, terms) {
    const nowMs = quietAt(history)?.event.nowMs ?? -Infinity
    for (const { name, group, dueMs, events } of missingOf(history, terms)) {
      if (dueMs === 0 || dueMs > nowMs) continue
      yield { text: `${name} was due ${nowMs - dueMs} ms ago and never came to ${group}`, events }
    }
  },
})
