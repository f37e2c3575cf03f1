/**
 * Faults of the simulated disk: which call suffers, and how.
 *
 * Owns: the words for a fault, matching them with calls, and counting.
 * Leaves carrying them out to `simulated-disk.ts`, and damage of bytes at rest to `disk-damage.ts`.
 *
 * DF1. A fault strikes the `nth` matching call after it was added, and as many more as `times` says.
 * DF2. A fault without `code` is a lie: the call reports success.
 */
import assert from 'node:assert/strict'
import type { SyncFate } from './simulated-file.ts'

/** The system calls, named as in the disk port. */
export type CallName =
  | 'open'
  | 'read'
  | 'write'
  | 'size'
  | 'truncate'
  | 'sync'
  | 'close'
  | 'kind'
  | 'list'
  | 'makeDirectory'
  | 'remove'
  | 'syncDirectory'

/** Calls that answer with a value; a fault of theirs must have a code, for there is no value to lie with. */
const answering: ReadonlySet<CallName> = new Set(['open', 'read', 'size', 'kind', 'list'])

/** One system call as faults, crash points and the log see it. */
export interface DiskCall {
  readonly name: CallName
  readonly path: string
  /** The rest of the arguments, for the log. */
  readonly detail: string
  /** Whether it can change the disk; opening for reading cannot. */
  readonly changes: boolean
}

export interface DiskFault {
  readonly call: CallName
  /** Strikes only paths that contain this. */
  readonly path?: string
  /** Which matching call is struck first. Default 1. */
  readonly nth?: number
  /** How many calls in a row are struck. Default 1. */
  readonly times?: number
  /** The system's word, such as `EIO`. Without it the call reports success. */
  readonly code?: string
  /**
   * What happens all the same. Default: `dropped` for a sync, else `ignored`. A `half` write leaves its first half, and
   * an open that fails with any other effect than `ignored` made its file; other calls know `ignored` and `full` alone.
   */
  readonly effect?: SyncFate
  /** A write lands at this position of its file instead, and reports what `code` says. */
  readonly misplacedTo?: number
}

/** The faults of one disk. */
export class FaultList {
  #faults: { readonly fault: DiskFault; matched: number }[] = []

  add(fault: DiskFault): void {
    assert.ok(fault.code !== undefined || !answering.has(fault.call), `${fault.call} cannot lie`)
    assert.ok(fault.misplacedTo === undefined || fault.call === 'write', 'only a write can be misplaced')
    this.#faults.push({ fault, matched: 0 })
  }

  clear(): void {
    this.#faults = []
  }

  /** The fault that strikes this call, if any. Every matching fault counts the call. */
  strike(call: DiskCall): DiskFault | undefined {
    let struck: DiskFault | undefined
    for (const entry of this.#faults) {
      const { fault } = entry
      if (fault.call !== call.name || !call.path.includes(fault.path ?? '')) continue
      entry.matched += 1
      const nth = fault.nth ?? 1
      const isStruck = entry.matched >= nth && entry.matched < nth + (fault.times ?? 1)
      if (isStruck) struck ??= fault
    }
    return struck
  }

  clone(): FaultList {
    const copy = new FaultList()
    copy.#faults = this.#faults.map((entry) => ({ ...entry }))
    return copy
  }
}

/** What happens under a fault although (or because) the call failed. */
export function fateOf(fault: DiskFault): SyncFate {
  const isSync = fault.call === 'sync' || fault.call === 'syncDirectory'
  if (fault.call === 'open' && fault.effect !== undefined && fault.effect !== 'ignored') return 'half'
  const isMisplaced = fault.misplacedTo !== undefined
  return fault.effect ?? (isMisplaced ? 'full' : isSync ? 'dropped' : 'ignored')
}
