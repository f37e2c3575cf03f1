/**
 * The base of every error of the library, and the errors that storage can raise.
 *
 * Owns: `UnlostError`, its stable `code`, its `outcome`, and one class per failure of storage.
 * Leaves to `runtime/errors.ts`: the failures of sending, consuming and of options.
 *
 * E1. Every error has a code that never changes between major versions; messages may.
 * E2. An error about a write says whether the write is certainly absent (`not-written`) or may exist (`unknown`).
 * E3. `instanceof` holds across two copies of the package, because it compares the code.
 */

/** What is known about a write that failed: certainly absent, or possibly on disk. */
export type Outcome = 'not-written' | 'unknown'

export interface UnlostErrorOptions {
  readonly cause?: unknown
  readonly outcome?: Outcome
}

/**
 * Base of every error raised by unlost. Match on `code`, never on the message.
 *
 * @example
 * try { await producer.send(order) } catch (error) {
 *   if (error instanceof UnlostError && error.outcome === 'not-written') await later(order)
 * }
 */
export class UnlostError extends Error {
  static readonly code: string = 'UNLOST_ERROR'
  readonly code: string
  readonly outcome: Outcome | undefined

  constructor(message: string, options: UnlostErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = new.target.code
    this.name = new.target.name
    this.outcome = options.outcome
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    if (typeof value !== 'object' || value === null || !('code' in value)) return false
    const { code } = value
    if (typeof code !== 'string' || !code.startsWith('UNLOST_')) return false
    return this.code === 'UNLOST_ERROR' || this.code === code
  }
}

/** The data directory is open elsewhere, by an owner that is (or may be) alive. */
export class LockedError extends UnlostError {
  static override readonly code = 'UNLOST_LOCKED'
}

/** A newer owner (of the directory, or of a producer's id) has taken over; nothing more can be confirmed here. */
export class FencedError extends UnlostError {
  static override readonly code = 'UNLOST_FENCED'
}

/** A write or sync failed; this journal accepts nothing more until the directory is opened again. */
export class BrokenError extends UnlostError {
  static override readonly code = 'UNLOST_BROKEN'
}

/** The resource was closed. */
export class ClosedError extends UnlostError {
  static override readonly code = 'UNLOST_CLOSED'
}

/** No space for the write; nothing of it is on disk. Sends go on when space returns. */
export class DiskFullError extends UnlostError {
  static override readonly code = 'UNLOST_DISK_FULL'
}

/** The directory was written by a newer version of the format. Nothing was changed. */
export class NewerFormatError extends UnlostError {
  static override readonly code = 'UNLOST_NEWER_FORMAT'
}

/** The directory cannot be used: it is a file, not ours, read-only or cannot be made. Nothing was changed. */
export class DirectoryError extends UnlostError {
  static override readonly code = 'UNLOST_DIRECTORY'
}

/** A value does not fit: larger than a record, a batch or a frame may be. */
export class TooLargeError extends UnlostError {
  static override readonly code = 'UNLOST_TOO_LARGE'
}

/** Messages of one mailbox that damage concerns: from `first` up to and including `last`. */
export interface AffectedOffsets {
  readonly mailbox: number
  readonly first: number
  readonly last: number
}

/** Where damage was found. Bytes are `[start, end)` in `file`. */
export interface Damage {
  readonly file: string
  readonly start: number
  readonly end: number
  readonly reason: string
  readonly offsets: readonly AffectedOffsets[]
}

/** Bytes on disk are damaged and cannot be a crash's work. Refused; nothing was cut. */
export class CorruptError extends UnlostError {
  static override readonly code = 'UNLOST_CORRUPT'
  readonly damage: Damage

  constructor(damage: Damage, options: UnlostErrorOptions = {}) {
    super(describe(damage), options)
    this.damage = damage
  }
}

function describe(damage: Damage): string {
  const offsets = damage.offsets.map((o) => `mailbox ${o.mailbox} offsets ${o.first}..${o.last}`).join(', ')
  return (
    `${damage.file} is damaged at bytes ${damage.start}..${damage.end}: ${damage.reason}. ` +
    `Affected: ${offsets === '' ? 'no known message' : offsets}. ` +
    'Restore the file from a copy; nothing was changed.'
  )
}
