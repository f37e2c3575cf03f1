/**
 * Whether a case broke anything.
 *
 * Owns: the order of the judges: the library's own guarantees, then the user's, then what handlers left behind.
 * Leaves each judgement to its file.
 *
 * JD1. What differs from the reference is called nondeterminism where the same case differs from itself.
 */
import type { History, Invariant, Terms, Violation } from '../history.ts'
import { abandoned } from './abandoned.ts'
import { compare, repeated } from './compare.ts'
import { violation } from './comparison.ts'
import type { Equal } from './comparison.ts'
import { factsOf } from './facts.ts'
import type { RunResult } from './scenario.ts'

/** A case that broke something. */
export interface Verdict {
  readonly violation: Violation
  readonly history: History
  readonly terms: Terms
  /** What it was compared with, if it was. */
  readonly reference: History | undefined
}

export interface Judging {
  readonly invariants: readonly Invariant[]
  readonly equal: Equal
  readonly own: ReadonlySet<string>
  /** What explains all the rest, and is told before it. */
  readonly first?: (() => Violation | undefined) | undefined
  /** What else is known of the case, and is judged. */
  readonly more?: (() => Violation | undefined) | undefined
  /** The same messages without a mishap; undefined where that is not compared. */
  readonly reference: (() => Promise<RunResult>) | undefined
  /** The same case once more. */
  readonly again: () => Promise<RunResult>
  /** Run the case twice whatever comes of it. */
  readonly isTwice: boolean
}

/** How often a case runs again to see whether it decides by chance: time passes at its own pace between. */
const AGAIN_COUNT = 3

export async function judge(run: RunResult, judging: Judging): Promise<Verdict | undefined> {
  const verdict = (found: Violation, reference?: History): Verdict => ({
    violation: found,
    history: run.history,
    terms: run.terms,
    reference,
  })
  const cause = judging.first?.()
  if (cause !== undefined) return verdict(cause)
  const own = alone(run, judging.invariants)
  if (own !== undefined) return verdict(own)
  const more = judging.more?.()
  if (more !== undefined) return verdict(more)
  if (judging.isTwice) {
    const chance = await nondeterminism(run, judging)
    if (chance !== undefined) return verdict(chance)
  }
  const facts = factsOf(run)
  const twice = repeated({ run }, facts, new Set(judging.reference === undefined ? [] : facts.keys()))
  if (twice !== undefined) return verdict(twice)
  if (judging.reference === undefined) return undefined
  const reference = await judging.reference()
  const basic = alone(reference, judging.invariants)
  if (basic !== undefined) {
    return { violation: basic, history: reference.history, terms: reference.terms, reference: undefined }
  }
  const found = compare({ run, reference, equal: judging.equal, own: judging.own })
  if (found === undefined) return undefined
  return verdict((await nondeterminism(run, judging)) ?? found, reference.history)
}

/** What one history tells by itself. */
function alone(run: RunResult, invariants: readonly Invariant[]): Violation | undefined {
  const stuck = abandoned(run) ?? neverEnds(run)
  if (stuck !== undefined) return stuck
  for (const invariant of invariants) {
    const found = invariant.check(run.history, run.terms)
    if (found !== undefined) return found
  }
  return undefined
}

function neverEnds({ history, notes }: RunResult): Violation | undefined {
  const index = history.findLastIndex(({ kind }) => kind === 'drained')
  const drained = history[index]
  if (drained?.kind !== 'drained' || drained.waiting === 0) return undefined
  for (const note of notes.runs.values()) {
    if (note.endedAt !== undefined || note.life !== drained.life) continue
    const text = note.isLoop
      ? `a loop took message ${note.message} (${note.value}) and neither ended nor went on from it within 15 minutes of simulated time`
      : `the handler of message ${note.message} (${note.value}) began and neither returned nor threw within 15 minutes of simulated time`
    return violation('handler-never-ends', text, [note.begunAt, index])
  }
  // Nothing runs, and yet something waits: handlers that ask for more time for ever.
  const last = [...notes.runs.values()].findLast(({ end }) => end === 'retry-after' || end === 'threw')
  if (last === undefined) return undefined
  const text = `message ${last.message} (${last.value}) was handled again and again and is never done`
  return violation('handler-never-ends', text, [last.begunAt, last.endedAt ?? index, index])
}

async function nondeterminism(run: RunResult, judging: Judging): Promise<Violation | undefined> {
  if (run.isReal) return undefined
  for (let i = 0; i < AGAIN_COUNT; i += 1) {
    const other = await judging.again()
    if (other.isReal) return undefined
    const index = firstDifference(run.history, other.history)
    if (index === undefined) continue
    const text = `the same messages with the same mishaps gave another history: ${told(run.history, index)} one time, ${told(other.history, index)} another`
    return violation('nondeterminism', text, [Math.min(index, run.history.length - 1)])
  }
  return undefined
}

function firstDifference(left: History, right: History): number | undefined {
  const length = Math.max(left.length, right.length)
  for (let i = 0; i < length; i += 1) {
    if (JSON.stringify(left[i]) !== JSON.stringify(right[i])) return i
  }
  return undefined
}

function told(history: History, index: number): string {
  const event = history[index]
  return event === undefined ? 'nothing more' : JSON.stringify(event)
}
