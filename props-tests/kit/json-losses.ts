/**
 * What JSON would make another value of.
 *
 * Owns: the way to the first such part, and what it is. Leaves what follows from it to its callers.
 *
 * JL1. A property that is undefined is absent, and that is no loss; nor is the class of an object whose data stays.
 */
import { spell } from './json.ts'
import { pathOfDifference } from './json-path.ts'

/** The first part of a value that JSON does not keep, in words; undefined where it keeps all of it. */
export function lossIn(value: unknown): string | undefined {
  if (value === undefined) return undefined
  const kept = keptOf(value)
  if (kept === undefined) return 'JSON cannot write it at all'
  const [made, again] = [spell(value), spell(kept.value)]
  if (made !== again) return `'${pathOfDifference(JSON.parse(made), JSON.parse(again))}' differs`
  const path = textsOf(value, '')
  return path === undefined ? undefined : `'${path.replace(/^\./, '')}' arrives as text`
}

function keptOf(value: unknown): { readonly value: unknown } | undefined {
  try {
    const text = JSON.stringify(value) as string | undefined
    return text === undefined ? undefined : { value: JSON.parse(text) as unknown }
  } catch {
    return undefined
  }
}

/** The way to an object that JSON writes as something else, such as a Date. The value is known to have an end. */
function textsOf(value: unknown, path: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (typeof Reflect.get(value, 'toJSON') === 'function') return path
  for (const [name, part] of Object.entries(value)) {
    const found = textsOf(part, Array.isArray(value) ? `${path}[${name}]` : `${path}.${name}`)
    if (found !== undefined) return found
  }
  return undefined
}
