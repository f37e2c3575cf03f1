/**
 * Where two pieces of data differ.
 *
 * Owns: the path to the first difference. Leaves comparing to its callers.
 */

/** The path of the first difference, such as `context.items[2].cents`; empty where there is none. */
export function pathOfDifference(left: unknown, right: unknown): string {
  return find(left, right, '')?.replace(/^\./, '') ?? ''
}

function find(left: unknown, right: unknown, path: string): string | undefined {
  if (JSON.stringify(left) === JSON.stringify(right)) return undefined
  if (!isObject(left) || !isObject(right) || Array.isArray(left) !== Array.isArray(right)) return path
  const keys = new Set([...Object.keys(left), ...Object.keys(right)])
  for (const key of keys) {
    const step = Array.isArray(left) ? `[${key}]` : `.${key}`
    const found = find(left[key], right[key], `${path}${step}`)
    if (found !== undefined) return found
  }
  return path
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
