/**
 * Looking for a bug in a planted tree, from outside: child processes, so that a bug that hangs or dies harms nobody.
 *
 * Owns: starting them, their time, and reading what they say. Leaves hunting to `hunt-child.ts` and to files of tests.
 *
 * HP1. A child that says nothing of its hunt, and a file in which no test ran, are errors: neither is ever "nothing found".
 */
import { execFile } from 'node:child_process'
import type { Found, HuntName } from './hunts.ts'
import type { TestFile } from './source-bug.ts'

const childTimeoutMs = 300_000
const outputBytesMax = 64 * 1024 * 1024

/** Raised when a child could not do its work. */
export class HuntError extends Error {
  override readonly name = 'HuntError'
}

/** What one hunt found, if anything. */
export interface Told {
  readonly hunt: HuntName | TestFile | 'calm'
  readonly found?: Found
}

/**
 * Carries hunts out in `tree` until one finds something. The first that is told is `calm`: what shows without a crash.
 */
export async function huntIn(
  tree: string,
  hunts: readonly (HuntName | TestFile)[],
  seed: number,
): Promise<readonly Told[]> {
  const named = hunts.filter((name) => !isTestFile(name))
  const { out, text } = await runIn(
    tree,
    ['props-tests/bugs/hunt-child.ts', JSON.stringify({ hunts: named, seed })],
    seed,
  )
  const lines = out.split('\n').filter((line) => line.startsWith('{"hunt"'))
  const told = lines.map((line) => JSON.parse(line) as Told)
  const isWhole = told.length === named.length + 1 || told.at(-1)?.found !== undefined
  if (told.length === 0 || !isWhole) throw new HuntError(`the child told too little: ${text}`)
  for (const file of hunts.filter(isTestFile)) {
    if (told.slice(1).some(({ found }) => found !== undefined)) break
    told.push(await huntByTests(tree, file, seed))
  }
  return told
}

function isTestFile(name: string): name is TestFile {
  return name.endsWith('.test.ts')
}

async function huntByTests(tree: string, file: TestFile, seed: number): Promise<Told> {
  const flags = ['--import', './props-tests/support/seed.ts', '--test-reporter=tap']
  const { out, text } = await runIn(tree, [...flags, file], seed)
  const lines = out.split('\n').filter((line) => /^\s*(?:not )?ok \d+ - /.test(line))
  if (lines.length === 0) throw new HuntError(`${file}: no test ran: ${text}`)
  const failed = lines.findIndex((line) => line.trimStart().startsWith('not ok'))
  if (failed < 0) return { hunt: file }
  const title = /not ok \d+ - (.*)/.exec(lines[failed] ?? '')?.[1] ?? ''
  return { hunt: file, found: { checker: title, text: file, tries: failed + 1 } }
}

interface Output {
  readonly out: string
  /** The end of all that was said, for an error. */
  readonly text: string
}

function runIn(tree: string, words: readonly string[], seed: number): Promise<Output> {
  // A file of tests that is run by a test would take itself for a part of that one.
  const { NODE_TEST_CONTEXT: _, ...inherited } = process.env
  const env = { ...inherited, UNLOST_SEED: String(seed) }
  const options = {
    cwd: tree,
    env,
    timeout: childTimeoutMs,
    maxBuffer: outputBytesMax,
    killSignal: 'SIGKILL',
  } as const
  return new Promise((resolve) => {
    execFile(process.execPath, ['--import', 'tsx', ...words], options, (error, stdout, stderr) => {
      resolve({ out: stdout, text: `${error?.message ?? ''}\n${stdout}\n${stderr}`.slice(-1_500) })
    })
  })
}
