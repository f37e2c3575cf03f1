/**
 * The errors of sending, consuming and options; with those of storage they are the whole list.
 *
 * Owns: one class per failure above storage, and words for whatever was thrown.
 * Leaves the base and the failures of storage to persistence.
 * `docs/errors.md` describes each code; a test compares the two lists.
 */
import {
  BrokenError,
  ClosedError,
  DiskFullError,
  FencedError,
  UnlostError,
  type Outcome,
} from '../persistence/index.ts'

export { InvalidOptionError } from '../actors/index.ts'

/** The time given to a send was over. `outcome` says whether it may still appear. */
export class TimeoutError extends UnlostError {
  static override readonly code = 'UNLOST_TIMEOUT'
}

/** The caller's signal was aborted. `outcome` says whether the message may still appear. */
export class AbortedError extends UnlostError {
  static override readonly code = 'UNLOST_ABORTED'
}

/** What a schema found wrong; `path` as the schema gave it. */
export interface ValueIssue {
  readonly message: string
  readonly path: readonly PropertyKey[]
}

/** The schema, the key function or the codec refused the value. */
export class InvalidValueError extends UnlostError {
  static override readonly code = 'UNLOST_INVALID_VALUE'
  readonly issues: readonly ValueIssue[]

  constructor(message: string, issues: readonly ValueIssue[] = [], cause?: unknown) {
    super(message, { outcome: 'not-written', cause })
    this.issues = issues
  }
}

/** The message was settled already, or its lease was lost. Nothing changed. */
export class StaleLeaseError extends UnlostError {
  static override readonly code = 'UNLOST_STALE_LEASE'
}

/** More sends are waiting than the runtime may hold. Wait for `ready()` or for earlier sends. */
export class BackpressureError extends UnlostError {
  static override readonly code = 'UNLOST_BACKPRESSURE'
}

/** An interceptor threw; for a send, nothing was written. */
export class InterceptorError extends UnlostError {
  static override readonly code = 'UNLOST_INTERCEPTOR'
}

/** A message was to be written out of its producer's order. Nothing was written. */
export class SequenceError extends UnlostError {
  static override readonly code = 'UNLOST_SEQUENCE'
}

/** A stored message cannot be read with the topic's codec. It goes to the dead letters. */
export class UndecodableError extends UnlostError {
  static override readonly code = 'UNLOST_UNDECODABLE'
}

/** An actor could not take a mail: its turn threw at every try. The mail is in the actor's dead letters. */
export class TurnFailedError extends UnlostError {
  static override readonly code = 'UNLOST_TURN_FAILED'
}

/** An actor took a question and gave no answer, or the answer is no longer remembered. */
export class NoReplyError extends UnlostError {
  static override readonly code = 'UNLOST_NO_REPLY'
}

/** No definition of that name is among the actors of this runtime. */
export class UnknownActorError extends UnlostError {
  static override readonly code = 'UNLOST_UNKNOWN_ACTOR'
}

/**
 * Throw it from a handler to have the message again after `delayMs`, without burning an attempt.
 *
 * @example
 * if (response.status === 429) throw new RetryAfter(5_000)
 */
export class RetryAfter extends UnlostError {
  static override readonly code = 'UNLOST_RETRY_AFTER'
  readonly delayMs: number

  constructor(delayMs: number, cause?: unknown) {
    super(`retry after ${delayMs} ms`, { cause })
    this.delayMs = delayMs
  }
}

/**
 * Throw it from a handler to put the message in the dead letters at once.
 *
 * @example
 * if (order.version > 3) throw new DeadLetter('unknown version')
 */
export class DeadLetter extends UnlostError {
  static override readonly code = 'UNLOST_DEAD_LETTER'
  readonly reason: string

  constructor(reason: string, cause?: unknown) {
    super(reason, { cause })
    this.reason = reason
  }
}

/** What was thrown, in words. It may be anything, also something that refuses to become a string. */
export function wordsOf(thrown: unknown): string {
  try {
    return String(thrown)
  } catch {
    return 'something that cannot be put into words'
  }
}

/** The same failure, as told to one for whose write `outcome` is known. */
export function withOutcome(error: UnlostError, outcome: Outcome): UnlostError {
  if (error.outcome === outcome) return error
  const Kind = [FencedError, ClosedError, DiskFullError].find((each) => error instanceof each) ?? BrokenError
  return new Kind(error.message, { cause: error, outcome })
}
