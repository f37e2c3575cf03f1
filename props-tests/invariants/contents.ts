/**
 * What was asked to be written, against what lies in the log: equal values are counted, for nothing tells them apart.
 *
 * Owns: the fate of each message and of what a handler handed over, and what is in the log beyond that.
 * Leaves naming and telling it to the invariants.
 *
 * HC1. What a crash cut, or was refused with an unknown outcome, may be there or not; an allowance is never a demand.
 * HC2. Sends under one message id are one message. What several runs of one delivery hand over is there at most once.
 */
import { readHistory, spell } from './reading.ts'
import type { Asked, Reading, Run, Spot, Step } from './reading.ts'
import type { History } from '../history.ts'

/** Whether it must be in the log, may be, or must not be. */
export type Fate = 'there' | 'maybe' | 'never'

/** One message: a send, or all sends under one id. */
export interface Message {
  readonly asks: readonly Asked[]
  readonly values: ReadonlySet<string>
  readonly fate: Fate
}

/** What one run of a handler handed over with its ack. */
export interface HandOver {
  readonly ask: Asked
  readonly run: Run
  readonly fate: Fate
}

/** Why there is more of a content in the log than there may be. */
export type Excess = 'phantom' | 'aborted-read' | 'duplicate-append' | 'duplicated-effect' | 'torn-batch'

/** One value in one topic. */
export interface Content {
  readonly topic: string
  readonly value: string
  readonly messages: Message[]
  readonly handOvers: HandOver[]
  /** Where it was seen, in the order of the first sightings; without those that a caller was told of. */
  readonly spots: Spot[]
}

const known = new WeakMap<Reading, ReadonlyMap<string, Content>>()

/** All contents of a history, by `topic value`. */
export function contentsOf(history: History): ReadonlyMap<string, Content> {
  const reading = readHistory(history)
  const found = known.get(reading) ?? gather(reading)
  known.set(reading, found)
  return found
}

/** Of how many places nobody could say that they may not be there. */
export function allowanceOf({ messages, handOvers }: Content): number {
  const maybe = messages.filter(({ fate }) => fate === 'maybe').length
  return maybe + mostHandedOver(handOvers.filter(({ fate }) => fate !== 'never'))
}

/** How often it must have been handed over. */
export function handedOver({ handOvers }: Content): number {
  return handOvers.filter(({ fate }) => fate === 'there').length
}

/** Why there is too much of it, if there is. */
export function excessOf(content: Content): Excess | undefined {
  const { messages, handOvers, spots } = content
  const excess = spots.length - allowanceOf(content)
  if (isTooEarly(content)) return 'phantom'
  if (excess <= 0) return undefined
  if (handOvers.length > 0) {
    const most = messages.length + mostHandedOver(handOvers)
    return spots.length > most ? 'duplicated-effect' : 'torn-batch'
  }
  const refused = messages.filter(({ fate }) => fate === 'never').length
  if (refused >= excess) return 'aborted-read'
  return messages.length === 0 ? 'phantom' : 'duplicate-append'
}

/** Seen before anybody asked for it. */
function isTooEarly({ messages, handOvers, spots }: Content): boolean {
  const seenAt = spots[0]?.sightings[0]?.at ?? Infinity
  const askedAt = [messages[0]?.asks[0]?.at, handOvers[0]?.ask.at].filter((at) => at !== undefined)
  return askedAt.length > 0 && seenAt < Math.min(...askedAt)
}

/** Of the runs of one delivery at most one is committed. */
function mostHandedOver(handOvers: readonly HandOver[]): number {
  const byRun = new Map<string, Map<number, number>>()
  for (const { run } of handOvers) {
    const name = `${run.era} ${run.event.group} ${spell(run.event)}`
    const counts = byRun.get(name) ?? new Map<number, number>()
    counts.set(run.event.run, (counts.get(run.event.run) ?? 0) + 1)
    byRun.set(name, counts)
  }
  let most = 0
  for (const counts of byRun.values()) most += Math.max(...counts.values())
  return most
}

function gather(reading: Reading): ReadonlyMap<string, Content> {
  const contents = new Map<string, Content>()
  const at = (topic: string, value: string): Content => {
    const name = `${topic} ${value}`
    const content = contents.get(name) ?? { topic, value, messages: [], handOvers: [], spots: [] }
    contents.set(name, content)
    return content
  }
  for (const message of messagesOf(reading)) {
    const topic = message.asks[0]?.event.topic ?? ''
    for (const value of message.values) at(topic, value).messages.push(message)
  }
  for (const handOver of handOversOf(reading)) {
    at(handOver.ask.event.topic, handOver.ask.event.value).handOvers.push(handOver)
  }
  for (const spot of reading.spots.values()) {
    const value = spot.asked.length > 0 ? undefined : spot.sightings[0]?.value
    if (value !== undefined) at(spot.topic, value).spots.push(spot)
  }
  return contents
}

function* messagesOf(reading: Reading): Iterable<Message> {
  for (const ask of reading.asked) {
    const { messageId, topic, joined } = ask.event
    if (joined) continue
    const asks = messageId === undefined ? [ask] : (reading.ids.get(`${topic} ${messageId}`) ?? [])
    if (asks[0] === ask) yield messageOf(asks)
  }
}

function messageOf(asks: readonly Asked[]): Message {
  const values = new Set(asks.map(({ event }) => event.value))
  if (asks.some(({ confirmed }) => confirmed !== undefined)) return { asks, values, fate: 'there' }
  const isRefused = asks.every(({ rejected }) => rejected?.event.outcome === 'not-written')
  return { asks, values, fate: isRefused ? 'never' : 'maybe' }
}

function* handOversOf(reading: Reading): Iterable<HandOver> {
  const fates = new Map<Run, Fate>()
  for (const ask of reading.asked) {
    const run = reading.runs.get(ask.event.cause ?? -1)
    if (!ask.event.joined || run === undefined) continue
    const fate = fates.get(run) ?? fateOf(run, reading)
    fates.set(run, fate)
    yield { ask, run, fate: ask.rejected?.event.outcome === 'not-written' ? 'never' : fate }
  }
}

/** Whether the ack of a run, and with it all that it handed over, is in the log. */
function fateOf(run: Run, reading: Reading): Fate {
  if (run.asked !== undefined) return 'maybe'
  const next = stepAfter(run)
  if (next === undefined) return restFate(run, reading)
  if (next.era !== run.era) return 'maybe'
  if (next.kind === 'settled' && next.how === 'ack') return 'there'
  return 'never'
}

/** Nothing is told of it any more: once all is quiet, what returned and did not come again was done. */
function restFate(run: Run, { drained, moves }: Reading): Fate {
  const { listed } = run.delivery
  const moved = moves.get(`${run.event.group} ${run.event.topic}`) ?? []
  if (listed !== undefined) return moved.length > run.era ? 'maybe' : 'never'
  const isQuiet = drained !== undefined && drained.at > run.at && drained.event.waiting === 0
  return isQuiet && moved.length === run.era && run.ended?.event.how === 'returned' ? 'there' : 'maybe'
}

function stepAfter(run: Run): Step | undefined {
  const { steps } = run.delivery
  const at = steps.findIndex((step) => step.kind === 'run' && step.run === run)
  return steps[at + 1]
}
