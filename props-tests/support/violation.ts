/**
 * The error of a checker: which guarantee was broken, and how.
 *
 * Owns: the class. Leaves the names of the guarantees to those who check them.
 */

/** A broken guarantee. */
export class ViolationError extends Error {
  override readonly name = 'ViolationError'
  readonly invariant: string

  constructor(invariant: string, text: string, cause?: unknown) {
    super(`${invariant}: ${text}`, { cause })
    this.invariant = invariant
  }
}
