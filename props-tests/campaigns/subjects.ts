/**
 * What a campaign is run on: the journal and the runtime as they are, or with one bug planted.
 *
 * Owns: finding a bug by its name. Leaves the bugs to their lists.
 */
import type { Subject } from '../support/journal-run.ts'
import { rightSubject } from '../support/journal-subject.ts'
import { runtimeBugs } from '../support/runtime-bugs.ts'
import type { Bug } from '../support/runtime-run.ts'
import { seededBugs } from '../support/seeded-bugs.ts'

export class UnknownBugError extends RangeError {
  override readonly name = 'UnknownBugError'
}

/** The journal, wrong if `bug` is one of a journal. */
export function subjectWith(bug: string | undefined): Subject {
  return seededBugs.find(({ name }) => name === bug)?.plant(rightSubject) ?? rightSubject
}

/** What the runtime does wrong, if `bug` is one of a runtime. */
export function runtimeBugNamed(bug: string | undefined): Bug {
  return runtimeBugs.find(({ name }) => name === bug) ?? { name: 'none' }
}

/** Throws `UnknownBugError`. */
export function assertKnown(bug: string): void {
  const names = [...seededBugs, ...runtimeBugs].map(({ name }) => name)
  if (!names.includes(bug)) throw new UnknownBugError(`no bug "${bug}"; there are: ${names.join('; ')}`)
}
