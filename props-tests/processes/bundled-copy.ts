/**
 * The scripts of a child in one file a thread, so that a child starts with a tenth of the work.
 *
 * Owns: making and removing them. Leaves to `child-process.ts` running them.
 * Types are taken away and files are put together, nothing else: the code that is killed is the code of the checkout.
 *
 * SY1. They are made of the sources as they are at that moment, below `.cache/`.
 */
import { execFileSync } from 'node:child_process'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { checkout } from '../tooling/checkout.ts'

/** The child, and the threads that it starts: those are looked for beside it. */
const entries = [
  'props-tests/processes/kill-child.ts',
  'persistence/journal-worker.ts',
  'persistence/spare-worker.ts',
]
/** For what is not written as a module. */
const banner = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);"

export interface BundledCopy {
  /** The folder of the scripts, in place of this one. */
  readonly scripts: string
  readonly remove: () => void
}

export function makeBundledCopy(): BundledCopy {
  const cache = join(checkout, '.cache')
  fs.mkdirSync(cache, { recursive: true })
  const scripts = fs.mkdtempSync(join(cache, 'bundled-'))
  const how = ['--bundle', '--splitting', '--format=esm', '--platform=node', '--log-level=error']
  const names = ['--entry-names=[name]', '--chunk-names=[name]-[hash]', `--banner:js=${banner}`]
  const esbuild = join(checkout, 'node_modules', '.bin', 'esbuild')
  execFileSync(esbuild, [...entries, ...how, ...names, `--outdir=${scripts}`], { cwd: checkout })
  return { scripts, remove: () => fs.rmSync(scripts, { recursive: true }) }
}
