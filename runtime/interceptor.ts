/**
 * Interceptors: code beside the way of a message, apart from the business code.
 *
 * Owns: the hooks, their order, and what a throw in each does. Leaves what they do to `numbering.ts`,
 * `continuity.ts` and the user's own.
 *
 * IC1. Hooks run in the order of the list; the built-in pair comes last.
 * IC2. A throw in `onSend` rejects that send (`UNLOST_INTERCEPTOR`, not written); one in `onConsume` counts as the
 *     handler's; one in `onConfirm`, `onFetch` or `onSettle` changes nothing and is raised as an `interceptor-error`.
 */
import type { Message } from './message.ts'
import type { Receipt } from './receipt.ts'

/** A message on its way into a batch. */
export interface OutgoingMessage {
  readonly topic: string
  readonly partition: number
  readonly key: string | undefined
  readonly producer: { readonly id: string; readonly epoch: number }
  readonly messageId: string | undefined
  /** Size of the encoded value. */
  readonly valueBytes: number
  /** The last sequence of this producer in this partition. */
  readonly lastSequence: number
  /** Set by the numbering interceptor; 0 means not numbered. */
  sequence: number
  /** May be replaced; names and values are strings. */
  headers: Readonly<Record<string, string>> | undefined
}

/** Messages of one producer with consecutive sequences, as a group reads them for the first time. */
export interface FetchedRun {
  /** The reading group at this partition: the same object until it seeks or restarts. */
  readonly reader: object
  readonly group: string
  readonly topic: string
  readonly partition: number
  readonly producer: { readonly id: string; readonly epoch: number }
  readonly firstSequence: number
  readonly firstOffset: number
  readonly count: number
}

/** How one attempt ended. */
export type Settlement = 'ack' | 'nack' | 'dead-letter' | 'released'

export interface Interceptor {
  readonly name: string
  /**
   * A message joins a batch. Synchronous: what it returns must not be a promise. Runs again if the batch is refused
   * (disk full) and tried anew.
   */
  onSend?(message: OutgoingMessage): void
  /** Its batch is on disk. */
  onConfirm?(message: OutgoingMessage, receipt: Receipt): void
  /** A group reads messages from its mailbox, in order, before any attempt. */
  onFetch?(run: FetchedRun): void
  /** An attempt begins. */
  onConsume?(message: Message<unknown>, group: string): void
  /** An attempt ended and its end is on disk. */
  onSettle?(message: Message<unknown>, group: string, settlement: Settlement): void
}

type HookName = Exclude<keyof Interceptor, 'name'>

/** The hooks of a list of interceptors, by kind: an unused kind costs nothing. */
export interface Hooks {
  readonly onSend: readonly Interceptor[]
  readonly onConfirm: readonly Interceptor[]
  readonly onFetch: readonly Interceptor[]
  readonly onConsume: readonly Interceptor[]
  readonly onSettle: readonly Interceptor[]
}

export function collectHooks(interceptors: readonly Interceptor[]): Hooks {
  const having = (hook: HookName): readonly Interceptor[] =>
    interceptors.filter((interceptor) => interceptor[hook] !== undefined)
  return {
    onSend: having('onSend'),
    onConfirm: having('onConfirm'),
    onFetch: having('onFetch'),
    onConsume: having('onConsume'),
    onSettle: having('onSettle'),
  }
}
