/**
 * false-alarm: a disk that is called broken or damaged, and is not.
 *
 * Owns: events and errors that speak of the disk in runs without a fault. Leaves openings to `false-refusal`.
 */
import { invariant } from './finding.ts'
import { readHistory, toldOf } from './reading.ts'

const alarms = new Set(['corruption', 'broken'])
const codes = new Set(['UNLOST_BROKEN', 'UNLOST_CORRUPT', 'UNLOST_DISK_FULL', 'UNLOST_DIRECTORY'])

/** See `about`. */
export const falseAlarm = invariant({
  name: 'false-alarm',
  guarantee: 'G9',
  about: 'While nothing but crashes happens, nothing is called broken, damaged, full or lost.',
  *find(history) {
    const reading = readHistory(history)
    const firstFaultAt = Math.min(reading.faultAt, reading.damageAt)
    for (const { at, event } of toldOf(history, 'event')) {
      const isAlarm = alarms.has(event.name) || (event.name === 'data-loss' && reading.retained.size === 0)
      if (isAlarm && at < firstFaultAt) yield { text: `${event.name} was told: ${event.text}`, events: [at] }
    }
    for (const { at, event, rejected } of reading.asked) {
      if (rejected === undefined || rejected.at > firstFaultAt || !codes.has(rejected.event.code)) continue
      yield {
        text: `the send of ${event.value} failed with ${rejected.event.code} on a sound disk`,
        events: [at, rejected.at],
      }
    }
  },
})
