/**
 * The days: a child for each, killed as planned and started again until the day is done.
 *
 * Owns: the sequence of lives, and which kill belongs to which day. Leaves one life to `../webhooks/life.ts`.
 */
import { Confirmed } from '../webhooks/confirmed.ts'
import { noteDeath, noteRecovery, type Deaths } from '../webhooks/deaths.ts'
import { chance, momentsOf, type Moment } from '../webhooks/kill-plan.ts'
import { Life, type Listener } from '../webhooks/life.ts'
import type { PhaseWords, Progress } from '../webhooks/progress.ts'
import { stepsOf } from './day-progress.ts'
import type { DemoOptions } from './options.ts'
import type { DayEnd, Work } from './protocol.ts'
import type { Expected } from './pure-run.ts'
import type { Script } from './script.ts'

export interface Story extends Deaths {
  readonly confirmed: Confirmed
  /** Sends of unknown outcome that were tried again and had been stored before. */
  repeats: number
  end: DayEnd
}

export interface Place {
  readonly dataDirectory: string
  readonly bookFile: string
}

interface Scene {
  readonly options: DemoOptions
  readonly place: Place
  readonly progress: Progress
  readonly script: Script
  readonly expected: Expected
}

interface Tale extends Scene {
  readonly story: Story
  readonly moments: Moment[]
}

const CHILD = new URL('./child.ts', import.meta.url)
const WORDS: PhaseWords = {
  verb: 'working',
  things: 'steps',
  between: 'after the disk had a turn, before anybody was told',
}
const IN_EFFECT = 'after an effect, before the actor knew of it'
const AT_DAWN = 'while timers fired that were due for days'
/** The days on which timers are overdue, by their place in the script. */
const DAWNS = [2, 3, 4]
const OTHERS_MIN = 5
/** Past the end of a day, before anything of the next. */
const SOON = 0.5
/** The effect that is held comes early, so that there is one. */
const EFFECT_SHARE = 0.1

export async function runDays(scene: Scene): Promise<Story> {
  const { script, expected } = scene
  const confirmed = new Confirmed(script.count)
  const end: DayEnd = { isComplete: true, states: {}, news: [] }
  const story: Story = { confirmed, repeats: 0, kills: 0, otherDeaths: 0, recoveries: [], end }
  const size = progressAfter(scene, script.days.length - 1)
  const moments = planKills(scene, size)
  scene.progress.begin(WORDS, size)
  for (let index = 0; index < expected.days.length; index += 1) {
    await runDay({ ...scene, story, moments }, index)
  }
  scene.progress.end()
  return story
}

/** One in an effect, some while the timers of all the days before fire, the others anywhere. */
function planKills(scene: Scene, size: number): Moment[] {
  const { seed, kills } = scene.options
  if (kills === 0) return []
  const draw = chance(seed, 'days')
  const first: Moment = { kind: 'between', at: Math.ceil(draw() * EFFECT_SHARE * size), words: IN_EFFECT }
  const dawns = DAWNS.slice(0, Math.max(0, kills - OTHERS_MIN)).map((index): Moment => {
    return { kind: 'between', at: progressAfter(scene, index - 1) + SOON, words: AT_DAWN }
  })
  const others = momentsOf(draw, kills - 1 - dawns.length, size)
  return [first, ...dawns, ...others].toSorted((a, b) => a.at - b.at)
}

/** All that was confirmed, taken, fired and told by the end of a day. */
function progressAfter({ script, expected }: Scene, index: number): number {
  const sent = script.days.slice(0, index + 1).reduce((sum, { deliveries }) => sum + deliveries.length, 0)
  const dusk = expected.days[index]?.dusk
  return sent + (dusk === undefined ? 0 : stepsOf(dusk))
}

async function runDay(tale: Tale, index: number): Promise<void> {
  const { moments, progress, script, story } = tale
  const until = progressAfter(tale, index)
  progress.line(`day ${script.days[index]?.day}`)
  for (;;) {
    const next = moments[0]
    const moment = next !== undefined && next.at <= until ? next : undefined
    const life = { child: CHILD, work: workOf(tale, index, moment), moment, listen: listener(tale) }
    const end = await Life.run<DayEnd>(life)
    noteRecovery(tale, end)
    if (end.how === 'finished') {
      story.end = end.totals ?? story.end
      return
    }
    if (end.how === 'killed') moments.shift()
    noteDeath(tale, end, moment)
  }
}

function workOf({ options, place, story, expected }: Tale, index: number, moment: Moment | undefined): Work {
  const { seed, forks, sabotage } = options
  const isHopeless = !story.end.isComplete
  const day = expected.days[index]
  if (day === undefined) throw new RangeError(`there is no day ${index}`)
  return {
    ...{ kind: 'work', phase: `day ${index}`, index, seed, forks, ...place },
    ...{
      missing: story.confirmed.missing(),
      confirmed: story.confirmed.count,
      expected: day,
      isHopeless,
      hold: holdOf(moment, index),
      sabotage,
    },
  }
}

/** At dawn it is another commit each day: the first, the second, the third. */
function holdOf(moment: Moment | undefined, index: number): Work['hold'] {
  if (moment?.kind !== 'between') return undefined
  const { at, words } = moment
  if (words === IN_EFFECT) return { at, in: 'effect', nth: 1 }
  return { at: Math.floor(at), in: 'commit', nth: words === AT_DAWN ? DAWNS.indexOf(index) + 1 : 1 }
}

function listener({ story, progress }: Tale): Listener<DayEnd> {
  let steps = 0
  return (report) => {
    if (report.kind === 'confirmed') {
      story.confirmed.add(report.deliveries)
      story.repeats += report.repeats
    }
    if (report.kind === 'counted') steps = report.count
    const done = story.confirmed.count + steps
    if (report.kind === 'confirmed' || report.kind === 'counted') progress.update(done)
    return done
  }
}
