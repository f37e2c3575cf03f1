/**
 * The input: JSON objects from a package, a file or a folder, and what each of them is worth.
 *
 * Owns: loading them, the key of each, and the fingerprint by which a changed payload is found out.
 * Leaves repeating them to the delivery number: delivery `n` carries payload `n % payloads.length`.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { extname, join } from 'node:path'
import { UsageError } from './errors.ts'

const loadPackage = createRequire(import.meta.url)

export type Payload = Readonly<Record<string, unknown>>

/** Which input: small enough to be handed to the child, which loads it again for itself. */
export interface InputChoice {
  /** A JSON file or a folder of them; undefined: the webhooks of `@octokit/webhooks-examples`. */
  readonly path: string | undefined
  /** Where the key is looked for, the first that is there wins: `repository.full_name`. */
  readonly keyPaths: readonly string[]
}

/** What a payload adds to the totals of its key, and how a copy of it is recognised. */
export interface Worth {
  readonly key: string
  readonly bytes: number
  readonly fingerprint: string
}

export const EXAMPLES = '@octokit/webhooks-examples'
/** The key of a payload in which no key path leads to a word or a number. */
export const NO_KEY = '(none)'

/** Some events belong to no repository: they are kept in order by organization, or else by sender. */
export const DEFAULT_KEY_PATHS = ['repository.full_name', 'organization.login', 'sender.login'] as const

export function loadPayloads({ path }: InputChoice): readonly Payload[] {
  const values = path === undefined ? [loadPackage(EXAMPLES) as unknown] : filesOf(path).flatMap(readValues)
  const payloads = values.flatMap(objectsIn)
  if (payloads.length === 0) throw new UsageError(`${path ?? EXAMPLES} holds no JSON object`)
  return payloads
}

/** Delivery numbers start at 0; the input is taken over and over. */
export function payloadOf(payloads: readonly Payload[], delivery: number): Payload {
  const payload = payloads[delivery % payloads.length]
  if (payload === undefined) throw new RangeError(`there is no delivery ${delivery}`)
  return payload
}

export function worthOf(payload: Payload, keyPaths: readonly string[]): Worth {
  const text = JSON.stringify(payload)
  const fingerprint = createHash('sha256').update(text).digest('base64url').slice(0, 16)
  return { key: keyOf(payload, keyPaths), bytes: Buffer.byteLength(text), fingerprint }
}

/** `repository.full_name` of `{ repository: { full_name: 'a/b' } }` is `a/b`. */
export function keyOf(payload: Payload, keyPaths: readonly string[]): string {
  for (const path of keyPaths) {
    const found = path.split('.').reduce<unknown>(fieldOf, payload)
    if (typeof found === 'number' || (typeof found === 'string' && found !== '')) return String(found)
  }
  return NO_KEY
}

function fieldOf(value: unknown, name: string): unknown {
  const isHolder = typeof value === 'object' && value !== null && Object.hasOwn(value, name)
  return isHolder ? Reflect.get(value, name) : undefined
}

function filesOf(path: string): string[] {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) throw new UsageError(`--input ${path}: there is no such file or folder`)
  if (!found.isDirectory()) return [path]
  const names = readdirSync(path, { recursive: true, encoding: 'utf8' }).toSorted()
  return names.filter((name) => /\.(?:json|jsonl|ndjson)$/i.test(name)).map((name) => join(path, name))
}

/** One value, or one a line in `.jsonl` and `.ndjson`. */
function readValues(file: string): unknown[] {
  const text = readFileSync(file, 'utf8').replace(/^\uFEFF/, '')
  const isLines = /^\.(?:jsonl|ndjson)$/i.test(extname(file))
  const pieces = isLines ? text.split('\n').filter((line) => line.trim() !== '') : [text]
  try {
    return pieces.map((piece): unknown => JSON.parse(piece))
  } catch (cause) {
    throw new UsageError(`--input ${file}: ${String(cause)}`, { cause })
  }
}

/** An object is a payload; an array holds them, and so does an entry of an example index. */
function objectsIn(value: unknown): Payload[] {
  if (Array.isArray(value)) return value.flatMap(objectsIn)
  if (typeof value !== 'object' || value === null) {
    throw new UsageError(`the input holds ${JSON.stringify(value)}, which is not a JSON object`)
  }
  const examples = fieldOf(value, 'examples')
  return Array.isArray(examples) ? examples.flatMap(objectsIn) : [value as Payload]
}
