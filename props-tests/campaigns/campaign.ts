/**
 * The campaign: `npm run campaign -- --minutes 5`, for as long as it is told, on all cores.
 *
 * Owns: the command: what is started, what is printed, and the exit code.
 * Leaves tasks to `kinds.ts`, workers to `crew.ts`, the text to `closing.ts`.
 *
 * CA1. The exit code is 1 on any violation, and when a situation was never met.
 * CA2. A replay runs the one case and ends with 1 when it fails again.
 */
import { performance } from 'node:perf_hooks'
import { CampaignOptionError, readOptions, usage } from './campaign-options.ts'
import type { CampaignOptions } from './campaign-options.ts'
import { closingText, isGood, progressLine, violationLines } from './closing.ts'
import { runCrew } from './crew.ts'
import { kindsNamed, taskKinds } from './kinds.ts'
import { UnknownBugError, assertKnown } from './subjects.ts'
import { Tally } from './tally.ts'
import { TaskNameError, readTask, runTask } from './task.ts'

const MINUTE_MS = 60_000
/** Between two lines of progress: in a terminal one line is rewritten, elsewhere they follow each other. */
const LINE_EVERY_MS = process.stdout.isTTY ? 500 : 15_000

async function main(words: readonly string[]): Promise<boolean> {
  const options = readOptions(words)
  if (options.isHelp) return say(usage)
  if (options.bug !== undefined) assertKnown(options.bug)
  return options.replay === undefined ? campaign(options) : replay(options, options.replay)
}

async function campaign({ minutes, seed, workers, bug, only, isPartial }: CampaignOptions): Promise<boolean> {
  kindsNamed(only)
  const durationMs = minutes * MINUTE_MS
  const startMs = performance.now()
  let saidMs = startMs
  say(
    `seed ${seed}, ${workers} workers, ${minutes} minutes${bug === undefined ? '' : `, with the bug "${bug}"`}`,
  )
  const { tally, found } = await runCrew({
    orders: { seed, workers, durationMs, bug, only },
    onProgress: (crew) => {
      const nowMs = performance.now()
      if (nowMs - saidMs < LINE_EVERY_MS) return
      saidMs = nowMs
      const elapsedMs = nowMs - startMs
      sayProgress(progressLine(crew.tally, crew.found.length, { elapsedMs, leftMs: durationMs - elapsedMs }))
    },
  })
  const closing = { tally, found, seed, elapsedMs: performance.now() - startMs, bug, isPartial }
  say(closingText(closing))
  return isGood(closing)
}

async function replay({ bug }: CampaignOptions, word: string): Promise<boolean> {
  const task = readTask(word, taskKinds)
  const [kind] = kindsNamed([task.kind])
  const tally = new Tally()
  const found = kind === undefined ? undefined : await runTask(kind, task, { bug, tally })
  if (found === undefined) return say(`${word}: nothing is broken`)
  return !say(violationLines(found, { bug }).join('\n'))
}

function say(text: string): true {
  process.stdout.write(`${text}\n`)
  return true
}

function sayProgress(line: string): void {
  process.stdout.write(process.stdout.isTTY ? `\r\u001B[K${line}` : `${line}\n`)
}

try {
  if (!(await main(process.argv.slice(2)))) process.exitCode = 1
} catch (error) {
  const isTypo =
    error instanceof CampaignOptionError || error instanceof TaskNameError || error instanceof UnknownBugError
  if (!isTypo) throw error
  console.error(`${error.message}\n${usage}`)
  process.exitCode = 2
}
