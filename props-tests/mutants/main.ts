/**
 * Mutation tests: `npm run mutants -- [words of a source] [--lines 1-90 | --record]`, one source after another.
 *
 * Owns: how the mutation tester is set up, the score of each source, and the exit code: 1 below `scoreMin` per cent.
 * With `--record` the scores go into the table of docs/mutants.md, which `score-table.ts` writes.
 * Leaves changing the sources to Stryker. `bundle-runner.ts` runs the tests, bundled, in one process.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { checkout } from '../tooling/checkout.ts'
import { scoreMin, shareOf, withScore } from './score-table.ts'
import type { Score } from './score-table.ts'
import { targets } from './targets.ts'
import type { Target } from './targets.ts'

/** Besides the time that the tests take: a change that makes a loop endless counts as noticed after it. */
const timeoutMs = 15_000
const seed = '{"UNLOST_SEED":"5"}'
const built = 'mutants-build'
/** The bundler that comes with tsx. */
const esbuild = join(checkout, 'node_modules', '.bin', 'esbuild')
const stryker = join(checkout, 'node_modules', '.bin', 'stryker')
const reports = join(checkout, '.cache', 'mutants')

/** Both from 1. */
interface Place {
  readonly line: number
  readonly column: number
}

interface Mutant {
  readonly status: string
  readonly mutatorName: string
  readonly replacement?: string
  readonly location: { readonly start: Place; readonly end: Place }
}

interface Report {
  readonly files: Readonly<Record<string, { readonly source: string; readonly mutants: readonly Mutant[] }>>
}

const page = join(checkout, 'docs', 'mutants.md')

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { lines: { type: 'string' }, record: { type: 'boolean', default: false } },
})
const words = positionals.join(' ')
const wanted = targets.filter(({ source }) => source.includes(words))
mkdirSync(reports, { recursive: true })
const scores = wanted.map(run)
for (const score of scores) console.log(`${shareOf(score).toFixed(1)} %  ${score.source}`)
if (scores.length === 0 || scores.some((score) => shareOf(score) < scoreMin)) process.exitCode = 1

function run(target: Target): Score {
  const name = basename(target.source, '.ts')
  const config = join(reports, `${name}.config.json`)
  const report = join(reports, `${name}.json`)
  writeFileSync(config, JSON.stringify(configOf(target, report)))
  const env = { ...process.env, ...(JSON.parse(seed) as Record<string, string>) }
  const { status } = spawnSync(process.execPath, ['--import', 'tsx', stryker, 'run', config], {
    cwd: checkout,
    env,
    stdio: 'inherit',
  })
  if (status !== 0) return { source: target.source, changes: 0, noticed: 0 }
  const score = tell(target.source, JSON.parse(readFileSync(report, 'utf8')) as Report)
  if (values.record && values.lines === undefined) record(score)
  return score
}

function record(score: Score): void {
  const order = targets.map(({ source }) => source)
  writeFileSync(page, withScore(readFileSync(page, 'utf8'), score, order))
}

function configOf({ source, tests }: Target, fileName: string): object {
  const entries = [...tests, 'props-tests/support/seed.ts'].join(' ')
  const bundle =
    '--bundle --platform=node --format=esm --packages=external --log-level=error --alias:node:test=./props-tests/mutants/collected-tests.ts'
  return {
    testRunner: 'bundled',
    bundled: {
      testFiles: tests.map((test) => test.replace('props-tests', built).replace(/\.ts$/, '.js')),
      setUp: `${built}/support/seed.js`,
    },
    testRunnerNodeArgs: ['--import', 'tsx'],
    buildCommand: `${esbuild} ${entries} ${bundle} --outbase=props-tests --outdir=${built}`,
    mutate: [values.lines === undefined ? source : `${source}:${values.lines}`],
    ignorePatterns: ['/dist', '/data', '/bench', '/examples', '/.cache', `/${built}`],
    plugins: [join(checkout, 'props-tests/mutants/bundle-runner.ts')],
    reporters: ['json'],
    jsonReporter: { fileName },
    coverageAnalysis: 'off',
    concurrency: Math.max(1, availableParallelism() - 1),
    timeoutMS: timeoutMs,
    // Of its own, so that two runs do not clear each other's away.
    tempDirName: `.cache/mutants-sandbox-${process.pid}`,
    thresholds: { high: 95, low: scoreMin, break: null },
    disableTypeChecks: true,
    warnings: { unknownOptions: false },
    allowEmpty: false,
    logLevel: 'error',
  }
}

/** Prints what nobody noticed and returns the score. */
function tell(source: string, { files }: Report): Score {
  const mutants = files[source]?.mutants ?? []
  const counted = mutants.filter(({ status }) => status !== 'Ignored' && status !== 'CompileError')
  const lines = files[source]?.source.split('\n') ?? []
  let noticed = 0
  for (const { status, mutatorName, replacement, location } of counted) {
    if (status === 'Killed' || status === 'Timeout') noticed += 1
    else {
      const { start, end } = location
      const line = lines[start.line - 1] ?? ''
      const changed = start.line === end.line ? line.slice(start.column - 1, end.column - 1) : line.trim()
      console.log(`${source}:${start.line} ${status} ${mutatorName}: ${changed}  ->  ${replacement}`)
      console.log(`    ${line.trim()}`)
    }
  }
  console.log(`${source}: ${noticed} of ${counted.length} noticed`)
  return { source, changes: counted.length, noticed }
}
