/**
 * reordered: messages that overtook each other.
 *
 * Owns: first deliveries of one key, and the log against the numbers and the calls of one producer.
 * Leaves going back to what was delivered before to `nonmonotonic-delivery`.
 *
 * HO1. What is delayed gives up its place, and messages without a key have no order.
 * HO2. What a group met before it was moved, or what may have been a dead letter that was sent again, has lost its
 *      place.
 */
import { invariant } from './finding.ts'
import type { Finding } from './finding.ts'
import { describe, readHistory, sendsAt } from './reading.ts'
import type { Asked, Reading, Run, Sighting, Spot } from './reading.ts'
import type { Terms } from '../history.ts'

/** See `about`. */
export const reordered = invariant({
  name: 'reordered',
  guarantee: 'G3',
  about: 'Messages of one key come in the order of the log, and the log has the order of the sends.',
  *find(history, terms) {
    const reading = readHistory(history)
    yield* overtakingDeliveries(reading, terms)
    yield* overtakingNumbers(reading)
    yield* overtakingCalls(reading)
  },
})

/** A run, and the one of its key that was furthest until then. */
export interface InOrder {
  readonly run: Run
  readonly spot: Spot
  readonly furthest: Run | undefined
  readonly isFirst: boolean
}

/** The runs of each key of each group, era by era, without those of delayed messages. */
export function* runsInOrder(reading: Reading, terms: Terms): Iterable<InOrder> {
  const furthest = new Map<string, Run>()
  const met = new Set<string>()
  for (const run of reading.runs.values()) {
    const { group, key, offset } = run.event
    const { spot } = run.delivery
    if (key === '' || isDelayed(spot, reading) || hasLostItsPlace(run, reading, terms)) continue
    const lane = `${run.era} ${group} ${spot.lane} ${key}`
    const before = furthest.get(lane)
    const name = `${run.era} ${group} ${spot.name}`
    yield { run, spot, furthest: before, isFirst: !met.has(name) }
    met.add(name)
    if (before === undefined || before.event.offset < offset) furthest.set(lane, run)
  }
}

function* overtakingDeliveries(reading: Reading, terms: Terms): Iterable<Finding> {
  for (const { run, spot, furthest, isFirst } of runsInOrder(reading, terms)) {
    if (!isFirst || furthest === undefined || furthest.event.offset < spot.offset) continue
    yield {
      text: `${describe(spot)} came to ${run.event.group} after ${furthest.event.offset} of its key`,
      events: [furthest.at, run.at],
    }
  }
}

/** One step back of a producer's number, in the order of the log. */
function* overtakingNumbers(reading: Reading): Iterable<Finding> {
  for (const { before, after } of neighboursOf(reading)) {
    if (after.sighting.sequence >= before.sighting.sequence) continue
    yield {
      text: `${describe(after.spot)} is number ${after.sighting.sequence} of ${after.sighting.producer}, and lies behind its number ${before.sighting.sequence}`,
      events: [before.sighting.at, after.sighting.at],
    }
  }
}

/** Two calls of one producer, of which the later lies first. */
function* overtakingCalls(reading: Reading): Iterable<Finding> {
  const last = new Map<string, { readonly spot: Spot; readonly call: Asked }>()
  for (const { spot, sighting } of inLogOrder(reading)) {
    const call = callOf(spot, reading)
    if (call === undefined) continue
    const name = `${spot.lane} ${sighting.producer}`
    const before = last.get(name)
    last.set(name, { spot, call })
    if (before === undefined || before.call.at <= call.at) continue
    yield {
      text: `${describe(spot)} was sent before what lies at ${before.spot.offset}, and lies behind it`,
      events: [call.at, before.call.at, before.call.confirmed?.at, call.confirmed?.at],
    }
  }
}

/** The one send that wrote this; undefined where it was sent again, so that its place says nothing. */
function callOf(spot: Spot, reading: Reading): Asked | undefined {
  const [call, other] = sendsAt(spot, reading)
  if (call === undefined || other !== undefined || call.event.joined) return undefined
  const { topic, messageId } = call.event
  if (messageId === undefined) return call
  return reading.ids.get(`${topic} ${messageId}`)?.length === 1 ? call : undefined
}

/** What lies in a place, as it was seen first. */
export interface Seen {
  readonly spot: Spot
  readonly sighting: Sighting
}

/** Each two places that one producer wrote one after the other, in the order of the log. */
export function* neighboursOf(reading: Reading): Iterable<{ readonly before: Seen; readonly after: Seen }> {
  const last = new Map<string, Seen>()
  for (const after of inLogOrder(reading)) {
    const name = `${after.spot.lane} ${after.sighting.producer}`
    const before = last.get(name)
    last.set(name, after)
    if (before !== undefined) yield { before, after }
  }
}

/** The place of the lowest number of each producer in each lane. */
export function firstsOf(reading: Reading): Iterable<Seen> {
  const firsts = new Map<string, Seen>()
  for (const seen of inLogOrder(reading)) {
    const name = `${seen.spot.lane} ${seen.sighting.producer}`
    const first = firsts.get(name)
    if (first === undefined || seen.sighting.sequence < first.sighting.sequence) firsts.set(name, seen)
  }
  return firsts.values()
}

function* inLogOrder({ spots }: Reading): Iterable<Seen> {
  for (const spot of [...spots.values()].toSorted((a, b) => a.offset - b.offset)) {
    const [sighting] = spot.sightings
    if (sighting !== undefined) yield { spot, sighting }
  }
}

/** Met in an era before, or dead without any handler, by crashes alone, and sent again. */
function hasLostItsPlace({ at, era, event, delivery }: Run, reading: Reading, terms: Terms): boolean {
  if (era === 0) return false
  const first = delivery.steps[0]
  if (first !== undefined && first.at < at && first.era < era) return true
  const moves = reading.moves.get(`${event.group} ${event.topic}`) ?? []
  const crashes = reading.rare.get('crashed')?.length ?? 0
  return crashes >= terms.maxDeliveries && moves.some((move) => move.event.how === 'redrive')
}

/** Whether it may be a delayed message. */
function isDelayed(spot: Spot, reading: Reading): boolean {
  return sendsAt(spot, reading).some(({ event }) => event.dueMs > 0)
}
