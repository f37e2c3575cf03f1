/**
 * Every death of a small workload, and what is left after each.
 *
 * Owns: walking all crash points, all kinds of crash and all (or very many) torn outcomes of each.
 * Leaves judging to `journal-run.ts`.
 *
 * EC1. Each changing call of each command is a crash point: before it, in the middle of it when it writes, and at
 *      the end after the last. Crashes between other calls leave the same disk as one of these.
 * EC2. Up to `outcomesMax` outcomes of a power cut are visited exhaustively; above that the extremes and
 *      `outcomesMax` random ones. The result says how many states were visited.
 */
import { chooseFirst, chooseLast, everyChoice } from '../choices.ts'
import type { Choices } from '../choices.ts'
import type { CrashMoment } from '../call-gate.ts'
import { SimulatedDisk } from '../simulated-disk.ts'
import type { CrashKind } from '../simulated-disk.ts'
import { SimulatedRandom } from '../simulated-random.ts'
import { JournalRun } from './journal-run.ts'
import type { Crash, RunEvent, Subject, Work } from './journal-run.ts'

export interface EnumerationOptions {
  /** Visit all outcomes of a power cut up to this many. */
  readonly outcomesMax: number
  readonly tornUnitBytes?: number
  /** Let each recovery die at each of its own calls too. Default false. */
  readonly nested?: boolean
  /** Visit only every so many-th crash point, from the `from`-th on. Default: all. */
  readonly sample?: { readonly every: number; readonly from: number }
  readonly watch?: (event: RunEvent) => void
}

/** How much was visited. */
export interface Enumeration {
  crashPoints: number
  states: number
}

/** Throws `ViolationError` at the first state that breaks a guarantee. */
export function enumerateCrashes(
  subject: Subject,
  workload: readonly Work[],
  options: EnumerationOptions,
): Enumeration {
  const visited: Enumeration = { crashPoints: 0, states: 0 }
  for (const [i, work] of workload.entries()) {
    const calls = callsOf(subject, workload.slice(0, i), work)
    for (const [point, death] of deathsWithin(calls).entries()) {
      if (!isVisited(point + i, options.sample)) continue
      const run = runUpTo(subject, workload.slice(0, i), options)
      run.stepAndDie({ work, crashes: [{ ...death, kind: 'power', tape: [] }] })
      visited.crashPoints += 1
      visited.states += options.nested === true ? inspectNested(run) : inspectAll(run, options.outcomesMax)
    }
  }
  return visited
}

function isVisited(point: number, sample: EnumerationOptions['sample']): boolean {
  return sample === undefined || (point + sample.from) % sample.every === 0
}

function runUpTo(
  subject: Subject,
  before: readonly Work[],
  options: Partial<EnumerationOptions>,
): JournalRun {
  const { tornUnitBytes, watch } = options
  const disk = new SimulatedDisk(tornUnitBytes === undefined ? {} : { tornUnitBytes })
  const run = new JournalRun(subject, disk, watch === undefined ? {} : { watch })
  for (const work of before) run.step({ work })
  return run
}

/** How many changing calls a command makes. */
function callsOf(subject: Subject, before: readonly Work[], work: Work): number {
  const run = runUpTo(subject, before, {})
  const start = run.disk.changes
  run.stepAndDie({ work })
  return run.disk.changes - start
}

function deathsWithin(calls: number): { call: number; moment: CrashMoment }[] {
  const each = Array.from({ length: calls }, (_, i) => [
    { call: i + 1, moment: 'before' as const },
    { call: i + 1, moment: 'within' as const },
  ])
  return [...each.flat(), { call: calls + 1, moment: 'before' }]
}

function inspectAll(run: JournalRun, outcomesMax: number): number {
  run.inspect('kill', chooseFirst)
  const visited = everyChoice((choices) => {
    run.inspect('power', choices)
  }, outcomesMax)
  if (visited < outcomesMax) return visited + 1
  run.inspect('power', chooseLast)
  for (let seed = 0; seed < outcomesMax; seed += 1) run.inspect('power', new SimulatedRandom(seed))
  return 2 * visited + 2
}

/** The extremes of the first crash, times each crash point of the recovery, times the extremes of that. */
function inspectNested(run: JournalRun): number {
  let states = 0
  for (const [kind, choices] of extremes) {
    const calls = run.inspect(kind, choices)
    for (let call = 1; call <= calls; call += 1) {
      for (const nested of nestedDeaths(call)) {
        run.inspect(kind, choices, [nested])
        states += 1
      }
    }
  }
  return states
}

const extremes: readonly (readonly [CrashKind, Choices])[] = [
  ['kill', chooseFirst],
  ['power', chooseFirst],
  ['power', chooseLast],
  ['power', { choose: (count) => (count > 1 ? 1 : 0) }],
]

function nestedDeaths(call: number): Crash[] {
  return [
    { call, moment: 'before', kind: 'kill', tape: [] },
    { call, moment: 'before', kind: 'power', tape: [] },
    { call, moment: 'within', kind: 'power', tape: [0, 1] },
    { call, moment: 'before', kind: 'power', tape: [1, 0, 1, 1] },
  ]
}
