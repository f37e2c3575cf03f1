/**
 * Reading a command line.
 *
 * Owns: turning words into values, and refusing what makes no sense. Leaves which options there are to their demo.
 */
import { randomInt } from 'node:crypto'
import { parseArgs, type ParseArgsConfig } from 'node:util'
import { UsageError } from './errors.ts'

const SEED_MAX = 2 ** 31 - 1

/** @throws UsageError for an unknown option or one without its value. */
export function parsed<TSpecification extends NonNullable<ParseArgsConfig['options']>>(
  words: readonly string[],
  options: TSpecification,
) {
  try {
    return parseArgs({ args: [...words], options, allowPositionals: false }).values
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause })
  }
}

export function wholeNumber(name: string, text: string, min: number): number {
  const value = Number(text.replaceAll('_', ''))
  if (/^[\d_]+$/.test(text) && Number.isSafeInteger(value) && value >= min) return value
  throw new UsageError(`--${name} must be a whole number of at least ${min}; it is '${text}'`)
}

/** Drawn when it is not given. */
export function seedOf(text: string | undefined): number {
  return text === undefined ? randomInt(SEED_MAX) : wholeNumber('seed', text, 0)
}

export function oneOf<TWord extends string>(
  name: string,
  text: string | undefined,
  words: readonly TWord[],
): TWord | undefined {
  const found = words.find((each) => each === text)
  if (text === undefined || found !== undefined) return found
  throw new UsageError(`--${name} must be one of ${words.join(', ')}; it is '${text}'`)
}
