/**
 * What a process gives up by itself: errors that nobody catches, messages that its loops do not settle, loops that end.
 *
 * Owns: judging these in one run. Leaves what is missing in the end to `compare.ts`.
 *
 * AB1. What a mishap may have brought about is not accused: an error that nobody catches ends the process as a crash does,
 *      and what comes too late may have been held up. No mishap ends one process after the other.
 * AB2. A loop may end, unless messages wait for it and no other takes them. So may a consumer wait that was made.
 */
import type { Violation } from '../history.ts'
import { violation } from './comparison.ts'
import type { LoopNote } from './notes.ts'
import type { RunResult } from './scenario.ts'

/** More processes than these die of no mishap. */
export const UNCAUGHT_MAX = 20

/** The first thing that was given up. */
export function abandoned(run: RunResult): Violation | undefined {
  const [first] = [uncaught(run), unsettled(run)]
    .filter((found) => found !== undefined)
    .toSorted((left, right) => noticedAt(left) - noticedAt(right))
  return first ?? deserted(run) ?? neverRun(run) ?? held(run)
}

const noticedAt = ({ events }: Violation): number => events.at(-1) ?? Infinity

/** The process died of an error of its own. */
function uncaught(run: RunResult): Violation | undefined {
  const { uncaught: all } = run.notes
  const [first, last] = [all.at(0), all.at(-1)]
  if (first === undefined || last === undefined) return undefined
  const isOwn = isCalm(run, 0, first.index)
  const isEndless = all.length > UNCAUGHT_MAX
  if (!isOwn && !isEndless) return undefined
  const { text, index } = isOwn ? first : last
  const when = isOwn ? ', though nothing had gone wrong around it' : ''
  const again = isEndless ? '; each process that takes its place dies of it as well' : ''
  const told = `'${text}' was thrown, nobody caught it, and it ended the process${when}${again}`
  return violation('uncaught-error', told, [index])
}

/** A loop had a message for as long as its lease was, and did not say what became of it. */
function unsettled(run: RunResult): Violation | undefined {
  for (const { end, endedAt, begunAt, life, message, value } of run.notes.runs.values()) {
    const openedAt = run.history.findIndex((event) => event.kind === 'opened' && event.life === life)
    if (end !== 'overdue' || endedAt === undefined || !isCalm(run, openedAt, endedAt)) continue
    const text = `a loop took message ${message} (${value}) and called neither ack(), nack() nor deadLetter() for it before its lease was over: it comes again, also while the loop still works for it`
    return violation('left-behind', text, [begunAt, endedAt])
  }
  return undefined
}

/** Messages wait for a loop that is over. */
function deserted({ history, notes }: RunResult): Violation | undefined {
  const index = history.findLastIndex(({ kind }) => kind === 'drained')
  const drained = history[index]
  if (drained?.kind !== 'drained' || drained.waiting === 0) return undefined
  const loops = notes.loops.filter(({ life }) => life === drained.life)
  const left = loops.findLast(
    (loop) => loop.leftAt !== undefined && !loops.some((other) => isInFor(other, loop)),
  )
  if (left?.leftAt === undefined) return undefined
  const text = `the loop over topic '${left.topic}' (group ${left.group}) ended, no other took its place, and ${messages(drained.waiting)} for ever, although the process lives`
  return violation('left-behind', text, [left.leftAt, index])
}

/** Messages wait for a consumer that nobody has begun. */
function neverRun({ history, notes }: RunResult): Violation | undefined {
  const index = history.findLastIndex(({ kind }) => kind === 'drained')
  const drained = history[index]
  const [idle] = notes.idle
  if (drained?.kind !== 'drained' || drained.waiting === 0 || idle === undefined) return undefined
  const text = `a consumer of topic '${idle.topic}' (group ${idle.group}) was made and neither run nor looped over, and ${messages(drained.waiting)} for ever`
  return violation('left-behind', text, [index])
}

/** Messages wait behind one that a loop took and never came back from. */
function held({ history, notes }: RunResult): Violation | undefined {
  const index = history.findLastIndex(({ kind }) => kind === 'drained')
  const drained = history[index]
  if (drained?.kind !== 'drained' || drained.waiting === 0) return undefined
  const last = [...notes.runs.values()].findLast(
    ({ end, life }) => end === 'overdue' && life === drained.life,
  )
  if (last?.endedAt === undefined) return undefined
  const text = `a loop took message ${last.message} (${last.value}) and called neither ack(), nack() nor deadLetter() for it: ${messages(drained.waiting)} for ever`
  return violation('left-behind', text, [last.begunAt, last.endedAt, index])
}

function isInFor(other: LoopNote, { topic, group }: LoopNote): boolean {
  return other.topic === topic && other.group === group && other.leftAt === undefined
}

const messages = (count: number): string => (count === 1 ? '1 message waits' : `${count} messages wait`)

/** Nothing goes wrong between two places of the history. */
function isCalm({ history, notes }: RunResult, from: number, to: number): boolean {
  if (notes.slow.some((at) => at >= from && at <= to)) return false
  return !history
    .slice(from, to)
    .some(
      (event) =>
        event.kind === 'crashed' ||
        event.kind === 'fault' ||
        (event.kind === 'effect' && event.error) ||
        (event.kind === 'event' && event.name === 'broken'),
    )
}
