/**
 * Who owns a directory: the facts an owner leaves in its `owner-<epoch>` file, so that others can tell whether it lives.
 *
 * Owns: the fields, and reading them back from bytes that may be half written. Leaves to `claim.ts` the file, to
 * `system.ts` the facts and to `owner-liveness.ts` what they mean.
 *
 * OI1. Bytes that are not a whole identity read as `undefined`, never as an identity with holes.
 */

/** One thread that opened a directory. What a system does not tell is the empty string. */
export interface OwnerIdentity {
  readonly pid: number
  /** Clock ticks from boot to the start of the process. */
  readonly processStart: string
  /** The thread that commits; it ends with the ownership, even where the process lives on. */
  readonly thread: string
  readonly threadStart: string
  readonly bootId: string
  readonly pidNamespace: string
  readonly hostname: string
  /** Different for each opening. */
  readonly nonce: string
  readonly claimedAtMs: number
  /** Whether it was opened with `takeover`. */
  readonly takeover: boolean
}

const TEXTS = [
  'processStart',
  'thread',
  'threadStart',
  'bootId',
  'pidNamespace',
  'hostname',
  'nonce',
] as const

export function encodeIdentity(identity: OwnerIdentity): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(identity)}\n`)
}

export function decodeIdentity(bytes: Uint8Array): OwnerIdentity | undefined {
  const value = parse(bytes)
  return isIdentity(value) ? value : undefined
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return undefined
  }
}

function isIdentity(value: unknown): value is OwnerIdentity {
  if (typeof value !== 'object' || value === null) return false
  const fields = new Map<string, unknown>(Object.entries(value))
  if (!Number.isSafeInteger(fields.get('pid'))) return false
  if (typeof fields.get('claimedAtMs') !== 'number') return false
  if (typeof fields.get('takeover') !== 'boolean') return false
  return TEXTS.every((name) => typeof fields.get(name) === 'string')
}
