/**
 * What the engine throws.
 *
 * Owns: the failed check, the failed call of the outside, and a case that cannot be replayed.
 * Leaves the words of a failure to `report/`.
 */
import { UnlostError } from '../../persistence/index.ts'
import type { FailureReport } from '../failure.ts'
import type { History, Violation } from '../history.ts'
import { wordsOf } from './words.ts'

/**
 * A guarantee was broken. The message is the whole report.
 *
 * @example
 * await assert.rejects(checkTopic({ values, handler }), (error) => error.violation.invariant === 'lost-effect')
 */
export class CheckFailedError extends UnlostError {
  static override readonly code = 'UNLOST_CHECK_FAILED'
  readonly failure: FailureReport
  readonly violation: Violation
  readonly history: History
  /** For the option `replay`. */
  readonly replay: string

  constructor(message: string, failure: FailureReport) {
    super(message)
    this.failure = failure
    this.violation = failure.violation
    this.history = failure.history
    this.replay = failure.replay
  }
}

/** A call of `world.outside` or of a table failed, because the check made it fail. */
export class OutsideError extends UnlostError {
  static override readonly code = 'UNLOST_OUTSIDE'
}

/** The check itself cannot go on: `main` failed, or a replay names no case. */
export class CheckUsageError extends UnlostError {
  static override readonly code = 'UNLOST_CHECK_USAGE'
}

/** What of the user's code failed before it could be checked. */
export function couldNot(what: string, cause: unknown): CheckUsageError {
  return new CheckUsageError(`${what}: ${wordsOf(cause)}`, { cause })
}

/** The simulated directory did not open: the run ends here, and its history tells why. */
export class RefusedError extends UnlostError {
  static override readonly code = 'UNLOST_CHECK_REFUSED'
}
