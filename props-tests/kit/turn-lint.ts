/**
 * One turn taken three times over, to see whether it is pure: same state, same event, same result, and nothing else.
 *
 * Owns: the tries, and naming what is wrong with a path and a remedy. Leaves which turns there are to `pure-run.ts`.
 *
 * TLI1. Each try begins from the same stored bytes. One gets a state that it could change, and what it changed is named;
 *      one gets a state that is frozen all the way down.
 * TLI2. What the turn makes must come back from its bytes as it was.
 * TLI3. A turn that throws the same each time is pure.
 * TLI5. An error that the engine makes, of a value that is not there or no function, is a mistake; what the code throws by
 *      itself is meant. An actor that ends in an error ends for good.
 * TLI4. From the state that the turn before left in memory it comes to the same as from the bytes of that state.
 */
import { inspect } from 'node:util'
import { UnlostError } from '../../persistence/index.ts'
import type { ActorLogic, LoadedState, StoredState, TurnResult } from '../../actors/index.ts'
import type { Violation } from '../history.ts'
import type { ActorInvariantName } from '../actor-invariants.ts'
import { spell } from './json.ts'
import { lossIn } from './json-losses.ts'
import { isMistake } from './mistakes.ts'
import { pathOfDifference } from './json-path.ts'
import { trapped } from './turn-traps.ts'
import type { Trapped } from './turn-traps.ts'

/** What a turn came to. */
export type TurnOutcome = { readonly result: TurnResult; readonly text: string } | { readonly error: unknown }

/** Something that is wrong with a turn, in words. */
export type Fault = Pick<Violation, 'text'> & { readonly invariant: ActorInvariantName | 'lost-effect' }

/** A turn as it can be taken again and again. */
export interface Takeable {
  readonly logic: ActorLogic
  /** The stored state; undefined for the first one. */
  readonly stored: StoredState | undefined
  /** The same as the turn before left it in memory; undefined where there is none. */
  readonly left?: LoadedState | undefined
  /** What is handed to it, as data; a copy is made for each try. */
  readonly given: unknown
  /** Takes it. */
  readonly take: (state: LoadedState | undefined, given: unknown) => TurnResult
  /** Whether the user's code did something outside meanwhile. */
  readonly acted: () => string | undefined
}

/** Takes a turn, and says what is wrong with it. */
export function lintTurn(turn: Takeable): {
  readonly outcome: TurnOutcome
  readonly faults: readonly Fault[]
} {
  const faults: Fault[] = []
  const seen: Trapped[] = []
  const open = attempt(turn, seen, false)
  faults.push(...open.faults)
  const frozen = attempt(turn, seen, true)
  faults.push(...ambientFaults(seen), ...actedFaults(turn))
  if (!faults.some(({ invariant }) => invariant === 'changed-state')) faults.push(...hidden(open, frozen))
  if (faults.length === 0) faults.push(...differing(open, frozen), ...unstorable(turn, open.outcome))
  if (faults.length === 0) faults.push(...remembering(turn, open))
  if (faults.length === 0) faults.push(...mistakes(open.outcome))
  return { outcome: open.outcome, faults }
}

/** Takes a turn once, from its stored bytes, and looks at nothing else. */
export function takeOnce(turn: Takeable): TurnOutcome {
  const { logic, stored, given, take } = turn
  const state = stored === undefined ? undefined : logic.load(stored)
  return outcomeOf(() => take(state, structuredClone(given)), logic)
}

interface Attempt {
  readonly outcome: TurnOutcome
  readonly faults: readonly Fault[]
}

function attempt({ logic, stored, given, take }: Takeable, seen: Trapped[], isFrozen: boolean): Attempt {
  const state = stored === undefined ? undefined : logic.load(stored)
  const view = state === undefined ? undefined : logic.view(state)
  const event = structuredClone(given)
  const before = { state: spell(view), event: spell(event) }
  if (isFrozen) for (const part of [view, event]) freezeDeep(part)
  const outcome = trapped(seen, () => outcomeOf(() => take(state, event), logic))
  const faults = isFrozen
    ? []
    : [
        ...changes(before.state, spell(view), 'the state'),
        ...changes(before.event, spell(event), 'the event'),
      ]
  return { outcome, faults }
}

function outcomeOf(take: () => TurnResult, logic: ActorLogic): TurnOutcome {
  try {
    const result = take()
    return { result, text: logic.save(result.state) }
  } catch (error) {
    return { error }
  }
}

function changes(before: string, after: string, what: string): Fault[] {
  if (before === after) return []
  const path = pathOfDifference(JSON.parse(before), JSON.parse(after))
  const text = `the turn changed ${what} in place, at '${path}': a turn that fails, and is taken again, would begin from what the failed one left`
  return [{ invariant: 'changed-state', text }]
}

/** Frozen, it failed where it did not fail before: something was written that the eye does not see. */
function hidden(open: Attempt, frozen: Attempt): Fault[] {
  if (!('error' in frozen.outcome) || 'error' in open.outcome) return []
  const { error } = frozen.outcome
  if (!(error instanceof TypeError)) return []
  return [{ invariant: 'changed-state', text: `the turn changed its state in place: ${error.message}` }]
}

/** What a piece of code looked at or did, in words. */
export function ambientFaults(seen: readonly Trapped[]): Fault[] {
  return seen.map(({ name, where, acts }) =>
    acts
      ? { invariant: 'effect-in-turn', text: `the turn called ${name} at ${where}` }
      : { invariant: 'ambient-input', text: `the turn asked for ${name} at ${where}` },
  )
}

function actedFaults({ acted }: Takeable): Fault[] {
  const what = acted()
  return what === undefined ? [] : [{ invariant: 'effect-in-turn', text: `the turn called ${what}` }]
}

function differing(open: Attempt, frozen: Attempt): Fault[] {
  const [one, other] = [wordsOf(open.outcome), wordsOf(frozen.outcome)]
  if (one === other) return []
  const path = pathOfDifference(JSON.parse(one), JSON.parse(other))
  const text = `the same event taken twice from the same stored bytes gave two results: they differ at '${path}'`
  return [{ invariant: 'impure-turn', text }]
}

/** It goes on from what the turn before left in memory, as it does in a process that lives. */
function remembering({ logic, stored, left, given, take }: Takeable, open: Attempt): Fault[] {
  if (left === undefined || stored === undefined) return []
  const [kept, read] = [left, logic.load(stored)].map((state) => inspect(logic.view(state), DEEP))
  const outcome = outcomeOf(() => take(left, structuredClone(given)), logic)
  const [one, other] = [wordsOf(open.outcome), wordsOf(outcome)]
  if (one === other) return []
  const where = `'${pathOfDifference(JSON.parse(one), JSON.parse(other))}'`
  if (kept === read) return [{ invariant: 'impure-turn', text: `${REMEMBERS}: they differ at ${where}` }]
  const text = `${REMEMBERS}, which differ in what JSON does not keep (an undefined property, the order of names): the results differ at ${where}`
  return [{ invariant: 'not-durable', text }]
}

const DEEP = { depth: Infinity, maxArrayLength: null, maxStringLength: null } as const
const REMEMBERS =
  'the event gave one result from the state in memory and another from the same state read back from its bytes, as after a restart'

function wordsOf(outcome: TurnOutcome): string {
  if ('error' in outcome) return spell({ error: String(outcome.error) })
  const { effects, status, output, handled } = outcome.result
  const state: unknown = parsed(outcome.text)
  return spell({ state, effects, status, output, handled })
}

function parsed(text: string): unknown {
  return JSON.parse(text.startsWith('refs') ? text.slice('refs'.length) : text)
}

function mistakes(outcome: TurnOutcome): Fault[] {
  if ('error' in outcome) {
    if (!isMistake(outcome.error)) return []
    const text = `the turn fails each time by a mistake of its code: ${String(outcome.error)}`
    return [{ invariant: 'failing-turn', text }]
  }
  if (outcome.result.status !== 'error') return []
  const text = `the actor ends in status 'error', and takes no event any more: ${spell(outcome.result.error)} was handled by nothing`
  return [{ invariant: 'dead-actor', text }]
}

/** What is lost on the way to the disk and back. */
function unstorable({ logic }: Takeable, outcome: TurnOutcome): Fault[] {
  if ('error' in outcome) {
    const { error } = outcome
    const isOurs = error instanceof UnlostError && NOT_DURABLE.has(error.code)
    return isOurs ? [{ invariant: 'not-durable', text: error.message }] : []
  }
  const { result, text } = outcome
  const back = logic.view(logic.load({ version: logic.version, hash: logic.hash, text }))
  const [made, again] = [spell(logic.view(result.state)), spell(back)]
  if (made !== again) {
    const path = pathOfDifference(JSON.parse(made), JSON.parse(again))
    return [
      {
        invariant: 'not-durable',
        text: `the state does not come back from its bytes as it was: '${path}' differs`,
      },
    ]
  }
  return result.effects.flatMap((effect) => lossy(effect))
}

const NOT_DURABLE: ReadonlySet<string> = new Set(['UNLOST_UNSTORABLE', 'UNLOST_NOT_DURABLE'])

function lossy(effect: TurnResult['effects'][number]): Fault[] {
  const loss = lossIn(sentBy(effect))
  if (loss === undefined) return []
  const text = `what the turn sends (${effect.kind}) is not what comes of it when it is stored as JSON: ${loss}`
  return [{ invariant: 'not-durable', text }]
}

function sentBy(effect: TurnResult['effects'][number]): unknown {
  switch (effect.kind) {
    case 'deliver':
    case 'arm':
      return effect.event
    case 'reply':
      return effect.value
    case 'start':
      return effect.input
    case 'publish':
      return isJson(effect.topic) ? effect.value : undefined
    default:
      return undefined
  }
}

/** Of a topic that is only named, nothing is known. */
function isJson(topic: unknown): boolean {
  return typeof topic === 'object' && topic !== null && Reflect.get(topic, 'codec') === 'json'
}

/** Freezes plain data, and nothing that has a class of its own. */
export function freezeDeep(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return
  const prototype: unknown = Object.getPrototypeOf(value)
  const isPlain = prototype === Object.prototype || prototype === null || Array.isArray(value)
  if (!isPlain) return
  Object.freeze(value)
  for (const part of Object.values(value)) freezeDeep(part)
}
