/**
 * The two phases: a child sends, another handles; each is killed as planned and started again until its work is done.
 *
 * Owns: the sequence of lives, and what they add up to. Leaves one life to `life.ts` and the judgement to `audit.ts`.
 */
import { Confirmed } from './confirmed.ts'
import { noteDeath, noteRecovery, type Deaths } from './deaths.ts'
import type { KillPlan, Moment } from './kill-plan.ts'
import type { Totals } from './ledger.ts'
import { Life, type LifeEnd, type Listener } from './life.ts'
import type { DemoOptions } from './options.ts'
import { WEBHOOK_PHASES, type Progress } from './progress.ts'
import type { Phase, Report, Work } from './protocol.ts'

export interface Story extends Deaths {
  readonly confirmed: Confirmed
  /** Sends of unknown outcome that were tried again and had been stored before. */
  repeats: number
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

const CHILD = new URL('./child.ts', import.meta.url)

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
  progress.begin(WEBHOOK_PHASES[phase], options.messages)
  for (;;) {
    const moment = waiting[0]
    const end = await Life.run({ child: CHILD, work: workOf(scene, moment), moment, listen: listener(scene) })
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

function listener({ story, progress }: Scene): Listener<Totals | undefined> {
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

function finishPhase({ story, progress }: Scene, { totals }: LifeEnd<Totals | undefined>): void {
  story.totals = totals ?? story.totals
  progress.end()
}
