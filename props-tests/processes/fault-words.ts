/**
 * What a process under faulty system calls is told to do, and what it says.
 *
 * Owns: the orders and the lines. Leaves working to `fault-child.ts`, judging to `fault-trial.ts`.
 */
import { defineTopic } from '../../runtime/index.ts'
import type { Order } from './kill-words.ts'

export interface FaultOrders {
  /** `work`: send, and handle in the group `eaters`. `read`: list all that is kept, and what `eaters` still get. */
  readonly mode: 'work' | 'read'
  readonly directory: string
  /** Begins the ids of its messages. */
  readonly life: number
  readonly sends: number
  /** How long a send may take. */
  readonly timeoutMs: number
  /** Die by SIGKILL in the end, instead of closing. Default false. */
  readonly isKilled?: boolean
}

/** `code` is that of a typed error; any other error is told with its words. */
export type FaultLine =
  | { readonly say: 'open' }
  | { readonly say: 'open-failed'; readonly code: string }
  | { readonly say: 'confirmed'; readonly id: string }
  | { readonly say: 'refused'; readonly id: string; readonly code: string; readonly outcome: string }
  | { readonly say: 'settled'; readonly id: string }
  | { readonly say: 'broken'; readonly code: string }
  | { readonly say: 'stalled'; readonly cause: string }
  | { readonly say: 'found'; readonly ids: readonly string[]; readonly again: readonly string[] }
  | { readonly say: 'closed' }
  | { readonly say: 'close-failed'; readonly code: string }

/** Keeps what is done, so that all of it can be read again. */
export const kept = defineTopic<Order>('kept', { retain: { ms: 86_400_000 } })
