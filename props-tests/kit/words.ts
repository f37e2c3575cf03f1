/**
 * Errors and numbers in words, for histories.
 *
 * Owns: what of an error is told. Leaves the errors to whoever throws them.
 */
import { inspect } from 'node:util'
import { UnlostError } from '../../persistence/index.ts'
import type { Outcome } from '../../persistence/index.ts'

export function wordsOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : inspect(error)
}

export function rejectionCode(error: unknown): string {
  return error instanceof UnlostError ? error.code : wordsOf(error)
}

export function rejectionOutcome(error: unknown): Outcome | undefined {
  return error instanceof UnlostError ? error.outcome : undefined
}

export function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null ? String(Reflect.get(error, 'code')) : 'none'
}

export function ordinal(count: number): string {
  return count === 1 ? 'first' : count === 2 ? 'second' : count === 3 ? 'third' : `${count}th`
}
