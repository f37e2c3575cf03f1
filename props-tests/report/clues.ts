/**
 * What a failing run itself shows about its cause: an error that was swallowed, a call after the return, an ack too
 * early.
 *
 * Owns: finding these patterns in the runs of handlers that the violation is about.
 * Leaves to `hints.ts` what is typical for an invariant.
 *
 * CL1. A clue is a fact of this history and names its message; where nothing was seen, nothing is said.
 */
import type { History, HistoryEvent, Violation } from '../history.ts'
import { castOf } from './cast.ts'
import type { Scene } from './scene.ts'
import { cut } from './words.ts'

/** One run of a handler, as far as it matters here. */
interface HandlerRun {
  readonly group: string
  readonly player: number
  /** A loop, and not a handler. */
  readonly isLoop: boolean
  /** Calls of the world outside that were made to fail. */
  readonly failed: string[]
  /** Calls of the world outside after the handler had ended. */
  readonly late: string[]
  end: Extract<HistoryEvent, { kind: 'ended' }> | undefined
  /** Its handler asked for the ack before it ended. */
  isAskedBefore: boolean
  /** That ack was on disk before it ended. */
  isAckedBefore: boolean
  /** The message was begun once more. */
  isRepeated: boolean
}

interface Told {
  readonly history: History
  readonly violation: Violation
  readonly scene: Scene
  /** The same messages without a mishap, where there is such a run. */
  readonly reference: History | undefined
}

const cluesMax = 3
/** For others it does not matter when a handler acked. */
const tellsOfAcks: ReadonlySet<string> = new Set(['work-after-ack', 'lost-effect'])
const viewMax = 60

/**
 * The clues of a run, a sentence each; at most three.
 *
 * @example cluesOf({ history, violation, scene, reference }) // ['The handler returned from A although its call of mail failed …']
 */
export function cluesOf({ history, violation, scene, reference }: Told): string[] {
  const { about } = castOf(history)
  const involved = new Set(violation.events.flatMap((index) => about[index] ?? []))
  const letters = new Map(
    scene.rows.flatMap((row) =>
      row.kind === 'told'
        ? (about[row.index] ?? []).map((each, at) => [each, row.letters[at] ?? '?'] as const)
        : [],
    ),
  )
  const runs = runsOf(history).filter(({ player }) => involved.size === 0 || involved.has(player))
  const found = runs.flatMap((run) => {
    const letter = letters.get(run.player) ?? 'a message'
    return [...(tellsOfAcks.has(violation.invariant) ? ackClues(run, letter) : []), ...cluesIn(run, letter)]
  })
  return [...new Set([...viewClues(history, reference), ...found])].slice(0, cluesMax)
}

/** What the handler's state says at the end, where it differs from a run without a mishap. */
function viewClues(history: History, reference: History | undefined): string[] {
  const [view, wanted] = [viewOf(history), viewOf(reference ?? [])]
  if (reference === undefined || view === wanted) return []
  return [`At the end the view is ${cut(view, viewMax)}; without a mishap it is ${cut(wanted, viewMax)}.`]
}

function viewOf(history: History): string {
  const drained = history.findLast((event) => event.kind === 'drained')
  return drained?.view ?? 'nothing'
}

function runsOf(history: History): HandlerRun[] {
  const { about } = castOf(history)
  const runs = new Map<number, HandlerRun>()
  /** The run that holds a message now, by group and message. */
  const holders = new Map<string, HandlerRun>()
  for (const [index, event] of history.entries()) {
    const [player = -1] = about[index] ?? []
    if (event.kind === 'begun') {
      const name = JSON.stringify([event.group, player])
      const before = holders.get(name)
      if (before !== undefined) before.isRepeated = true
      const run = freshRun(event, player)
      runs.set(event.run, run)
      holders.set(name, run)
    } else if (event.kind === 'settled' && event.how === 'ack') {
      const run = holders.get(JSON.stringify([event.group, player]))
      if (run !== undefined && run.end === undefined) run.isAckedBefore = true
    } else if (event.kind === 'ended' || event.kind === 'effect' || event.kind === 'asked')
      note(runs.get(event.run ?? -1), event)
  }
  return [...runs.values()]
}

function freshRun({ group, loop }: { group: string; loop?: true }, player: number): HandlerRun {
  const nothing = { isAskedBefore: false, isAckedBefore: false, isRepeated: false }
  return { group, player, isLoop: loop === true, failed: [], late: [], end: undefined, ...nothing }
}

type OfRun = Extract<HistoryEvent, { kind: 'ended' | 'effect' | 'asked' }>

function note(run: HandlerRun | undefined, event: OfRun): void {
  if (run === undefined) return
  if (event.kind === 'asked') {
    if (event.how === 'ack' && run.end === undefined) run.isAskedBefore = true
    return
  }
  if (event.kind === 'ended') run.end = event
  else if (run.end !== undefined) run.late.push(event.name)
  else if (event.error) run.failed.push(event.name)
}

function cluesIn(run: HandlerRun, letter: string): string[] {
  const { failed, late, end } = run
  const [call] = failed
  const [lateCall] = late
  return [
    ...(lateCall === undefined
      ? []
      : [
          run.isLoop
            ? `The loop called ${lateCall} for ${letter} after it had gone on: a promise is not awaited.`
            : `The handler called ${lateCall} for ${letter} after it had ended: a promise is not awaited.`,
        ]),
    ...(call !== undefined && end?.how === 'returned'
      ? [`The handler returned from ${letter} as if all were well, although its call of ${call} had failed.`]
      : []),
    ...(call !== undefined && run.isLoop && run.isAskedBefore
      ? [`The loop acked ${letter} as if all were well, although its call of ${call} had failed.`]
      : []),
  ]
}

/** In a loop the ack is its own, and nothing tells where its work ends. */
function ackClues(run: HandlerRun, letter: string): string[] {
  if (run.isLoop) return []
  return isAckedAtWork(run)
    ? [`The ack of ${letter} was on disk before its handler (group ${run.group}) had ended.`]
    : []
}

/** Where nobody was told of the ack, that the message never came again tells it as well. */
function isAckedAtWork({ isAckedBefore, isAskedBefore, isRepeated, end }: HandlerRun): boolean {
  const isCut = end === undefined || end.how === 'threw'
  return isAckedBefore || (isAskedBefore && isCut && !isRepeated)
}
