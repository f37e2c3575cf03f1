/**
 * gap: a group that got what is behind a message, and never the message.
 *
 * Owns: places that a group passed over, and the runtime's own report of a gap. Leaves confirmed messages to
 * `lost-write` and `lost-timer`, which say more.
 */
import { invariant } from './finding.ts'
import type { Finding } from './finding.ts'
import { demandingGroups, quietAt } from './quiet.ts'
import { readHistory, spell, toldOf } from './reading.ts'
import type { Delivery, Reading } from './reading.ts'
import type { History, Terms } from '../history.ts'

/** See `about`. */
export const gap = invariant({
  name: 'gap',
  guarantee: 'G3',
  about: 'A group gets every message of a partition: none is passed over.',
  *find(history, terms) {
    for (const { at, event } of toldOf(history, 'event')) {
      if (event.name === 'gap') yield { text: `a consumer found a gap: ${event.text}`, events: [at] }
    }
    yield* passedOver(history, terms)
  },
})

function* passedOver(history: History, terms: Terms): Iterable<Finding> {
  const reading = readHistory(history)
  const quiet = quietAt(history)
  if (quiet === undefined) return
  const last = new Map<string, Delivery>()
  const all = [...reading.deliveries.values()].filter(({ steps }) => steps.some(({ kind }) => kind === 'run'))
  for (const delivery of all.toSorted((a, b) => a.spot.offset - b.spot.offset)) {
    const { group, spot } = delivery
    const before = last.get(`${group} ${spot.lane}`)
    last.set(`${group} ${spot.lane}`, delivery)
    if (before === undefined || !demandingGroups(reading, terms, spot.topic).includes(group)) continue
    const missing = firstMissing(reading, before, delivery)
    if (missing === undefined) continue
    yield {
      text: `${group} got ${spell(before.spot)} and ${spot.offset}, but never ${missing}`,
      events: [before.steps[0]?.at, delivery.steps[0]?.at, quiet.at],
    }
  }
}

/** The first place between two deliveries that the group never met and nobody was told of. */
function firstMissing(reading: Reading, before: Delivery, after: Delivery): number | undefined {
  const { topic, partition } = after.spot
  const from = Math.max(before.spot.offset + 1, reading.retained.get(after.spot.lane) ?? 0)
  for (let offset = from; offset < after.spot.offset; offset += 1) {
    const name = spell({ topic, partition, offset })
    const isMet = reading.deliveries.has(`${after.group} ${name}`)
    if (!isMet && (reading.spots.get(name)?.asked.length ?? 0) === 0) return offset
  }
  return undefined
}
