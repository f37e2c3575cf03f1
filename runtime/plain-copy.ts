/**
 * A copy of a value that is what comes back from JSON: so the way there and back need not be gone.
 *
 * Owns: which values are so. Leaves all others to JSON itself.
 *
 * PC1. A copy equals `JSON.parse(JSON.stringify(value))`, key for key, and shares no object with the value.
 * PC2. Each part of the value is read once: what a getter or a proxy gives another time plays no part.
 */

/** Deeper values are left to JSON. */
const NESTING_MAX = 32

/** In place of a copy: JSON would give something else, or nobody knows. */
const UNSURE = Symbol('unsure')

/** The copy of an object, or undefined for one that JSON would change. */
export function plainCopy<Value extends object>(value: Value): Value | undefined {
  const copy = copyOf(value, NESTING_MAX)
  return copy === UNSURE ? undefined : (copy as Value)
}

function copyOf(value: unknown, depth: number): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0) ? value : UNSURE
    case 'object':
      if (value === null) return null
      return depth === 0 ? UNSURE : copyOfObject(value, depth - 1)
    default:
      return UNSURE
  }
}

function copyOfObject(value: object, depth: number): unknown {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Object.prototype) return copyOfFields(value as Readonly<Record<string, unknown>>, depth)
  const isArray = Array.isArray(value) && prototype === Array.prototype
  return isArray ? copyOfItems(value, depth) : UNSURE
}

function copyOfFields(value: Readonly<Record<string, unknown>>, depth: number): unknown {
  // JSON would drop them; whoever sends it is told.
  if (Object.getOwnPropertySymbols(value).length > 0) return UNSURE
  const copy: Record<string, unknown> = {}
  for (const key of Object.keys(value)) {
    if (key === 'toJSON' || key === '__proto__') return UNSURE
    const field = copyOf(value[key], depth)
    if (field === UNSURE) return UNSURE
    copy[key] = field
  }
  return copy
}

function copyOfItems(value: readonly unknown[], depth: number): unknown {
  const copy: unknown[] = []
  for (let index = 0; index < value.length; index += 1) {
    const item = copyOf(value[index], depth)
    if (item === UNSURE) return UNSURE
    copy.push(item)
  }
  return copy
}
