/**
 * Which test files there are.
 *
 * Owns: finding `*.test.ts` under `props-tests/`, and what a word of the command line selects.
 * Leaves to `run-tests.ts` the running.
 *
 * TF1. A group is a folder directly under `props-tests/`.
 * TF2. A word that selects nothing is an error: a run of no test must never look like a good one.
 */
import { readdirSync, statSync } from 'node:fs'
import { join, relative, sep } from 'node:path'

const ending = '.test.ts'
/** Folders whose content is data of a test, not tests. */
const skipped = new Set(['node_modules', 'fixture', 'fixtures'])

/** Raised when a word of the command line names no test. */
export class NoTestsError extends Error {
  override readonly name = 'NoTestsError'
}

/** All test files under `root`, sorted, as absolute paths. */
export function findTestFiles(root: string): string[] {
  const found = readdirSync(root, { withFileTypes: true }).flatMap((entry) => {
    const path = join(root, entry.name)
    if (entry.isDirectory()) return skipped.has(entry.name) ? [] : findTestFiles(path)
    return entry.name.endsWith(ending) ? [path] : []
  })
  return found.toSorted()
}

/** The group of a test file: the first folder below `root`. */
export function groupOf(root: string, file: string): string {
  const [first = ''] = relative(root, file).split(sep)
  return first.endsWith(ending) ? '.' : first
}

/** The files that `words` (group names, or paths of files or folders) select; all when there is no word. */
export function selectTestFiles(root: string, words: readonly string[]): string[] {
  const all = findTestFiles(root)
  const chosen = words.length === 0 ? all : words.flatMap((word) => filesOf(root, all, word))
  if (chosen.length === 0) throw new NoTestsError(`no *${ending} under ${root}`)
  return [...new Set(chosen)]
}

function filesOf(root: string, all: readonly string[], word: string): readonly string[] {
  const byGroup = all.filter((file) => groupOf(root, file) === word)
  if (byGroup.length > 0) return byGroup
  const isPath = statSync(word, { throwIfNoEntry: false }) !== undefined
  const wanted = join(process.cwd(), relative(process.cwd(), word))
  const byPath = isPath ? all.filter((file) => file === wanted || file.startsWith(wanted + sep)) : []
  if (byPath.length > 0) return byPath
  const groups = [...new Set(all.map((file) => groupOf(root, file)))].join(', ')
  throw new NoTestsError(`"${word}" selects no test; groups are: ${groups}`)
}
