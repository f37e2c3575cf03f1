/**
 * What a child that works and its parent say to each other, and the topics that they speak of.
 *
 * Owns: the orders of a parent, the lines of a child, the topics. Leaves working to `kill-child.ts`, judging to
 * `kill-witness.ts`.
 *
 * KW1. A line is written by one system call before the child goes on, so a line that was said survives the child.
 */
import { defineTopic } from '../../runtime/index.ts'

/** One message of the workload. `pad` makes it fill segments. */
export interface Order {
  readonly id: string
  readonly key: string
  readonly pad: string
}

/** What one life of a child is to do. */
export interface Orders {
  /**
   * `work`: send and handle until killed. `send`: only send. `drain`: handle what is left. All close in the end, the
   * two that handle after nothing is left and with a list of the dead letters.
   */
  readonly mode: 'work' | 'send' | 'drain'
  readonly directory: string
  readonly life: number
  /** Messages of an earlier life whose fate is not known, to be sent again under the same message id. */
  readonly again: readonly Order[]
  /** A message id whose handler kills the process. */
  readonly poison?: string
  readonly takeover?: boolean
  /** Confirm before writing: a bug that the checks must find. */
  readonly early?: boolean
  /** A disk that lies to the journal: a bug of the disk that the checks must find. */
  readonly fault?: DiskLie
  /**
   * An owner to be replaced: it sends until it can no more, then tries once again, and ends. Nothing of it goes to the
   * archive, so that its segments go as soon as they are done with. Default false.
   */
  readonly isEndless?: boolean
  /** How many messages to send at most. */
  readonly sends: number
}

/** `no-sync`: no file is ever synced. `no-name-sync`: no directory is. `odd-sync`: only every second file is. */
export type DiskLie = 'no-sync' | 'no-name-sync' | 'odd-sync'

/** Where a message lies, and who numbered it. */
export interface Place {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly producer: string
  readonly sequence: number
}

/** A dead letter as the child lists it. */
export interface Dead {
  readonly id: string
  readonly group: string
  readonly reason: string
  readonly attempts: number
  readonly history: readonly { readonly attempt: number; readonly reason: string }[]
}

export type Line =
  | { readonly say: 'opening'; readonly pid: number }
  | { readonly say: 'open'; readonly leasesReturned: number; readonly previous: string }
  | { readonly say: 'sending'; readonly topic: string; readonly order: Order }
  | { readonly say: 'confirmed'; readonly id: string; readonly place: Place; readonly duplicate: boolean }
  | { readonly say: 'refused'; readonly id: string; readonly code: string; readonly outcome: string }
  | {
      readonly say: 'began'
      readonly group: string
      readonly order: Order
      readonly place: Place
      readonly attempt: number
    }
  | { readonly say: 'settled'; readonly group: string; readonly id: string; readonly how: string }
  | { readonly say: 'broken'; readonly what: string }
  | { readonly say: 'died'; readonly group: string; readonly offset: number; readonly attempts: number }
  | { readonly say: 'stalled'; readonly what: string }
  | { readonly say: 'done'; readonly dead: readonly Dead[] }

/** Handled by `billing`, which hands invoices over, and by `audit`. */
export const orders = defineTopic<Order>('orders', { key: ({ key }) => key, partitions: 3 })
/** Only handed over, never sent. Handled by `books`. */
export const invoices = defineTopic<Order>('invoices', { key: ({ key }) => key, partitions: 2 })
/** Nobody handles it until the last life: it keeps everything until then. */
export const archive = defineTopic<Order>('archive')

/** A number that follows from a text, the same in every process. */
export function hashOf(text: string): number {
  let hash = 7
  for (const char of text) hash = (Math.imul(hash, 31) + (char.codePointAt(0) ?? 0)) >>> 0
  return Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 0
}

/** Whether the handler of `billing` hands an invoice over. */
export function handsOver(id: string): boolean {
  return hashOf(id) % 10 === 0
}

export function invoiceOf({ id, key }: Order): Order {
  return { id: `invoice-${id}`, key, pad: '' }
}
