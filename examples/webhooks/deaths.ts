/**
 * What a story of kills adds up to: deaths, and what it took to be back.
 *
 * Owns: counting them, and telling each as it happens. Leaves which life is next to the phases.
 */
import type { Moment } from './kill-plan.ts'
import type { LifeEnd } from './life.ts'
import type { Progress } from './progress.ts'

/** One time the directory was opened after a kill. */
export interface Recovery {
  /** What the runtime measured: reading the journal and repairing its tail. */
  readonly journalMs: number
  /** What the program waited for: `openRuntime`. */
  readonly openMs: number
  /** From the start of the process until it could work again. */
  readonly readyMs: number
}

export interface Deaths {
  kills: number
  /** By a signal of somebody else's. */
  otherDeaths: number
  readonly recoveries: Recovery[]
}

interface Scene {
  readonly story: Deaths
  readonly progress: Progress
}

export function noteRecovery({ story, progress }: Scene, { opening, readyMs }: LifeEnd<unknown>): void {
  if (opening?.previous !== 'crashed' || readyMs === undefined) return
  const { journalMs, openMs } = opening
  story.recoveries.push({ journalMs, openMs, readyMs })
  progress.opened(opening)
}

export function noteDeath(
  { story, progress }: Scene,
  { how }: LifeEnd<unknown>,
  moment: Moment | undefined,
): void {
  if (how === 'killed') story.kills += 1
  else story.otherDeaths += 1
  progress.killed(story.kills + story.otherDeaths, how === 'killed' ? moment : undefined)
}
