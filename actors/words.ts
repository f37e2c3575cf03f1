/**
 * The words that machines use for what holds messages up.
 *
 * Owns: the closed lists, so that an announcement can be matched on.
 * Leaves to the runtime: turning an error into a refusal, and a cause into the `stalled` event of the user.
 *
 * WD1. Every stall names exactly one cause (G8).
 */

/**
 * Why storage refused a batch, definitely: none of it was written, and it may be tried again.
 * Only errors of this kind are a refusal; every other failure of a commit is final.
 */
export type Refusal = 'disk-full'

/** Why confirmed or waiting messages do not move on. */
export type StallCause =
  /** Storage refuses; sends wait for their deadlines. */
  | Refusal
  /** A commit takes longer than the stall time. */
  | 'slow-commit'
  /** All slots of the consumer are taken by handlers that have not ended. */
  | 'no-credit'
  /** The consumer asked for leases and the broker has given none. */
  | 'no-lease'
  /** Messages wait behind an unfinished earlier message of their key. */
  | 'blocked'
  /** The consumer is paused while messages wait. */
  | 'paused'
  /** The consumer drains and a handler does not end. */
  | 'draining'

/** Why something that waited is given up. */
export type Ending = 'broken' | 'fenced' | 'closed' | Refusal
