/**
 * State as text: JSON of which there is one form only, and that loses nothing.
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
/** So many parts of a path are told. */
const PATH_PARTS = 20
const PLAIN_TEXT = /^[\u0020\u0021\u0023-\u005b\u005d-\u007e]*$/

/** Text of a value, or undefined for `undefined`. `name` is how its path begins in a refusal. */
export function canonicalJson(value: unknown, name: string, replace?: Replace): string | undefined {
  if (value === undefined) return undefined
  if (isCanonical(value, NESTING_MAX)) return JSON.stringify(value)
  return write(value, { path: [name], root: value, replace })
}

/** Whether `JSON.stringify` would write it just so: nearly every state, and several times as fast. */
function isCanonical(value: unknown, depthMax: number): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0)
    case 'object':
      return value === null || (depthMax > 0 && isCanonicalObject(value, depthMax - 1))
    default:
      return false
  }
}

function isCanonicalObject(value: object, depthMax: number): boolean {
  if (Array.isArray(value)) return isCanonicalArray(value, depthMax)
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype || Object.getOwnPropertySymbols(value).length > 0) return false
  const fields = value as Readonly<Record<string, unknown>>
  let before = ''
  for (const key of Object.keys(fields)) {
    if (key < before || key === 'toJSON') return false
    before = key
    const field = fields[key]
    if (field !== undefined && !isCanonical(field, depthMax)) return false
  }
  return true
}

/** Of an array of its own kind the items are all. */
function isCanonicalArray(value: readonly unknown[], depthMax: number): boolean {
  if (Object.getPrototypeOf(value) !== Array.prototype) return false
  for (let index = 0; index < value.length; index++) if (!isCanonical(value[index], depthMax)) return false
  return true
}

/** The way to the value that is being written: one for the whole walk, made into words only for a refusal. */
interface Walk {
  readonly path: (string | number)[]
  readonly root: unknown
  readonly replace: Replace | undefined
}

function write(value: unknown, walk: Walk): string {
  switch (typeof value) {
    case 'string':
      return quote(value)
    case 'boolean':
      return value ? 'true' : 'false'
    case 'number':
      return writeNumber(value, walk)
    case 'object':
      return value === null ? 'null' : writeObject(value, walk)
    default:
      return refuse(walk, value === undefined ? 'undefined' : `a ${typeof value}`)
  }
}

function quote(value: string): string {
  return PLAIN_TEXT.test(value) ? `"${value}"` : JSON.stringify(value)
}

function writeNumber(value: number, walk: Walk): string {
  if (!Number.isFinite(value)) return refuse(walk, String(value))
  return Object.is(value, -0) ? '-0' : String(value)
}

function writeObject(value: object, walk: Walk): string {
  if (walk.path.length - 1 > NESTING_MAX) return refuseDepth(walk)
  if (Array.isArray(value)) return writeArray(value, walk)
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === null) return writeRecord(value, walk)
  const instead = walk.replace?.(value)
  return instead === undefined ? refuse(walk, kindOf(value)) : write(instead, { ...walk, replace: undefined })
}

function writeArray(value: readonly unknown[], walk: Walk): string {
  let text = ''
  for (let index = 0; index < value.length; index++) {
    const item = writeAt(index, value[index], walk)
    text = index === 0 ? item : `${text},${item}`
  }
  return `[${text}]`
}

function writeRecord(value: object, walk: Walk): string {
  if (Object.getOwnPropertySymbols(value).length > 0) return refuse(walk, 'an object with symbols as keys')
  const fields = value as Readonly<Record<string, unknown>>
  let text = ''
  for (const key of sortedKeys(fields)) {
    const field = fields[key]
    if (field === undefined) continue
    const item = writeAt(key, field, walk)
    text = text === '' ? `${quote(key)}:${item}` : `${text},${quote(key)}:${item}`
  }
  return `{${text}}`
}

function writeAt(key: string | number, value: unknown, walk: Walk): string {
  walk.path.push(key)
  const text = write(value, walk)
  walk.path.pop()
  return text
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

function refuse({ path }: Walk, what: string): never {
  throw new UnstorableError(pathOf(path), what)
}

/** So deep is most often what holds itself: told is where it does so for the first time. */
function refuseDepth(walk: Walk): never {
  const { path, root } = walk
  const depths = new Map<unknown, number>()
  let value = root
  for (let depth = 0; typeof value === 'object' && value !== null; depth++) {
    const before = depths.get(value)
    if (before !== undefined)
      throw new UnstorableError(
        pathOf(path.slice(0, depth + 1)),
        `${pathOf(path.slice(0, before + 1))} once more`,
      )
    depths.set(value, depth)
    value = Reflect.get(value, path[depth + 1] ?? '')
  }
  return refuse(walk, 'nested too deep')
}

/** The first parts, and the last of a path that is very long. */
function pathOf(path: readonly (string | number)[]): string {
  const words = path.map((key, depth) =>
    depth === 0 ? key : typeof key === 'number' ? `[${key}]` : `.${key}`,
  )
  if (words.length <= PATH_PARTS) return words.join('')
  return [...words.slice(0, PATH_PARTS / 2), ' … ', ...words.slice(-PATH_PARTS / 2)].join('')
}
