/**
 * One piece of a campaign: some runs of one kind, all of them decided by one seed.
 *
 * Owns: the word that names a task and replays a failure, and running it.
 * Leaves to each kind what a run is, and to `worker.ts` which tasks are run.
 *
 * TK1. A task's word decides all of it: the same word gives the same runs, on any machine.
 * TK2. A failure is shrunk, and its word (kind, seed, path) runs the smallest case alone.
 * TK3. Whatever a task throws is a failure of it: a campaign never goes on as if nothing had been.
 */
import { performance } from 'node:perf_hooks'
import fc from 'fast-check'
import { ViolationError } from '../support/violation.ts'
import type { Tally } from './tally.ts'

/** What a kind of task gets for its runs. */
export interface TaskWorld {
  /** The name of a bug to plant, so that a campaign can be shown to find it. */
  readonly bug: string | undefined
  readonly tally: Tally
}

/** A kind of task: where its cases come from, and what a run of one is. */
export interface TaskKind {
  readonly name: string
  /** How many tasks of a round are of this kind. */
  readonly share: number
  /** Runs in one task: about a second's worth. */
  readonly runs: number
  readonly property: (world: TaskWorld) => fc.IAsyncProperty<[unknown]>
}

/** What there is to say of a kind. `run` throws `ViolationError`. */
export interface TaskPlan<Case> {
  readonly name: string
  readonly share: number
  readonly runs: number
  readonly cases: fc.Arbitrary<Case>
  readonly run: (one: Case, world: TaskWorld) => void | Promise<void>
}

export function taskKind<Case>({ name, share, runs, cases, run }: TaskPlan<Case>): TaskKind {
  const property = (world: TaskWorld): fc.IAsyncProperty<[Case]> => {
    let untilMs = Infinity
    return fc.asyncProperty(cases, async (one) => {
      // From some time after the first failure on nothing smaller is tried: what is skipped passes.
      if (performance.now() > untilMs) return
      world.tally.add('runs', name)
      try {
        await run(one, world)
      } catch (error) {
        untilMs = Math.min(untilMs, performance.now() + SHRINK_MAX_MS)
        throw error
      }
    })
  }
  return { name, share, runs, property }
}

/** Which runs: all of a seed, or with a path one alone. */
export interface TaskName {
  readonly kind: string
  readonly seed: number
  readonly path: string | undefined
}

/** A broken guarantee, ready to be printed. */
export interface Found {
  readonly invariant: string
  readonly text: string
  /** The smallest case that shows it, as data. */
  readonly example: string
  /** The word that runs it alone. */
  readonly replay: string
}

/** Shrinking ends by then, with the smallest case so far. */
const SHRINK_MAX_MS = 20_000

export class TaskNameError extends RangeError {
  override readonly name = 'TaskNameError'
}

export function spellTask({ kind, seed, path }: TaskName): string {
  return path === undefined ? `${kind}:${seed}` : `${kind}:${seed}:${path}`
}

/** Throws `TaskNameError`. */
export function readTask(word: string, kinds: readonly TaskKind[]): TaskName {
  const [kind = '', seed = '', ...path] = word.split(':')
  const known = kinds.map(({ name }) => name)
  const isPath = path.every((part) => /^\d+$/.test(part))
  if (!known.includes(kind) || !/^-?\d+$/.test(seed) || !isPath) {
    throw new TaskNameError(`"${word}" is no task; one is spelt ${known.join('|')}:<seed>[:<path>]`)
  }
  return { kind, seed: Number(seed), path: path.length === 0 ? undefined : path.join(':') }
}

/** Runs a task; undefined when nothing was broken. */
export async function runTask(
  kind: TaskKind,
  { seed, path }: TaskName,
  world: TaskWorld,
): Promise<Found | undefined> {
  const where = path === undefined ? {} : { path, endOnFailure: true }
  const details = await fc.check(kind.property(world), { seed, numRuns: kind.runs, ...where })
  if (!details.failed) return undefined
  const failedPath = details.counterexamplePath ?? path
  return {
    ...describe(details.errorInstance),
    example: fc.stringify(details.counterexample),
    replay: spellTask({ kind: kind.name, seed, path: failedPath ?? undefined }),
  }
}

function describe(error: unknown): { invariant: string; text: string } {
  if (error instanceof ViolationError) return { invariant: error.invariant, text: error.message }
  return { invariant: 'unexpected-error', text: error instanceof Error ? (error.stack ?? '') : String(error) }
}
