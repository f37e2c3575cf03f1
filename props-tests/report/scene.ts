/**
 * The part of a history that a person must see to understand a violation.
 *
 * Owns: choosing the events to tell, folding the rest, and giving the messages in them their letters.
 * Leaves to `words.ts` how an event is told, to `time-line.ts` and `space-time.ts` how it looks.
 *
 * RSC1. Told are: the events that show the violation, all of the messages in them, and what concerns everybody:
 *      openings, crashes, faults. Read-outs, warnings of a stall, and groups that handle nothing are told only if they show it. Nothing after the moment where it was noticed.
 * RSC2. However long the history is, at most `rowsMax` events are told; the one where the violation was noticed
 *      always is, and what shows it comes before the rest.
 * RSC3. What is not told is counted; where many in a row are left out, in that place too.
 */
import type { History, HistoryEvent, Violation } from '../history.ts'
import { castOf } from './cast.ts'
import type { Cast, Player } from './cast.ts'
import { foundAcks } from './found-acks.ts'

/** A told event, or the number of those left out in one place. */
export type Row =
  | {
      readonly kind: 'told'
      readonly event: HistoryEvent
      readonly index: number
      /** The letters of the messages that it is about. */
      readonly letters: readonly string[]
      /** The letters of the messages that an opening finds acknowledged, though nobody was told before. */
      readonly found: readonly string[]
      /** Who acts: a group, `sender`, `check` or `runtime`. */
      readonly actor: string
      /** It shows the violation; `noticed` is the last that does. */
      readonly shows: 'violation' | 'noticed' | undefined
    }
  | { readonly kind: 'folded'; readonly count: number }

/** A message with its letter. */
export interface Lettered extends Player {
  readonly letter: string
}

/** What is told, from top to bottom. */
export interface Scene {
  readonly rows: readonly Row[]
  /** The messages that are told of, by their letters. */
  readonly messages: readonly Lettered[]
  /** How many events are told of how many. */
  readonly told: number
  readonly all: number
}

/** A shorter gap is not worth a line of its own. */
const foldMin = 6

/** What is chosen from, and for what. */
interface Choice {
  readonly history: History
  readonly violation: Violation
  readonly cast: Cast
}

/**
 * Chooses what to tell of a violation.
 *
 * @param rowsMax - how many events are told at most
 */
export function sceneOf(history: History, violation: Violation, rowsMax: number): Scene {
  const choice = { history, violation, cast: castOf(history) }
  const told = withinLimit(toldOf(choice), violation, rowsMax)
  const letters = lettersOf(told, choice.cast)
  const messages = [...letters].map(([player, letter]) => ({ ...playerOf(choice.cast, player), letter }))
  return { rows: rowsOf(told, choice, letters), messages, told: told.length, all: history.length }
}

const general = new Set([
  'opened',
  'refused-opening',
  'crashed',
  'closed',
  'fault',
  'moved',
  'event',
  'drained',
])

/** The indices of the events worth telling, in order. */
function toldOf({ history, violation, cast }: Choice): number[] {
  const last = violation.events.at(-1) ?? history.length - 1
  const shown = new Set(violation.events)
  const involved = new Set(violation.events.flatMap((index) => cast.about[index] ?? []))
  const groups = new Set(history.flatMap((event) => (event.kind === 'begun' ? [event.group] : [])))
  const isAside = (event: HistoryEvent): boolean =>
    event.kind === 'read' ||
    (event.kind === 'event' && event.name === 'stalled') ||
    (event.kind === 'settled' && !groups.has(event.group))
  const isAbout = (index: number): boolean =>
    involved.size === 0 || (cast.about[index] ?? []).some((player) => involved.has(player))
  const isWorth = (event: HistoryEvent, index: number): boolean =>
    shown.has(index) || (index <= last && !isAside(event) && (general.has(event.kind) || isAbout(index)))
  return history.flatMap((event, index) => (isWorth(event, index) ? [index] : []))
}

/** Keeps what shows the violation, and of the rest what is nearest to that. */
function withinLimit(told: readonly number[], violation: Violation, rowsMax: number): number[] {
  if (told.length <= rowsMax) return [...told]
  const shown = new Set(violation.events.slice(-rowsMax))
  const anchors = told.flatMap((index, position) => (shown.has(index) ? [position] : []))
  const distances = distancesTo(anchors.length > 0 ? anchors : [told.length - 1], told.length)
  const ranked = told.map((_, position) => position).toSorted((a, b) => at(distances, a) - at(distances, b))
  const kept = ranked.slice(0, rowsMax)
  return kept.toSorted((a, b) => a - b).map((position) => at(told, position))
}

/** For each position, how far the nearest anchor is; what led to an anchor counts as nearer than what followed. */
function distancesTo(anchors: readonly number[], length: number): number[] {
  const distances = Array.from({ length }, () => Number.POSITIVE_INFINITY)
  let after = Number.POSITIVE_INFINITY
  const isAnchor = new Set(anchors)
  for (let position = 0; position < length; position += 1) {
    after = isAnchor.has(position) ? 0 : after + 2
    distances[position] = after
  }
  let before = Number.POSITIVE_INFINITY
  for (let position = length - 1; position >= 0; position -= 1) {
    before = isAnchor.has(position) ? 0 : before + 1
    distances[position] = Math.min(at(distances, position), before)
  }
  return distances
}

function lettersOf(told: readonly number[], { about }: Cast): Map<number, string> {
  const players = new Set(told.flatMap((index) => about[index] ?? []))
  return new Map([...players].map((player, count) => [player, letterOf(count)]))
}

/** A to Z, then A1 to Z1, and so on. */
function letterOf(count: number): string {
  const round = Math.floor(count / 26)
  return `${String.fromCodePoint(65 + (count % 26))}${round === 0 ? '' : round}`
}

function rowsOf(told: readonly number[], choice: Choice, letters: ReadonlyMap<number, string>): Row[] {
  const { history, violation, cast } = choice
  const shown = new Set(violation.events)
  const noticed = violation.events.at(-1)
  const found = foundAcks(history, cast.about)
  const rows: Row[] = []
  let next = 0
  for (const index of told) {
    const event = history[index]
    if (event === undefined) continue
    if (index - next >= foldMin) rows.push({ kind: 'folded', count: index - next })
    const shows = index === noticed ? 'noticed' : shown.has(index) ? 'violation' : undefined
    const of = (cast.about[index] ?? []).map((player) => letters.get(player) ?? '?')
    const acked = (found.get(index) ?? []).flatMap((player) => letters.get(player) ?? [])
    const actor = cast.actors[index] ?? 'runtime'
    rows.push({ kind: 'told', event, index, letters: of, found: acked, actor, shows })
    next = index + 1
  }
  return rows
}

function playerOf({ players }: Cast, player: number): Player {
  return (
    players[player] ?? { topic: '', key: undefined, value: undefined, place: undefined, messageId: undefined }
  )
}

const at = (list: readonly number[], index: number): number => list[index] ?? Number.POSITIVE_INFINITY
