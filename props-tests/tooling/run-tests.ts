/**
 * The test runner: `npm test` ends here, and so does `npm run test:only -- unit`.
 *
 * Owns: giving node:test an explicit list of files, the exit code, and the closing lines.
 * Leaves to `test-files.ts` which files there are; to `support/seed.ts` the seed.
 *
 * RT1. It exits 1 when no file was selected, when no test ran, or when a file held no test (some versions of Node
 *      find nothing in a folder and call that a success).
 * RT2. It exits 1 when a test failed or was cancelled, and the last lines say how many of each there were.
 * RT3. The seed of the run is printed first and last, with the words that replay it.
 */
import { availableParallelism } from 'node:os'
import { dirname, relative } from 'node:path'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { run } from 'node:test'
import type { TestEvent } from 'node:test/reporters'
import { spec as SpecReporter } from 'node:test/reporters'
import { runSeed } from '../support/seed.ts'
import { NoTestsError, selectTestFiles } from './test-files.ts'

/** A file that takes longer than this hangs. */
const fileTimeoutMs = 15 * 60_000
const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** What the run showed so far. */
interface Tally {
  failed: number
  readonly filesWithTests: Set<string>
  /** node:test's own closing counts: tests, pass, fail, cancelled … */
  readonly counts: Map<string, number>
}

interface FileRun {
  readonly file: string
  readonly events: readonly TestEvent[]
}

async function main(words: readonly string[]): Promise<void> {
  const files = selectTestFiles(root, words)
  console.log(`${files.length} test files, seed ${runSeed}`)
  const tally: Tally = { failed: 0, filesWithTests: new Set(), counts: new Map() }
  const report = Readable.from(eventsOfAll(files, tally)).pipe(new SpecReporter())
  for await (const text of report) process.stdout.write(String(text))
  finish(files, tally)
}

/**
 * Each file is a run of its own, as many at once as there are cores, told as they end. An event names the file that
 * its test was written in, which for a contract is another one: only the run tells whose it is.
 */
async function* eventsOfAll(files: readonly string[], tally: Tally): AsyncGenerator<TestEvent> {
  const running = new Map<string, Promise<FileRun>>()
  for (const file of files) {
    running.set(file, eventsOf(file, tally))
    if (running.size >= availableParallelism()) yield* await firstOf(running)
  }
  while (running.size > 0) yield* await firstOf(running)
}

async function firstOf(running: Map<string, Promise<FileRun>>): Promise<readonly TestEvent[]> {
  const { file, events } = await Promise.race(running.values())
  running.delete(file)
  return events
}

async function eventsOf(file: string, tally: Tally): Promise<FileRun> {
  const events: TestEvent[] = []
  const reported = run({ files: [file], timeout: fileTimeoutMs })
  for await (const event of noting(file, reported, tally)) events.push(event)
  return { file, events }
}

/** Passes the events on, except the closing counts, which `finish` prints last of all. */
async function* noting(
  file: string,
  events: AsyncIterable<TestEvent>,
  tally: Tally,
): AsyncGenerator<TestEvent> {
  for await (const event of events) {
    if (event.type === 'test:diagnostic' && noteCount(tally, event.data.message)) continue
    if (event.type === 'test:pass' || event.type === 'test:fail') noteFile(file, tally, event)
    if (event.type === 'test:fail' && event.data.todo === undefined) tally.failed += 1
    yield event
  }
}

/** Node reports a file without a test as one passing test that bears the file's name. */
function noteFile(
  file: string,
  tally: Tally,
  event: Extract<TestEvent, { type: 'test:pass' | 'test:fail' }>,
): void {
  const { name, details } = event.data
  if (details.type !== 'suite' && !file.endsWith(name)) tally.filesWithTests.add(file)
}

function noteCount(tally: Tally, message: string): boolean {
  const [, word, count] = /^(tests|suites|pass|fail|cancelled|skipped|todo) (\d+)$/.exec(message) ?? []
  if (word === undefined) return false
  tally.counts.set(word, (tally.counts.get(word) ?? 0) + Number(count))
  return true
}

function finish(files: readonly string[], tally: Tally): void {
  const empty = files.filter((file) => !tally.filesWithTests.has(file))
  for (const file of empty) console.error(`no test ran in ${relative(process.cwd(), file)}`)
  console.log(`seed ${runSeed}: replay with UNLOST_SEED=${runSeed} npm test`)
  for (const [word, count] of tally.counts) console.log(`# ${word} ${count}`)
  const ran = tally.counts.get('tests') ?? 0
  const cancelled = tally.counts.get('cancelled') ?? 0
  if (ran === 0 || cancelled > 0 || empty.length > 0 || tally.failed > 0) process.exitCode = 1
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof NoTestsError)) throw error
  console.error(error.message)
  process.exitCode = 1
}
