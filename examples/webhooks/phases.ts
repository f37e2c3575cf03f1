/**
 * The two phases: a child sends, another handles; each is killed as planned and started again until its work is done.
 *
 * Owns: the sequence of lives, and what they add up to. Leaves one life to `life.ts` and the judgement to `audit.ts`.
 */
import { Confirmed } from './confirmed.ts'
import type { KillPlan, Moment } from './kill-plan.ts'
import type { Totals } from './ledger.ts'
import { Life, type LifeEnd, type Listener } from './life.ts'
import type { DemoOptions } from './options.ts'
import type { Progress } from './progress.ts'
import type { Phase, Report, Work } from './protocol.ts'

/** One time the directory was opened after a kill. */
export interface Recovery {
  readonly phase: Phase
  /** What the runtime measured: reading the journal and repairing its tail. */
  readonly journalMs: number
  /** What the program waited for: `openRuntime`. */
  readonly openMs: number
  /** From the start of the process until it could work again. */
  readonly readyMs: number
}

export interface Story {
  readonly confirmed: Confirmed
  /** Sends of unknown outcome that were tried again and had been stored before. */
  repeats: number
  kills: number
  /** Deaths by a signal of somebody else's. */
  otherDeaths: number
  readonly recoveries: Recovery[]
  /** What the handler says in the end. */
  totals: Totals
}

export interface Place {
  readonly dataDirectory: string
  readonly ledgerFile: string
}

export async function runPhases(
  options: DemoOptions,
  { place, plan, progress }: { place: Place; plan: KillPlan; progress: Progress },
): Promise<Story> {
  const confirmed = new Confirmed(options.messages)
  const story: Story = { confirmed, repeats: 0, kills: 0, otherDeaths: 0, recoveries: [], totals: {} }
  for (const phase of ['send', 'handle'] as const) {
    await runPhase({ phase, options, place, story, progress }, plan[phase])
  }
  return story
}

interface Scene {
  readonly phase: Phase
  readonly options: DemoOptions
  readonly place: Place
  readonly story: Story
  readonly progress: Progress
}

async function runPhase(scene: Scene, moments: readonly Moment[]): Promise<void> {
  const waiting = [...moments]
  const { phase, progress, options } = scene
  progress.begin(phase, options.messages)
  for (;;) {
    const moment = waiting[0]
    const end = await Life.run(workOf(scene, moment), moment, listener(scene))
    noteRecovery(scene, end)
    if (end.how === 'finished') return finishPhase(scene, end)
    if (end.how === 'killed') waiting.shift()
    noteDeath(scene, end, moment)
  }
}

function workOf({ phase, options, place, story }: Scene, moment: Moment | undefined): Work {
  const { messages, kills, input, sabotage } = options
  const missing = phase === 'send' ? story.confirmed.missing() : []
  const holdAt = moment?.kind === 'between' ? moment.at : undefined
  return { kind: 'work', phase, messages, kills, input, ...place, missing, holdAt, sabotage }
}

function listener({ story, progress }: Scene): Listener {
  let done = 0
  return (report: Report) => {
    if (report.kind === 'confirmed') {
      story.confirmed.add(report.deliveries)
      story.repeats += report.repeats
      done = story.confirmed.count
    }
    if (report.kind === 'counted') done = report.count
    if (report.kind === 'confirmed' || report.kind === 'counted') progress.update(done)
    return done
  }
}

function noteRecovery({ phase, story, progress }: Scene, { opening, readyMs }: LifeEnd): void {
  if (opening?.previous !== 'crashed' || readyMs === undefined) return
  const { journalMs, openMs } = opening
  story.recoveries.push({ phase, journalMs, openMs, readyMs })
  progress.opened(opening)
}

function noteDeath({ story, progress }: Scene, { how }: LifeEnd, moment: Moment | undefined): void {
  if (how === 'killed') story.kills += 1
  else story.otherDeaths += 1
  progress.killed(story.kills + story.otherDeaths, how === 'killed' ? moment : undefined)
}

function finishPhase({ story, progress }: Scene, { totals }: LifeEnd): void {
  story.totals = totals ?? story.totals
  progress.end()
}
