/**
 * The judges of what actors do outside, beside calls that are lost or repeated as a whole.
 *
 * Owns: calls that belong to no effect, or to one that needs no commit; rows that an effect changed twice; keys that two
 * calls share.
 * Leaves lost calls to `lost-effects.ts`, repeated ones to `compare.ts`.
 *
 * OX1. What nothing outside of turns began was begun by a turn, perhaps by a promise that it left behind.
 * OX2. A row counts as changed twice where a later run of the same effect gave it other numbers or another length than an
 *      earlier one did; texts and times may well differ.
 * OX3. Two values under one key count only where no call failed: one that did may be made again with other words. An effect
 *      that runs again after a crash is the same effect.
 */
import type { Violation } from '../history.ts'
import { violation } from './comparison.ts'
import type { EffectNote, RunNote } from './notes.ts'
import type { RunResult } from './scenario.ts'

/** What was called by code that runs neither as an effect nor as a custom action. */
export function ownerless({ notes }: RunResult): Violation | undefined {
  const stray = notes.effects.find(({ run, mayRepeat }) => run === undefined && !mayRepeat)
  if (stray === undefined) return undefined
  const text = `'${stray.name}' was called with ${stray.value} by no effect and no custom action: a turn left something behind that did it later, such as a promise or a microtask`
  return { invariant: 'effect-in-turn', text, events: [stray.index] }
}

/** A row that an effect changed, and changed again when it ran once more. */
export function changedTwice({ notes }: RunResult): Violation | undefined {
  const first = new Map<string, { readonly effect: EffectNote; readonly row: unknown }>()
  for (const effect of notes.effects) {
    const run = runOf(effect, notes.runs)
    if (effect.kind !== 'table' || !effect.happened || run === undefined) continue
    for (const [key, row] of Object.entries(JSON.parse(effect.value) as Readonly<Record<string, unknown>>)) {
      const name = `${run.group}\n${run.message}\n${effect.name}\n${key}`
      const before = first.get(name)
      if (before === undefined || before.effect.run === effect.run) first.set(name, { effect, row })
      else if (amounts(before.row) !== amounts(row)) return twice(run, before.effect, { effect, key, row })
    }
  }
  return undefined
}

function twice(
  { message }: RunNote,
  before: EffectNote,
  { effect, key, row }: { readonly effect: EffectNote; readonly key: string; readonly row: unknown },
): Violation {
  const text = `${message} ran again and changed row '${key}' of ${effect.name} once more, to ${JSON.stringify(row)}: an earlier run of it had done so already`
  return violation('duplicated-effect', text, [before.index, effect.index])
}

function runOf({ run }: EffectNote, runs: ReadonlyMap<number, RunNote>): RunNote | undefined {
  return run === undefined ? undefined : runs.get(run)
}

/** Larger numbers are times. */
const AMOUNT_MAX = 1e11

/** What of a row a repeated addition would change. */
function amounts(row: unknown): string {
  return JSON.stringify(row, (_, part: unknown) => {
    if (typeof part === 'string') return ''
    if (typeof part === 'number') return part < AMOUNT_MAX ? part : 0
    return part
  })
}

/** A call that its receiver took for another one, as it had the same key. */
export function sharedKey({ notes }: RunResult): Violation | undefined {
  if (notes.effects.some(({ failed }) => failed)) return undefined
  const call = notes.effects.find((each) => !each.mayRepeat && isAnother(each, notes.runs))
  if (call === undefined) return undefined
  const text = `'${call.name}' with ${call.value} had no effect: its key is that of an earlier call with ${call.before?.value}, and the receiver took it for a repetition of that`
  return violation('lost-effect', text, [call.index])
}

/** Its key is that of a call of another effect, or of another call of the same run. */
function isAnother(call: EffectNote, runs: ReadonlyMap<number, RunNote>): boolean {
  if (call.before === undefined || call.before.value === call.value) return false
  if (call.before.run === call.run) return true
  const [here, there] = [call.run, call.before.run].map((run) =>
    run === undefined ? undefined : runs.get(run),
  )
  return here?.message !== there?.message || here?.group !== there?.group
}

/** What must not go before its commit, as it is not harmless: the action says that it needs none. */
export function unconfirmedCall({ notes }: RunResult): Violation | undefined {
  const call = notes.effects.find(({ run, mayRepeat }) => {
    const note = run === undefined ? undefined : notes.runs.get(run)
    return !mayRepeat && note?.isUnconfirmed === true
  })
  if (call === undefined) return undefined
  const text = `'${call.name}' was called with ${call.value} by a custom action that is marked unconfirmed: it runs before its turn is on disk, perhaps without one, and is not begun again after a crash`
  return { invariant: 'effect-in-turn', text, events: [call.index] }
}
