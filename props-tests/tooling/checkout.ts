/**
 * Where the checkout is, and which files of it are ours.
 *
 * Owns: the root folder and the list of tracked or new files. Leaves to each test what it does with them.
 *
 * CO1. A file that git ignores is never listed; a new file that is not yet added is.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The root of the checkout, absolute. */
export const checkout = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** The folders whose files are sources of the package. */
export const sourceFolders = ['persistence', 'actors', 'runtime', 'props-tests'] as const

/** The folders below `props-tests/` that users get; the others hold our tests. */
export const kitFolders = ['invariants', 'kit', 'report'] as const

/** A file of the project: its path from the root, with `/`, and its text. */
export interface ProjectFile {
  readonly path: string
  readonly text: string
}

/** All files of the project that git does not ignore, sorted by path. */
export function projectFiles(): ProjectFile[] {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: checkout,
    encoding: 'utf8',
  })
  const paths = listed.split('\0').filter((path) => path !== '' && isFile(join(checkout, path)))
  return paths.toSorted().map((path) => ({ path, text: readFileSync(join(checkout, path), 'utf8') }))
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false

/** Whether `path` is a source that users get: a `.ts` of the four folders, without the tests below `props-tests/`. */
export function isSource(path: string): boolean {
  const kit = new RegExp(`^props-tests/(?:(?:${kitFolders.join('|')})/)?[^/]+\\.ts$`)
  return /^(?:persistence|actors|runtime)\/.+\.ts$/.test(path) || kit.test(path)
}
