/**
 * Values as texts: for histories, and for comparing what two runs left behind.
 *
 * Owns: spelling any value, and the canonical form under which order and rounding do not count.
 *
 * KJ1. Spelling never throws, and the fields of an object stand in the order of their names.
 * KJ2. In the canonical form lists are bags, and numbers are equal up to 12 digits.
 */

/** One text for one value; what JSON cannot carry is named by its kind. */
export function spell(value: unknown): string {
  return write(value, false)
}

/** As `JSON.stringify` has it, or the spelling of what that refuses. */
export function jsonText(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'null'
  } catch {
    return spell(value)
  }
}

/** Equal for values that differ only in the order of lists and fields, or in the last digits of a number. */
export function canonical(value: unknown): string {
  return write(value, true)
}

function write(value: unknown, isBag: boolean): string {
  const seen = new Set<object>()
  const visit = (part: unknown): string => {
    if (typeof part !== 'object' || part === null) return scalar(part, isBag)
    if (seen.has(part)) return '"(circular)"'
    seen.add(part)
    const text = composite(plainOf(part), visit, isBag)
    seen.delete(part)
    return text
  }
  return visit(value)
}

function scalar(value: unknown, isRounded: boolean): string {
  if (typeof value === 'number' && isRounded && Number.isFinite(value))
    return String(Number(value.toPrecision(12)))
  if (typeof value === 'bigint') return `"${value}n"`
  if (typeof value === 'number' && !Number.isFinite(value)) return `"${value}"`
  return JSON.stringify(value) ?? `"(${typeof value})"`
}

function composite(value: unknown, visit: (part: unknown) => string, isBag: boolean): string {
  if (typeof value !== 'object' || value === null) return visit(value)
  if (Array.isArray(value)) {
    const parts = value.map((part: unknown) => visit(part))
    return `[${(isBag ? parts.toSorted() : parts).join(',')}]`
  }
  const fields = Object.entries(value).filter(([, part]) => part !== undefined)
  const sorted = fields.toSorted(([left], [right]) => (left < right ? -1 : 1))
  return `{${sorted.map(([name, part]) => `${JSON.stringify(name)}:${visit(part)}`).join(',')}}`
}

/** Maps, sets, dates, errors and bytes as data. */
function plainOf(value: object): unknown {
  if (value instanceof Map) return [...(value as ReadonlyMap<unknown, unknown>)]
  if (value instanceof Set) return [...(value as ReadonlySet<unknown>)]
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('base64') }
  if (value instanceof Error) return { error: value.message }
  const { toJSON } = value as { readonly toJSON?: unknown }
  return typeof toJSON === 'function' ? (toJSON.call(value) as unknown) : value
}
