/**
 * A bug that is planted in the real code: one or more texts of a source that read otherwise.
 *
 * Owns: what such a bug is made of. Leaves the lists to `journal-bugs.ts`, `opening-bugs.ts` and their like, the planting
 * to `planted-tree.ts` and the looking for it to `hunts.ts`.
 */
import type { HuntName } from './hunts.ts'

/** One change of one source. */
export interface Edit {
  /** From the root of the project. */
  readonly file: string
  /** Stands exactly once in the file; planting fails where it does not. */
  readonly find: string
  readonly replace: string
}

export interface SourceBug {
  readonly name: string
  readonly edits: readonly Edit[]
  /** Who must find it: the first of these that does is reported. A path is a file of tests. */
  readonly hunts: readonly (HuntName | TestFile)[]
  /** It shows without any crash too. Default: it does not, and that is checked. */
  readonly showsInCalm?: true
}

/** A file of tests, from the root of the project. */
export type TestFile = `props-tests/${string}.test.ts`

/** A bug of one text in one file. */
export function bugIn(
  file: string,
  text: readonly [find: string, replace: string],
  bug: Omit<SourceBug, 'edits'>,
): SourceBug {
  const [find, replace] = text
  return { ...bug, edits: [{ file, find, replace }] }
}
