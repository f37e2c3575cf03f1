/**
 * Whether `JSON.stringify` writes a value as what it is: for events, inputs and results, which are written as they come.
 *
 * Owns: a look at a value that is cheap enough for every event. Leaves states, and the words of a refusal, to
 * `canonical-json.ts`.
 *
 * PJ1. What would come back as something else is refused with the path to it.
 * PJ2. A property that is `undefined` counts as absent, and -0 as 0.
 */
import { canonicalJson } from './canonical-json.ts'
import { UnstorableError, type UnstorablePlace } from './errors.ts'

const NESTING_MAX = 500

/**
 * @param name how the path begins in a refusal.
 * @param place for the message: whose value it is.
 * @throws UnstorableError for a Date, a Map, an instance of a class, a function, NaN, a BigInt …
 */
export function checkPlain(value: unknown, name: string, place?: UnstorablePlace): void {
  if (isPlain(value, NESTING_MAX)) return
  try {
    canonicalJson(value, name)
  } catch (error) {
    throw place !== undefined && error instanceof UnstorableError ? error.at(place) : error
  }
}

function isPlain(value: unknown, depthMax: number): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'undefined':
      return true
    case 'number':
      return Number.isFinite(value)
    case 'object':
      return value === null || (depthMax > 0 && isPlainObject(value, depthMax - 1))
    default:
      return false
  }
}

function isPlainObject(value: object, depthMax: number): boolean {
  if (Array.isArray(value)) return isPlainArray(value, depthMax)
  if (Object.getPrototypeOf(value) !== Object.prototype) return false
  if (Object.getOwnPropertySymbols(value).length > 0) return false
  const fields = value as Readonly<Record<string, unknown>>
  for (const key in fields) if (!isPlain(fields[key], depthMax)) return false
  return true
}

function isPlainArray(value: readonly unknown[], depthMax: number): boolean {
  if (Object.getPrototypeOf(value) !== Array.prototype) return false
  for (let index = 0; index < value.length; index++) {
    const item = value[index]
    if (item === undefined || !isPlain(item, depthMax)) return false
  }
  return true
}
