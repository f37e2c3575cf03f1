/**
 * Checks of what a caller hands in: options, names, numbers.
 *
 * Owns: the refusals and their words. Every refusal says what, where and what to do.
 *
 * OC1. An unknown option is refused by name, with the nearest known one where there is one.
 * OC2. A check changes nothing; it throws `InvalidOptionError` or returns.
 */
import { InvalidOptionError } from './errors.ts'

/** How one option must look. `undefined` is always allowed. */
export type Rule = (value: unknown, where: string) => void

export type Rules = Readonly<Record<string, Rule>>

export function checkOptions(options: unknown, rules: Rules, where: string): void {
  if (options === undefined) return
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new InvalidOptionError(`${where}: options must be an object, not ${show(options)}`, NOT_WRITTEN)
  }
  for (const [name, value] of Object.entries(options)) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined
    if (rule === undefined) throw new InvalidOptionError(unknownOption(name, rules, where), NOT_WRITTEN)
    if (value !== undefined) rule(value, `${where}: option '${name}'`)
  }
}

const NOT_WRITTEN = { outcome: 'not-written' } as const

function unknownOption(name: string, rules: Rules, where: string): string {
  const known = Object.keys(rules)
  const near = nearest(name, known)
  const hint = near === undefined ? `known options: ${known.join(', ')}` : `did you mean '${near}'?`
  return `${where}: unknown option '${name.slice(0, 80)}'; ${hint}`
}

/** The known name that differs least, if it differs in less than half of its letters. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const asked = name.slice(0, 80).toLowerCase()
  const apart = (other: string): number => distance(other.toLowerCase(), asked)
  const [best] = known.toSorted((a, b) => apart(a) - apart(b))
  return best !== undefined && apart(best) <= Math.min(3, (best.length - 1) / 2) ? best : undefined
}

/** Edit distance of two short names. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}

function show(value: unknown): string {
  if (typeof value === 'string') return `'${value.slice(0, 80)}'`
  if (typeof value === 'function') return 'a function'
  if (value === null || typeof value !== 'object') return String(value)
  return Array.isArray(value) ? 'an array' : 'an object'
}

function refuse(where: string, wanted: string, value: unknown): never {
  throw new InvalidOptionError(`${where} must be ${wanted}, not ${show(value)}`, NOT_WRITTEN)
}

/** A whole number in `[min, max]`. */
export function wholeNumber(min: number, max: number = Number.MAX_SAFE_INTEGER): Rule {
  return (value, where) => {
    const fits = typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max
    if (!fits) refuse(where, `a whole number from ${min} to ${max}`, value)
  }
}

/** Any finite number in `[min, max]`. */
export function finiteNumber(min: number, max: number): Rule {
  return (value, where) => {
    const fits = typeof value === 'number' && value >= min && value <= max
    if (!fits) refuse(where, `a number from ${min} to ${max}`, value)
  }
}

export const bool: Rule = (value, where) => {
  if (typeof value !== 'boolean') refuse(where, 'true or false', value)
}

export const text: Rule = (value, where) => {
  if (typeof value !== 'string') refuse(where, 'a string', value)
}

export const callable: Rule = (value, where) => {
  if (typeof value !== 'function') refuse(where, 'a function', value)
}

export const abortSignal: Rule = (value, where) => {
  if (!(value instanceof AbortSignal)) refuse(where, 'an AbortSignal', value)
}

export const anything: Rule = () => {}

/** An object whose own options follow `rules`. */
export function record(rules: Rules): Rule {
  return (value, where) => checkOptions(value, rules, where)
}

/** An object with at least these methods. */
export function port(...methods: readonly string[]): Rule {
  return (value, where) => {
    const has = (method: string): boolean =>
      typeof value === 'object' && value !== null && typeof Reflect.get(value, method) === 'function'
    if (!methods.every(has)) refuse(where, `an object with ${methods.join(', ')}`, value)
  }
}

export function oneOf(...allowed: readonly unknown[]): Rule {
  return (value, where) => {
    if (!allowed.includes(value)) refuse(where, `one of ${allowed.map(show).join(', ')}`, value)
  }
}

/** Both rules must hold for one of them: the first that does not throw. */
export function either(wanted: string, ...rules: readonly Rule[]): Rule {
  return (value, where) => {
    if (!rules.some((rule) => holds(rule, value, where))) refuse(where, wanted, value)
  }
}

function holds(rule: Rule, value: unknown, where: string): boolean {
  try {
    rule(value, where)
    return true
  } catch (error) {
    if (error instanceof InvalidOptionError) return false
    throw error
  }
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._:@~-]{0,126}$/

/** Names of topics, groups and producers: 1 to 127 of letters, digits and `. _ : @ ~ -`, not starting with a sign. */
export function checkName(name: unknown, what: string): asserts name is string {
  if (typeof name === 'string' && NAME.test(name)) return
  throw new InvalidOptionError(
    `${what} must be 1 to 127 letters, digits or any of . _ : @ ~ - and start with a letter or digit, not ${show(name)}`,
    NOT_WRITTEN,
  )
}
