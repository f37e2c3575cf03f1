/**
 * The error of a checker: which guarantee was broken, and how.
 *
 * Owns: the class. Leaves the names of the guarantees to those who check them.
 */
import { CorruptError } from '../../persistence/index.ts'

/** A broken guarantee. */
export class ViolationError extends Error {
  override readonly name = 'ViolationError'
  readonly invariant: string

  constructor(invariant: string, text: string, cause?: unknown) {
    super(`${invariant}: ${text}`, { cause })
    this.invariant = invariant
  }
}

/** A false refusal that is none where calls fail: it names a call of the disk as its reason. */
export function isToldCall(error: unknown): boolean {
  const refusal = error instanceof ViolationError ? error.cause : undefined
  const call = refusal instanceof CorruptError ? refusal.cause : undefined
  return typeof call === 'object' && call !== null && 'code' in call
}
