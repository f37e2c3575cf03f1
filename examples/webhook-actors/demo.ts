/**
 * The demonstration of durable actors: real webhooks drive one actor per pull request and issue, over sixty days and in
 * a process that is killed over and over.
 *
 * Owns: the order of things. Begin with `lifecycle.ts` and `actors.ts`, which are what an application would write;
 * `script.ts` says what happens when, `pure-run.ts` what must come out. Everything else kills and judges.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { EXAMPLES } from '../webhooks/input.ts'
import { readLines } from '../webhooks/book.ts'
import { Progress } from '../webhooks/progress.ts'
import { count, describeCheck, describeRecoveries, failures, row } from '../webhooks/report.ts'
import { conclude, makeRoot, onStage, say } from '../webhooks/stage.ts'
import { audit, type Verdict } from './audit.ts'
import { runDays, type Place, type Story } from './days.ts'
import { parseOptions, USAGE, type DemoOptions } from './options.ts'
import type { Line } from './protocol.ts'
import { pureRun, type Expected, type States } from './pure-run.ts'
import { DAYS, Script } from './script.ts'

const GOOD = 'All checks hold: every actor is where a run without kills would have brought it.'

async function main(words: readonly string[]): Promise<number> {
  const options = parseOptions(words)
  if (options.help) return say([USAGE], 0)
  const root = makeRoot(options.directory)
  const place: Place = { dataDirectory: join(root, 'data'), bookFile: join(root, 'outside.jsonl') }
  const script = new Script(options)
  say(introduction(options, script, place), 0)
  const expected = await pureRun(script)
  const progress = new Progress(process.stdout)
  const story = await runDays({ options, place, progress, script, expected })
  const verdict = judge(options, { story, expected, place })
  say(['', ...describeStates(story.end.states), '', ...describeTable(verdict, story), ''], 0)
  return conclude({ ...options, root }, failures(verdict), GOOD)
}

function introduction({ forks, kills, seed, sabotage }: DemoOptions, script: Script, place: Place): string[] {
  return [
    `the webhooks of ${EXAMPLES} about pull requests and issues, in ${forks} forks: ${count(script.count)} events`,
    `days ${DAYS.join(', ')} by the clock of the runtime, which is set forward in between; data: ${place.dataDirectory}`,
    `${kills} kills, seed ${seed} (the same again: --seed ${seed})`,
    ...(sabotage === undefined ? [] : [`SABOTAGE: ${sabotage}. The checks must go red.`]),
    '',
  ]
}

function judge(
  { kills }: DemoOptions,
  { story, expected, place }: { story: Story; expected: Expected; place: Place },
): Verdict {
  return audit({
    messages: story.confirmed.messages,
    kills: { planned: kills, made: story.kills },
    confirmed: story.confirmed.count,
    states: story.end.states,
    expected: expected.states,
    news: story.end.news,
    lines: existsSync(place.bookFile) ? (readLines(place.bookFile).lines as Line[]) : [],
  })
}

/** How many actors are in which state. */
function describeStates(states: States): string[] {
  const counts = new Map<string, number>()
  for (const { kind, value } of Object.values(states)) {
    const name = `${kind}, ${typeof value === 'string' ? value : JSON.stringify(value)}`
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  const sorted = [...counts].toSorted(([a], [b]) => a.localeCompare(b))
  return ['the actors in the end:', ...sorted.map(([name, number]) => row(name, count(number), 'actors'))]
}

function describeTable(verdict: Verdict, story: Story): string[] {
  return [
    'what came of it:',
    ...verdict.checks.map(describeCheck),
    row('redelivered', count(verdict.redelivered), 'effects that came again after a kill, known by their id'),
    row('sends answered as repeats', count(story.repeats), 'outcome unknown after a kill, stored once'),
    ...(story.otherDeaths > 0 ? [row('other deaths', count(story.otherDeaths), 'by a signal not ours')] : []),
    ...describeRecoveries(story.recoveries),
  ]
}

await onStage(main, 'npm run demo:actors')
