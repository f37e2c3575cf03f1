/**
 * The history of a simulated run: everything that an observer who outlives all crashes could have seen, in order.
 *
 * Owns: the words in which runs are told, checked, drawn and compared.
 * Leaves recording to whoever runs a world, judging to `invariants/`, telling to the reports.
 *
 * HI1. A history is data: plain objects of texts, numbers and booleans. The same seed gives the same history, byte
 *      for byte, so its JSON can be hashed and compared.
 * HI2. Nothing is told that the process did not live to tell: what happened in the call that a crash cut is missing.
 * HI3. `confirmed` and `settled` are told when the user is told, never earlier; `durable` when the disk has it.
 */

/** Where a message lies. */
export interface Place {
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

/** Who numbered a message, and how. */
export interface Numbered {
  readonly producer: string
  readonly epoch: number
  readonly sequence: number
}

/**
 * How a handler ended, before anything of it was durable. A loop goes on (`went-on`) from what it has settled itself; it
 * is left (`left`) with what it has not, or the lease of that runs out (`overdue`).
 */
export type RunEnd =
  'returned' | 'threw' | 'retry-after' | 'dead-letter' | 'aborted' | 'went-on' | 'left' | 'overdue'

/** What happened. Values and views are told as JSON texts. */
export type Happening =
  /** What an actor did, or somebody with one, in words; `run` names a run of its effect in what follows. */
  | { readonly kind: 'note'; readonly who: string; readonly text: string; readonly run?: number }
  /** A process opened the directory by itself. */
  | { readonly kind: 'opened'; readonly leasesReturned: number; readonly setAsideBytes: number }
  /** An opening was refused. */
  | { readonly kind: 'refused-opening'; readonly code: string; readonly text: string }
  /** The process, or with `power` the machine, died; `call` is the system call in which it did. */
  | { readonly kind: 'crashed'; readonly how: 'kill' | 'power'; readonly call: string }
  | { readonly kind: 'closed' }
  /**
   * A fault was injected: `EIO in sync of segment-1-1`, `clock +3600000 ms`, `disk full`. With `damage` it changed
   * what the disk held, so that refusing is right from now on.
   */
  | { readonly kind: 'fault'; readonly text: string; readonly damage?: boolean }
  /** A caller asked; `send` names this message in what follows. All of one `batch` are there, or none. */
  | {
      readonly kind: 'sending'
      readonly send: number
      readonly topic: string
      readonly key: string
      readonly value: string
      readonly messageId: string | undefined
      readonly dueMs: number
      readonly batch: number | undefined
      /** The run of a handler that asked, or undefined for the workload. */
      readonly cause: number | undefined
      /** `joined`: it was to share the record of its handler's ack. */
      readonly joined: boolean
    }
  /** The caller was told that it is on disk. */
  | ({ readonly kind: 'confirmed'; readonly send: number } & Place & Numbered)
  /** The caller was told that it failed. */
  | {
      readonly kind: 'rejected'
      readonly send: number
      readonly code: string
      readonly outcome: 'not-written' | 'unknown' | undefined
    }
  /** A handler began; `run` names this run in what follows. */
  | ({
      readonly kind: 'begun'
      readonly run: number
      readonly group: string
      readonly key: string
      readonly value: string
      readonly attempt: number
      /** A loop took it (`for await`), and not a handler. */
      readonly loop?: true
    } & Place &
      Numbered)
  | { readonly kind: 'ended'; readonly run: number; readonly how: RunEnd; readonly text: string | undefined }
  /** The handler itself asked for the end of its message (`message.ack()`, …) before it ended. */
  | {
      readonly kind: 'asked'
      readonly run: number
      readonly how: 'ack' | 'nack' | 'dead-letter'
      readonly loop?: true
    }
  /** The handler called the world outside, which no crash undoes; `error` if the call was made to fail. */
  | {
      readonly kind: 'effect'
      readonly run: number | undefined
      readonly name: string
      readonly value: string
      readonly error: boolean
    }
  /** How a delivery ended, told when it is durable. */
  | ({
      readonly kind: 'settled'
      readonly group: string
      readonly attempt: number
      readonly how: 'ack' | 'nack' | 'dead-letter'
    } & Place)
  /** The group was moved, or its dead letters sent again: what it saw before says nothing of what comes. */
  | {
      readonly kind: 'moved'
      readonly group: string
      readonly topic: string
      readonly how: 'seek' | 'redrive'
      /** It can have moved back only, so that it still must meet everything. */
      readonly backwards?: boolean
    }
  /** Messages below `offset` are gone by the retention that was asked for. */
  | { readonly kind: 'retained'; readonly topic: string; readonly partition: number; readonly offset: number }
  /** An event that the runtime raised: `gap`, `duplicate`, `stalled` … */
  | { readonly kind: 'event'; readonly name: string; readonly text: string }
  /** What lies in a partition and was read back, without a group, at the end or after an opening. */
  | ({ readonly kind: 'read'; readonly value: string } & Place & Numbered)
  /** A dead letter as it is listed at the end; of the attempts `crashed`, only the death of the owner is told. */
  | ({
      readonly kind: 'listed'
      readonly group: string
      readonly attempts: readonly number[]
      readonly crashed?: readonly number[]
    } & Place)
  /** What a partition says of itself: the first offset that it keeps, and the next one to be given. Its `read`s follow. */
  | {
      readonly kind: 'extent'
      readonly topic: string
      readonly partition: number
      readonly first: number
      readonly next: number
    }
  /** All below `next` would be there after a power cut now; told by whoever looked through the disk. */
  | { readonly kind: 'durable'; readonly topic: string; readonly partition: number; readonly next: number }
  /** How many messages a group is not done with, as it says itself. */
  | { readonly kind: 'backlog'; readonly group: string; readonly topic: string; readonly waiting: number }
  /** How much is held of something that has a limit: `bytes in memory`, `messages out`. */
  | { readonly kind: 'held'; readonly what: string; readonly count: number; readonly limit: number }
  /** All faults were off, and time went on until nothing moved any more. */
  | { readonly kind: 'drained'; readonly waiting: number; readonly view: string | undefined }

/** A happening, with where in the run it was. */
export type HistoryEvent = Happening & {
  /** Which process: 1, 2, 3 … */
  readonly life: number
  /** The wall clock of the world, in ms. */
  readonly nowMs: number
}

/** A run, from an empty disk to its end. */
export type History = readonly HistoryEvent[]

/** What the workload promised itself, which no history can tell. */
export interface Terms {
  /** Which groups must get every message of a topic. */
  readonly groups: Readonly<Record<string, readonly string[]>>
  readonly maxDeliveries: number
  /** The run ends with a list of all dead letters (`listed`). Default: it does not. */
  readonly lists?: boolean
  /**
   * What handlers ask for themselves is told (`asked`). Default: it is not, so that a run whose end was not told may
   * have been acknowledged by its handler.
   */
  readonly asks?: boolean
  /** How many handlers of a group may run at once. Default: nobody said. */
  readonly concurrency?: Readonly<Record<string, number>>
}

/** A guarantee that a run broke. */
export interface Violation {
  /** The invariant's name, such as `lost-write`. */
  readonly invariant: string
  /** What was found, in a sentence. */
  readonly text: string
  /** The indices of the events that show it, in order; the last is where it was noticed. */
  readonly events: readonly number[]
}

/** A guarantee, and how to find a history that breaks it. */
export interface Invariant {
  /** Stable; in reports, docs and tests. */
  readonly name: string
  /** Which of the guarantees G1 to G12 it watches. */
  readonly guarantee: string
  /** What holds, in one sentence for a person who meets the name for the first time. */
  readonly about: string
  /** The first violation, or undefined. */
  readonly check: (history: History, terms: Terms) => Violation | undefined
}
