/**
 * The errors of defining actors and of their turns.
 *
 * Owns: one class per failure that is decided without the world, and errors as data.
 * Leaves to the errors of storage and of the runtime what happens on disk and on the way.
 *
 * AE1. Every error here is an `UnlostError` by its code: that class compares codes, so it need not be imported.
 * AE2. An error as data keeps name, message and code; what is JSON already stays as it is.
 */
import type { ErrorData } from './actor-logic.ts'

interface FailureOptions {
  readonly cause?: unknown
  readonly outcome?: 'not-written' | 'unknown'
}

/** What all failures share with `UnlostError`: a stable code, and `instanceof` by that code. */
class Failure extends Error {
  static readonly code: string = 'UNLOST_ERROR'
  readonly code: string
  readonly outcome: 'not-written' | 'unknown' | undefined

  constructor(message: string, options: FailureOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = new.target.code
    this.name = new.target.name
    this.outcome = options.outcome
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && 'code' in value && value.code === this.code
  }
}

/** An option is unknown, misspelt, of the wrong type or out of range; or a name is not allowed. */
export class InvalidOptionError extends Failure {
  static override readonly code = 'UNLOST_INVALID_OPTION'
}

/**
 * The machine asks for something that cannot be made durable. `reason` says why, `remedy` what to write instead.
 *
 * @example
 * try { defineActor('order', { machine }) } catch (error) {
 *   if (error instanceof NotDurableError) console.error(error.reason, error.remedy)
 * }
 */
export class NotDurableError extends Failure {
  static override readonly code = 'UNLOST_NOT_DURABLE'
  /** Which rule it breaks; stable, like a code. */
  readonly rule: NotDurableRule
  readonly reason: string
  readonly remedy: string

  constructor(where: string, refusal: Refused) {
    super(`${where}: ${refusal.reason}. ${refusal.remedy}.`, { cause: refusal.cause })
    this.rule = refusal.rule
    this.reason = refusal.reason
    this.remedy = refusal.remedy
  }
}

/** The rules of which `NotDurableError` names one. */
export type NotDurableRule =
  | 'unnamed-child'
  | 'unnamed-action'
  | 'send-parent'
  | 'missing-code'
  | 'static-context'
  | 'endless-delay'
  | 'endless-turn'
  | 'send-in-turn'
  | 'unknown-target'
  | 'unknown-child-code'
  | 'async-reducer'
  | 'child-id-taken'

export interface Refused {
  readonly rule: NotDurableRule
  readonly reason: string
  readonly remedy: string
  readonly cause?: unknown
}

/** An event that no actor may be sent: it has no type, or one that only the runtime may use. Nothing was written. */
export class InvalidEventError extends Failure {
  static override readonly code = 'UNLOST_INVALID_EVENT'
}

/** Whose value it is, and what else than plain data would help. */
export interface UnstorablePlace {
  readonly where: string
  readonly remedy?: string
}

/** A value of a state or an event would not survive a restart as it is. `path` tells where it stands. */
export class UnstorableError extends Failure {
  static override readonly code = 'UNLOST_UNSTORABLE'
  readonly path: string
  /** What stands there, in words. */
  readonly what: string

  constructor(path: string, what: string, place?: UnstorablePlace) {
    const where = place === undefined ? '' : `${place.where}: `
    const more = place?.remedy === undefined ? '' : ` ${place.remedy}`
    super(`${where}${path} is ${what}, which JSON does not keep. ${REMEDY_UNSTORABLE}${more}`)
    this.path = path
    this.what = what
  }

  /**
   * The same, telling whose value it is.
   * @internal
   */
  at(place: UnstorablePlace): UnstorableError {
    return new UnstorableError(this.path, this.what, place)
  }
}

const REMEDY_UNSTORABLE =
  'Keep plain data: numbers, strings, true, false, null, arrays and plain objects (a Date as its time in ms, a Map as entries).'

/** A stored state does not fit the definition any more. The stored bytes are as they were. */
export class UnfitStateError extends Failure {
  static override readonly code = 'UNLOST_UNFIT_STATE'
}

/** `migrate` threw, or gave something that is no state of this definition. The stored bytes are as they were. */
export class MigrationError extends Failure {
  static override readonly code = 'UNLOST_MIGRATION'
}

/** An error as data that survives a restart. */
export function dataOfError(thrown: unknown): unknown {
  if (thrown instanceof Error) return errorData(thrown)
  if (typeof thrown === 'object' && thrown !== null) return jsonOr(thrown)
  return isPlain(thrown) ? thrown : { name: 'Error', message: String(thrown) }
}

function errorData(error: Error): ErrorData {
  const code: unknown = Reflect.get(error, 'code')
  const known = typeof code === 'string' || typeof code === 'number'
  return { name: error.name, message: error.message, ...(known && { code }) }
}

function isPlain(value: unknown): boolean {
  return value === undefined || ['string', 'number', 'boolean'].includes(typeof value) || value === null
}

function jsonOr(thrown: object): unknown {
  try {
    return JSON.parse(JSON.stringify(thrown)) as unknown
  } catch {
    return { name: 'Error', message: 'something that cannot be put into words' }
  }
}
