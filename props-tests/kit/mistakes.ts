/**
 * Errors that nobody meant to throw.
 *
 * Owns: telling them from those that code throws on purpose. Leaves what becomes of them to their finders.
 *
 * MK1. An error counts as a mistake only where the engine made it: of what is not there, or is no function.
 */

const ENGINE =
  /^Cannot (?:read|set) properties of (?:undefined|null)|^Cannot (?:destructure|access|convert|create|delete|mix|assign|use 'in')|is not (?:a function|defined|iterable|a constructor|an object)|^Assignment to constant|^Maximum call stack|^Invalid array length|^Reduce of empty array/

/** XState tells the error of a guard in one of its own. */
const GUARD = /^Unable to evaluate guard .*?:\s+/s

/** Whether the engine made this error, and not the code itself. */
export function isMistake(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { message } = error
  if (GUARD.test(message)) return ENGINE.test(message.replace(GUARD, ''))
  const isEngines =
    error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError
  return isEngines && ENGINE.test(message)
}
