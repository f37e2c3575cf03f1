/**
 * An event of a history in words, for a person who meets it for the first time.
 *
 * Owns: one short sentence per kind of event, and how values, times and places are written.
 * Leaves to `scene.ts` which events are told.
 *
 * WO1. Words never run away: what comes from a user (values, keys, errors) is cut, and holds no line break and no
 *      control character.
 */
import type { HistoryEvent, Place } from '../history.ts'
import type { Lettered, Row } from './scene.ts'

type Told = Extract<Row, { kind: 'told' }>

const valueLengthMax = 48
const textLengthMax = 160

/**
 * What happened, without who did it.
 *
 * @example whatOf(row) // 'begins A, attempt 2'
 */
export function whatOf({ event, letters, found }: Told): string {
  const [a = 'a message', b] = letters
  switch (event.kind) {
    case 'note':
      return short(event.text)
    case 'opened':
      return `opens the directory${openingOf(event)}${foundOf(found)}`
    case 'refused-opening':
      return `cannot open the directory: ${event.code}: ${short(event.text)}`
    case 'crashed':
      return crashOf(event)
    case 'closed':
      return 'closes the directory'
    case 'fault':
      return `fault: ${short(event.text)}`
    case 'sending':
      return sendingOf(event, a, b)
    case 'confirmed':
      return `is told that ${a} is on disk (${event.topic} ${event.partition}, offset ${event.offset})`
    case 'rejected':
      return `is told that ${a} failed: ${event.code}${event.outcome === undefined ? '' : `, ${outcomes[event.outcome]}`}`
    case 'begun':
      return `${event.loop === true ? 'takes' : 'begins'} ${a}, attempt ${event.attempt}`
    case 'ended':
      return endOf(event, a)
    case 'asked':
      return `${askings[event.how].replace('%', a)}${event.loop === true ? '' : ', before it has ended'}`
    case 'effect':
      return `calls ${short(event.name)}(${value(event.value)})${event.error ? ', and the call fails' : ''}`
    case 'settled':
      return `${settlings[event.how].replace('%', a)}, and that is on disk`
    case 'moved':
      return event.how === 'seek'
        ? `is moved in ${event.topic}`
        : `gets its dead letters of ${event.topic} again`
    case 'retained':
      return `drops what ${event.topic} ${event.partition} holds below offset ${event.offset}, as retention asks`
    case 'event':
      return `raises "${event.name}": ${short(event.text)}`
    case 'read':
      return `reads ${a} back: ${value(event.value)} at ${placeOf(event)}`
    case 'listed':
      return `lists ${a} among the dead letters of ${event.group}`
    case 'extent':
      return `finds ${event.topic} ${event.partition} to reach from offset ${event.first} to ${event.next}`
    case 'durable':
      return `has ${event.topic} ${event.partition} below offset ${event.next} safe from a power cut`
    case 'backlog':
      return `counts ${event.waiting} messages of ${event.topic} that ${event.group} is not done with`
    case 'held':
      return `holds ${event.count} ${short(event.what)} of at most ${event.limit}`
    case 'drained':
      return drainedOf(event)
    default:
      // A history that a newer recorder wrote is told as far as it is known.
      return (event as HistoryEvent).kind
  }
}

const askings = {
  ack: 'calls ack() for %',
  nack: 'calls nack() for %',
  'dead-letter': 'calls deadLetter() for %',
}
const outcomes = { 'not-written': 'it is not written', unknown: 'it may be on disk or not' } as const
const settlings = {
  ack: 'has acknowledged %',
  nack: 'has given % back',
  'dead-letter': 'has put % to the dead letters',
}

function openingOf({ leasesReturned, setAsideBytes }: Extract<HistoryEvent, { kind: 'opened' }>): string {
  const facts = [
    ...(leasesReturned > 0
      ? [`${leasesReturned} unfinished deliver${leasesReturned === 1 ? 'y' : 'ies'} returned`]
      : []),
    ...(setAsideBytes > 0 ? [`${setAsideBytes} torn bytes set aside`] : []),
  ]
  return facts.length === 0 ? '' : ` (${facts.join(', ')})`
}

const foundOf = (found: readonly string[]): string =>
  found.length === 0 ? '' : `, and finds the ack of ${found.join(', ')} on disk`

function crashOf({ how, call }: Extract<HistoryEvent, { kind: 'crashed' }>): string {
  const moment =
    call === ''
      ? ''
      : /^(?:before|after|within|as|while|in|at|between|by) /.test(call)
        ? ` ${short(inWords(call))}`
        : ` in ${short(call)}`
  const kept = diskCall.test(call) ? ': what was written stays' : ''
  return how === 'kill'
    ? `PROCESS KILLED${moment}${kept}`
    : `POWER CUT${moment}: what was not synced may be gone`
}

/** A death in a call of the simulated disk, as it tells it. */
const diskCall = /^(before|within|after) call (\d+), (\S+) '(?:.*\/)?([^'/]+)'.*$/

const inWords = (call: string): string => call.replace(diskCall, '$1 the $3 of $4 (system call $2)')

function sendingOf(
  event: Extract<HistoryEvent, { kind: 'sending' }>,
  a: string,
  b: string | undefined,
): string {
  const cause =
    b === undefined ? '' : event.joined ? `, to be stored with the ack of ${b}` : `, while it handles ${b}`
  const batch = event.batch === undefined ? '' : ` (batch ${event.batch})`
  return `sends ${a} to ${event.topic}${batch}${cause}`
}

function endOf({ how, text }: Extract<HistoryEvent, { kind: 'ended' }>, a: string): string {
  const why = text === undefined || text === '' ? '' : `: ${short(text)}`
  switch (how) {
    case 'returned':
      return `returns from ${a}`
    case 'threw':
      return `throws at ${a}${why}`
    case 'retry-after':
      return `asks for ${a} again later${why}`
    case 'dead-letter':
      return `gives ${a} up${why}`
    case 'aborted':
      return `is told to stop at ${a}${why}`
    case 'went-on':
      return `goes on from ${a}`
    case 'left':
      return `leaves its loop without an end for ${a}`
    case 'overdue':
      return `has held ${a} for so long that its lease is over`
  }
}

function drainedOf({ waiting, view }: Extract<HistoryEvent, { kind: 'drained' }>): string {
  const left = waiting === 0 ? 'no message waits' : `${waiting} still wait${waiting === 1 ? 's' : ''}`
  return `waits until all is quiet, without faults: ${left}${view === undefined ? '' : `; the view is ${value(view)}`}`
}

/**
 * Which message a letter stands for.
 *
 * @example messageText(message) // 'message m3 at orders 0, offset 3, key "b", {"id":3}'
 */
export function messageText({ topic, key, value: json, place, messageId }: Lettered): string {
  const where = place === undefined ? `${topic}, nobody was told where` : placeOf(place)
  const parts = [
    messageId === undefined ? where : `message ${value(messageId)} at ${where}`,
    ...(key === undefined || key === '' ? [] : [`key ${value(JSON.stringify(key))}`]),
  ]
  return [...parts, ...(json === undefined ? [] : [value(json)])].join(', ')
}

/** How much later than `startMs`: `7 ms`, `1.5 s`, `-2 h`. */
export function timeText(nowMs: number, startMs: number): string {
  const ms = nowMs - startMs
  const size = Math.abs(ms)
  if (size < 1000) return `${round(ms)} ms`
  if (size < 60_000) return `${round(ms / 1000)} s`
  if (size < 3_600_000) return `${round(ms / 60_000)} min`
  return `${round(ms / 3_600_000)} h`
}

const round = (count: number): number => Math.round(count * 100) / 100
const placeOf = ({ topic, partition, offset }: Place): string => `${topic} ${partition}, offset ${offset}`

/** A value, cut. */
const value = (json: string): string => cut(json, valueLengthMax)
/** A text from elsewhere, cut and on one line. */
const short = (text: string): string => cut(text, textLengthMax)

/** One line without control characters: they would move the cursor, recolour the terminal or break the SVG. */
export const clean = (text: string): string =>
  text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, ' ').trimEnd()

/** A clean text, cut. */
export function cut(text: string, lengthMax: number): string {
  const line = clean(text)
  const letters = Array.from(line)
  return letters.length <= lengthMax ? line : `${letters.slice(0, lengthMax - 1).join('')}…`
}
