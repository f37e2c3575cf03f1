/**
 * State as bytes: JSON of which there is one form only, and that loses nothing.
 *
 * Owns: the walk over a value, the order of keys, the refusal of what JSON would lose.
 * Leaves to its callers what the value is, and which references it may hold.
 *
 * CJ1. Equal values give equal text: keys are sorted, whatever the order in which they were set.
 * CJ2. What is parsed again equals what was written; anything else is refused with the path to it.
 * CJ3. A property that is `undefined` counts as absent; so does the whole value.
 */
import { UnstorableError } from './errors.ts'

/** Gives plain data in place of a live reference; undefined for what is none. */
export type Replace = (value: object) => unknown

const NESTING_MAX = 500
const PLAIN_TEXT = /^[\u0020\u0021\u0023-\u005b\u005d-\u007e]*$/

/** Where a value stands: the key and the place around it, made into words only when something is refused. */
interface Place {
  readonly key: string | number
  readonly around: Place | undefined
  readonly depth: number
}

/** Text of a value, or undefined for `undefined`. `name` is how its path begins in a refusal. */
export function canonicalJson(value: unknown, name: string, replace?: Replace): string | undefined {
  return value === undefined ? undefined : write(value, { key: name, around: undefined, depth: 0 }, replace)
}

function write(value: unknown, place: Place, replace: Replace | undefined): string {
  switch (typeof value) {
    case 'string':
      return quote(value)
    case 'boolean':
      return value ? 'true' : 'false'
    case 'number':
      return writeNumber(value, place)
    case 'object':
      return value === null ? 'null' : writeObject(value, place, replace)
    default:
      return refuse(place, value === undefined ? 'undefined' : `a ${typeof value}`)
  }
}

function quote(value: string): string {
  return PLAIN_TEXT.test(value) ? `"${value}"` : JSON.stringify(value)
}

function writeNumber(value: number, place: Place): string {
  if (!Number.isFinite(value)) return refuse(place, String(value))
  return Object.is(value, -0) ? '-0' : String(value)
}

function writeObject(value: object, place: Place, replace: Replace | undefined): string {
  if (place.depth > NESTING_MAX) return refuse(place, 'nested too deep, or holds itself')
  if (Array.isArray(value)) return writeArray(value, place, replace)
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === null) return writeRecord(value, place, replace)
  const instead = replace?.(value)
  return instead === undefined ? refuse(place, kindOf(value)) : write(instead, place, undefined)
}

function writeArray(value: readonly unknown[], place: Place, replace: Replace | undefined): string {
  let text = ''
  for (let index = 0; index < value.length; index++) {
    const item = write(value[index], { key: index, around: place, depth: place.depth + 1 }, replace)
    text = index === 0 ? item : `${text},${item}`
  }
  return `[${text}]`
}

function writeRecord(value: object, place: Place, replace: Replace | undefined): string {
  if (Object.getOwnPropertySymbols(value).length > 0) return refuse(place, 'an object with symbols as keys')
  const fields = value as Readonly<Record<string, unknown>>
  let text = ''
  for (const key of sortedKeys(fields)) {
    const field = fields[key]
    if (field === undefined) continue
    const item = write(field, { key, around: place, depth: place.depth + 1 }, replace)
    text = text === '' ? `${quote(key)}:${item}` : `${text},${quote(key)}:${item}`
  }
  return `{${text}}`
}

function sortedKeys(value: object): readonly string[] {
  const keys = Object.keys(value)
  for (let index = 1; index < keys.length; index++) {
    if ((keys[index - 1] ?? '') > (keys[index] ?? '')) return keys.sort()
  }
  return keys
}

function kindOf(value: object): string {
  const name: unknown = Reflect.get(value, 'constructor')
  return typeof name === 'function' && name.name !== '' ? `of class ${name.name}` : 'of a class of its own'
}

function refuse(place: Place, what: string): never {
  throw new UnstorableError(pathOf(place), what)
}

function pathOf(place: Place): string {
  const parts: string[] = []
  for (let at: Place | undefined = place; at !== undefined && parts.length < 20; at = at.around) {
    parts.unshift(
      typeof at.key === 'number' ? `[${at.key}]` : at.around === undefined ? at.key : `.${at.key}`,
    )
  }
  return parts.join('')
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()

export function toBytes(text: string): Uint8Array {
  return encoder.encode(text)
}

export function fromBytes(bytes: Uint8Array): string {
  return decoder.decode(bytes)
}
