/**
 * What every demonstration has around it: a place for its data, its last words, its exit code.
 *
 * Owns: the exit code: 0 when every check holds, 1 when one does not or the child failed, 2 for a wrong command line.
 * Leaves what is shown to each demonstration.
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { ChildError, UsageError } from './errors.ts'

/** A folder that is new or empty. */
export function makeRoot(wanted: string | undefined): string {
  const root = wanted === undefined ? mkdtempSync(join(tmpdir(), 'unlost-demo-')) : resolve(wanted)
  mkdirSync(root, { recursive: true })
  if (readdirSync(root).length > 0) throw new UsageError(`--directory ${root} is not empty`)
  return root
}

export function say(lines: readonly string[], exitCode: number): number {
  process.stdout.write(`${lines.join('\n')}\n`)
  return exitCode
}

interface Run {
  readonly seed: number
  /** As the user asked for it; undefined: a temporary one, which goes when all is well. */
  readonly directory: string | undefined
  readonly root: string
}

export function conclude({ seed, directory, root }: Run, failed: readonly string[], good: string): number {
  if (failed.length > 0) {
    return say([`FAILED: ${failed.join('; ')}. Seed ${seed}; data and ledger are kept in ${root}`], 1)
  }
  if (directory === undefined) rmSync(root, { recursive: true })
  return say([good], 0)
}

/** Runs it with the words of the command line. */
export async function onStage(
  main: (words: readonly string[]) => Promise<number>,
  command: string,
): Promise<void> {
  try {
    process.exitCode = await main(process.argv.slice(2))
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof ChildError)) throw error
    process.stderr.write(`${error instanceof UsageError ? '' : '\nFAILED: '}${error.message}\n`)
    if (error instanceof UsageError) process.stderr.write(`See ${command} -- --help\n`)
    process.exitCode = error instanceof UsageError ? 2 : 1
  }
}
