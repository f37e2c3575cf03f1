/**
 * early-ack: told to the caller before the disk had it.
 *
 * Owns: receipts against what the disk would have kept. Leaves deliveries to `dirty-delivery`, and looking through the
 * disk to whoever runs the world: without one `durable` event nothing is demanded.
 */
import { invariant } from './finding.ts'
import { readHistory, spell, toldOf } from './reading.ts'
import type { Told } from './reading.ts'
import type { History, Place } from '../history.ts'

/** See `about`. */
export const earlyAck = invariant({
  name: 'early-ack',
  guarantee: 'G1',
  about: 'A send is confirmed only after its message would survive a power cut.',
  *find(history) {
    const durable = durableMarks(history)
    if (durable === undefined) return
    for (const { at, confirmed } of readHistory(history).asked) {
      if (confirmed === undefined || durable(confirmed.event, confirmed.at)) continue
      yield {
        text: `${spell(confirmed.event)} was confirmed, and a power cut at that moment would have taken it`,
        events: [at, confirmed.at],
      }
    }
  },
})

/** Whether a place was durable at a moment; undefined when nobody looked through the disk. */
export function durableMarks(history: History): ((place: Place, at: number) => boolean) | undefined {
  const marks = new Map<string, Told<'durable'>[]>()
  for (const mark of toldOf(history, 'durable')) {
    const lane = `${mark.event.topic}/${mark.event.partition}`
    marks.set(lane, [...(marks.get(lane) ?? []), mark])
  }
  if (marks.size === 0) return undefined
  return ({ topic, partition, offset }, at) => {
    const last = marks.get(`${topic}/${partition}`)?.findLast((mark) => mark.at < at)
    return last !== undefined && offset < last.event.next
  }
}
