/**
 * What may go wrong with a demonstration, other than a check that fails.
 *
 * Owns: the two classes. Leaves printing them to `demo.ts`.
 */

/** The command line or the input is not usable; nothing was started. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** The child reported a failure, hung, or ended in a way nobody asked for. */
export class ChildError extends Error {
  override readonly name = 'ChildError'
}
