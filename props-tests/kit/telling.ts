/**
 * The seams to the invariants and to the report.
 *
 * Owns: which invariants every check holds, and from where the words of a failure come. Leaves both to their folders.
 */
import type { FailureReport } from '../failure.ts'
import type { Invariant } from '../history.ts'
import { allInvariants } from '../invariants/index.ts'
import { reportFailure } from '../report/index.ts'

/** What the library itself guarantees. */
export const builtInInvariants: readonly Invariant[] = allInvariants

/** The whole report; `pictures` says where its picture goes. */
export function tellFailure(failure: FailureReport, pictures: string | false | undefined): string {
  return reportFailure(failure, pictures)
}
