/**
 * What handlers left behind under mishaps, held against what the same messages leave without any.
 *
 * Owns: finding effects that were lost, repeated or changed, work after an ack, and state that a crash took.
 * Leaves the guarantees of the library itself to `invariants/`.
 *
 * CP1. A message that is in the dead letters of either run, or that answered a failure by doing something else, is not
 *      compared; nor is the order of what concerns different keys. A call that another made under the same key is done.
 */
import type { Violation } from '../history.ts'
import { violation } from './comparison.ts'
import type { Comparison, Equal, Finding, Pair } from './comparison.ts'
import { countsOf, factsOf, mostInOneRun } from './facts.ts'
import type { Facts, MessageFacts } from './facts.ts'
import { canonical } from './json.ts'
import type { EffectNote, RunNote } from './notes.ts'
import type { RunResult } from './scenario.ts'
import { strayMessages, unowned } from './strays.ts'

/** The same as JSON, in whatever order. */
export const sameJson: Equal = (left, right) => canonical(left) === canonical(right)

/** The first difference that matters, by what tells most. */
export function compare(comparison: Comparison): Finding {
  const facts = factsOf(comparison.run)
  const ideal = factsOf(comparison.reference)
  const pairs = pairsOf(facts, ideal)
  const isWhole =
    pairs.length === Math.max(namedIn(facts), namedIn(ideal)) && !hasDead(facts) && !hasDead(ideal)
  return (
    repeated(comparison, facts, new Set(pairs.map(({ here }) => here.id))) ??
    first(pairs, (pair) => repeatedMore(comparison, pair)) ??
    first(pairs, (pair) => lost(comparison, pair)) ??
    unfinished(comparison, facts, ideal) ??
    (isWhole
      ? (unowned(comparison) ??
        strayMessages(comparison, pairs) ??
        tables(comparison, pairs) ??
        views(comparison))
      : undefined)
  )
}

/**
 * The same effect of the same message in two runs: wrong whatever the reference says. Only of calls with a key it says how
 * many there are, as two of them may well have two keys: those of `compared` are left to it.
 */
export function repeated(
  { run }: Pick<Comparison, 'run'>,
  facts: Facts,
  compared: ReadonlySet<string> = new Set(),
): Finding {
  for (const message of facts.values()) {
    const calls = callsOf(message).filter(({ isKeyed }) => !isKeyed || !compared.has(message.id))
    const most = mostInOneRun(calls, full)
    for (const [name, count] of countsOf(calls.map(full))) {
      if (count > (most.get(name) ?? 0))
        return twice(
          run,
          message,
          calls.filter((call) => full(call) === name),
        )
    }
  }
  return undefined
}

function pairsOf(facts: Facts, ideal: Facts): Pair[] {
  return [...facts.values()].flatMap((here) => {
    const there = ideal.get(here.id)
    if (!here.isNamed || there === undefined || here.isDead || there.isDead || didOtherwise(here, there))
      return []
    return [{ here, there }]
  })
}

const namedIn = (facts: Facts): number => [...facts.values()].filter(({ isNamed }) => isNamed).length
const hasDead = (facts: Facts): boolean => [...facts.values()].some(({ isDead }) => isDead)

/** A failed call was answered with something that is not done without failures: a way out, not a loss. */
function didOtherwise(here: MessageFacts, there: MessageFacts): boolean {
  if (!here.effects.some(({ failed }) => failed)) return false
  const usual = new Set(there.effects.map(({ name }) => name))
  return here.effects.some(({ name, happened }) => happened && !usual.has(name))
}

const callsOf = ({ effects }: MessageFacts): EffectNote[] =>
  effects.filter(({ kind, happened, mayRepeat }) => kind === 'call' && happened && !mayRepeat)
const full = ({ name, value }: EffectNote): string => `${name} ${canonical(JSON.parse(value))}`

function repeatedMore({ run }: Comparison, { here, there }: Pair): Finding {
  const calls = callsOf(here)
  const usual = countsOf(callsOf(there).map(({ name }) => name))
  const most = mostInOneRun(calls, ({ name }) => name)
  for (const [name, count] of countsOf(calls.map((call) => call.name))) {
    const allowed = Math.max(most.get(name) ?? 0, usual.get(name) ?? 0)
    if (count > allowed)
      return twice(
        run,
        here,
        calls.filter((call) => call.name === name),
      )
  }
  return undefined
}

function twice(run: RunResult, message: MessageFacts, calls: readonly EffectNote[]): Violation {
  const name = calls[0]?.name ?? ''
  const text =
    `'${name}' was done ${calls.length} times for ${describe(message)}: ` +
    `${whoOf(message)} ran again ${why(run, calls)}, and called without a key that tells a repeated call`
  return violation('duplicated-effect', text, [...calls.map(({ index }) => index), ...between(run, calls)])
}

/** Why a handler ran again after the first of these. */
function why(run: RunResult, calls: readonly EffectNote[]): string {
  return between(run, calls).length > 0 ? 'after the process died' : 'after its attempt failed'
}

/** The crashes between the first of these and the last. */
function between({ history }: RunResult, calls: readonly EffectNote[]): number[] {
  const [from, to] = [calls[0]?.index ?? 0, calls.at(-1)?.index ?? 0]
  return history.flatMap((event, i) => (event.kind === 'crashed' && i > from && i < to ? [i] : []))
}

function lost({ run, equal }: Comparison, pair: Pair): Finding {
  const { here, there } = pair
  const done = [...callsOf(here), ...doneByOthers(run, here)]
  const needed = mostInOneRun(callsOf(there), full)
  for (const call of callsOf(there)) {
    const same = done.filter((other) => other.name === call.name)
    const alike = same.filter(({ value }) => equal(JSON.parse(value), JSON.parse(call.value)))
    if (alike.length >= (needed.get(full(call)) ?? 0)) continue
    if (same.length >= callsOf(there).filter(({ name }) => name === call.name).length)
      return changed(run, here, { call, same })
    return missing(run, pair, call)
  }
  return undefined
}

/** Calls of this message that its receiver knew already, of another message or group: the same, under the same key. */
function doneByOthers({ notes }: RunResult, here: MessageFacts): EffectNote[] {
  return here.effects.filter(({ kind, before, value, failed }) => {
    if (kind !== 'call' || failed || before?.run === undefined || before.value !== value) return false
    const other = notes.runs.get(before.run)
    return other !== undefined && (other.message !== here.message || other.group !== here.group)
  })
}

function changed(
  run: RunResult,
  message: MessageFacts,
  { call, same }: { readonly call: EffectNote; readonly same: readonly EffectNote[] },
): Violation {
  const found = same.map(({ value }) => value).join(' and ')
  const text = `'${call.name}' was done with ${found} for ${describe(message)}, and with ${call.value} when nothing goes wrong`
  return differs(run, text, [...runsOf(message), ...same.map(({ index }) => index)])
}

function missing(run: RunResult, { here: message, there }: Pair, call: EffectNote): Violation {
  const what = `'${call.name}' with ${call.value} never happened for ${describe(message)}, which is done`
  const events = [...runsOf(message), run.history.length - 1]
  const early = ackedBefore(run, { here: message, there }, call)
  if (early !== undefined) {
    const text = `${what}: ${whoOf(message)} acked it before this work, and then ${early.next}`
    return violation('work-after-ack', text, [...events, ...early.events])
  }
  const failed = message.effects.find((effect) => effect.failed && effect.name === call.name)
  if (failed !== undefined) {
    return violation(
      'lost-effect',
      `${what}: the call failed, and ${whoOf(message)} went on as if it had not`,
      [...events, failed.index],
    )
  }
  return violation('lost-effect', `${what}: ${lossReason(run, message)}`, events)
}

function lossReason(run: RunResult, message: MessageFacts): string {
  const { runs } = message
  const returned = runs.find(({ end }) => end === 'returned' || end === 'went-on')
  const hasDied = returned !== undefined && diedAfter(run, returned.endedAt ?? 0) !== undefined
  if (runs.length === 1 && hasDied)
    return `${whoOf(message)} ${returned.end === 'returned' ? 'returned' : 'went on'} before the work was done, and then the process died`
  if (runs.length > 1)
    return `attempt ${runs.at(-1)?.attempt} left out what the attempts before it had not done`
  return `${whoOf(message)} left it out`
}

interface Early {
  readonly events: readonly number[]
  /** What came between the ack and the work. */
  readonly next: string
}

/** An ack that the handler asked for ahead of this work, as it does when nothing goes wrong, and what came in between. */
function ackedBefore(run: RunResult, { here, there }: Pair, call: EffectNote): Early | undefined {
  const usual = there.runs.find((note) => note.run === call.run)
  const note = here.runs.findLast(({ askedAt }) => askedAt !== undefined)
  if (note?.askedAt === undefined || usual?.askedAt === undefined || usual.askedAt > call.index)
    return undefined
  const { askedAt } = note
  const events = ackEvents(note)
  const failed = here.effects.find(
    (effect) => effect.name === call.name && effect.failed && !effect.happened && effect.index > askedAt,
  )
  if (failed !== undefined) return { events: [...events, failed.index], next: 'the call failed' }
  const died = diedAfter(run, askedAt)
  return died === undefined
    ? { events, next: 'it was never done' }
    : { events: [...events, died], next: 'the process died' }
}

const ackEvents = ({ askedAt, settledAt }: RunNote): number[] =>
  [askedAt, settledAt].flatMap((index) => (index === undefined ? [] : [index]))

function diedAfter({ history }: RunResult, index: number): number | undefined {
  const { life } = history[index] ?? { life: 0 }
  const found = history.findIndex((event, i) => i > index && event.kind === 'crashed' && event.life === life)
  return found === -1 ? undefined : found
}

/** A run cut off after its ack and never repeated, where handlers are known to do after their acks what nobody sees. */
function unfinished({ run, reference }: Comparison, facts: Facts, ideal: Facts): Finding {
  const notes = [...run.notes.runs.values(), ...reference.notes.runs.values()]
  if (!notes.some(({ workedOn }) => workedOn)) return undefined
  for (const message of facts.values()) {
    const last = message.runs.at(-1)
    const there = ideal.get(message.id)
    if (message.isDead || there?.isDead === true || hasSeenWorkAfterAck(there)) continue
    if (last?.askedAt === undefined || last.endedAt !== undefined) continue
    const died = diedAfter(run, last.askedAt)
    if (died === undefined) continue
    const text = `the handler of ${describe(message)} acked it while it was still at work; then the process died, and nobody finished the work`
    return violation('work-after-ack', text, [...runsOf(message), ...ackEvents(last), died])
  }
  return undefined
}

/** What a handler does after its ack is seen: it is compared, or harmless by declaration. */
function hasSeenWorkAfterAck(there: MessageFacts | undefined): boolean {
  return (
    there?.runs.some(({ run, askedAt }) =>
      there.effects.some((effect) => effect.run === run && effect.index > (askedAt ?? Infinity)),
    ) === true
  )
}

/** Tables hold at the end what they should. */
function tables({ run, reference, equal }: Comparison, pairs: readonly Pair[]): Finding {
  for (const name of new Set([...run.notes.tables.keys(), ...reference.notes.tables.keys()])) {
    const here = tableOf(run, name)
    const there = tableOf(reference, name)
    if (equal(here, there)) continue
    const text = `table '${name}' ends with ${JSON.stringify(here)}; when nothing goes wrong it ends with ${JSON.stringify(there)}`
    return blame(run, pairs, { name: `table ${name}`, text })
  }
  return undefined
}

function tableOf({ notes }: RunResult, name: string): Record<string, unknown> {
  const rows = [...(notes.tables.get(name) ?? [])].toSorted(([left], [right]) => (left < right ? -1 : 1))
  return Object.fromEntries(rows.map(([key, row]): [string, unknown] => [key, JSON.parse(row)]))
}

/** Whose writes made the difference. */
function blame(
  run: RunResult,
  pairs: readonly Pair[],
  { name, text }: { readonly name: string; readonly text: string },
): Violation {
  const writes = ({ effects }: MessageFacts): EffectNote[] =>
    effects.filter((effect) => effect.name === name && effect.happened)
  const last = run.history.length - 1
  for (const pair of pairs) {
    const [done, usual] = [writes(pair.here), writes(pair.there)]
    const [call] = usual
    const events = [...runsOf(pair.here), ...done.map(({ index }) => index), last]
    const whose = `${text}: ${describe(pair.here)}`
    if (done.length > usual.length)
      return violation(
        'duplicated-effect',
        `${whose} wrote ${done.length} times instead of ${usual.length}`,
        events,
      )
    if (done.length === usual.length || call === undefined) continue
    const early = ackedBefore(run, pair, call)
    return early === undefined
      ? violation('lost-effect', `${whose} never wrote, and is done`, events)
      : violation('work-after-ack', `${whose} was acked before it wrote, and then ${early.next}`, [
          ...events,
          ...early.events,
        ])
  }
  return differs(run, text, [last])
}

function views({ run, reference, equal }: Comparison): Finding {
  const [here, there] = [viewOf(run), viewOf(reference)]
  if (here === undefined || there === undefined || equal(JSON.parse(here.view), JSON.parse(there.view)))
    return undefined
  return differs(
    run,
    `the process knows ${here.view} at the end, and ${there.view} when nothing goes wrong`,
    [here.index],
  )
}

function viewOf({ history }: RunResult): { readonly view: string; readonly index: number } | undefined {
  const index = history.findLastIndex(({ kind }) => kind === 'drained')
  const event = history[index]
  return event?.kind === 'drained' && event.view !== undefined ? { view: event.view, index } : undefined
}

/** A difference that a crash made, or one that comes from order alone. */
function differs({ history }: RunResult, text: string, events: readonly number[]): Violation {
  const crashes = history.flatMap((event, i) => (event.kind === 'crashed' ? [i] : []))
  return crashes.length === 0
    ? violation('order-dependent', `${text}; no process died, only the order was another`, events)
    : violation('state-lost', `${text}; what it kept in variables died with the process`, [
        ...crashes,
        ...events,
      ])
}

function runsOf({ runs }: MessageFacts): number[] {
  return runs.map(({ begunAt }) => begunAt)
}

/** Who works for a message. */
export function whoOf({ message, runs }: Pick<MessageFacts, 'message' | 'runs'>): string {
  if (message.startsWith('effect ')) return 'it'
  return runs[0]?.isLoop === true ? 'its loop' : 'its handler'
}

function describe({ message, value }: MessageFacts): string {
  return message.startsWith('effect ') ? `${message} (${value})` : `message ${message} (${value})`
}

function first<Item>(items: readonly Item[], find: (item: Item) => Finding): Finding {
  for (const item of items) {
    const found = find(item)
    if (found !== undefined) return found
  }
  return undefined
}
