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
    const list = marks.get(lane)
    if (list === undefined) marks.set(lane, [mark])
    else list.push(mark)
  }
  if (marks.size === 0) return undefined
  return ({ topic, partition, offset }, at) => {
    const last = lastBefore(marks.get(`${topic}/${partition}`) ?? [], at)
    return last !== undefined && offset < last.event.next
  }
}

/** The last of them before `at`; they stand in order. */
function lastBefore(marks: readonly Told<'durable'>[], at: number): Told<'durable'> | undefined {
  let [low, high] = [0, marks.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((marks[middle]?.at ?? Infinity) < at) low = middle + 1
    else high = middle
  }
  return marks[low - 1]
}
