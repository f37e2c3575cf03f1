/**
 * Errors as data, for the way from the journal's thread to the caller.
 *
 * Owns: what is kept of an error (class, message, outcome, damage, cause, stack of the cause) and its rebuilding.
 * Leaves to `thread-store.ts` which call an error belongs to.
 *
 * WE1. An error of ours arrives as the same class with the same code, outcome and damage.
 * WE2. Any other error arrives with its name, message and code; an error is never lost for being strange.
 */
import { AssertionError } from 'node:assert/strict'
import {
  BrokenError,
  ClosedError,
  CorruptError,
  DirectoryError,
  DiskFullError,
  FencedError,
  LockedError,
  NewerFormatError,
  TooLargeError,
  UnlostError,
} from './errors.ts'
import type { Damage, Outcome, UnlostErrorOptions } from './errors.ts'

/** An error, ready to be copied between threads. */
export interface WireError {
  readonly name: string
  readonly code: string
  readonly message: string
  readonly stack: string
  readonly outcome: Outcome | undefined
  readonly damage: Damage | undefined
  readonly cause: WireError | undefined
}

/** How many causes behind causes are kept. */
const CAUSES_MAX = 4

/** A failure of another thread that is none of ours: a system call, or a mistake. */
export class ThreadError extends Error {
  readonly code: string

  constructor(wire: WireError, cause: Error | undefined) {
    super(wire.message, cause === undefined ? undefined : { cause })
    this.name = wire.name
    this.code = wire.code
    this.stack = wire.stack
  }
}

export function encodeError(error: unknown, depth = 0): WireError {
  const isError = error instanceof Error
  const cause = isError && error.cause !== undefined && depth < CAUSES_MAX ? error.cause : undefined
  return {
    name: isError ? error.name : 'Error',
    code: codeOf(error),
    message: isError ? error.message : String(error),
    stack: isError ? (error.stack ?? '') : '',
    outcome: error instanceof UnlostError ? error.outcome : undefined,
    damage: error instanceof CorruptError ? error.damage : undefined,
    cause: cause === undefined ? undefined : encodeError(cause, depth + 1),
  }
}

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return ''
  return typeof error.code === 'string' ? error.code : ''
}

const CLASSES = [
  BrokenError,
  ClosedError,
  DirectoryError,
  DiskFullError,
  FencedError,
  LockedError,
  NewerFormatError,
  TooLargeError,
]

export function decodeError(wire: WireError): Error {
  const cause = wire.cause === undefined ? undefined : decodeError(wire.cause)
  if (wire.code === 'ERR_ASSERTION') return new AssertionError({ message: wire.message })
  const options: UnlostErrorOptions = {
    ...(cause === undefined ? {} : { cause }),
    ...(wire.outcome === undefined ? {} : { outcome: wire.outcome }),
  }
  if (wire.damage !== undefined) return new CorruptError(wire.damage, options)
  const found = CLASSES.find((one) => one.code === wire.code)
  return found === undefined ? new ThreadError(wire, cause) : new found(wire.message, options)
}
