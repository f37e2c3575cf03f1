/**
 * What a confirmed send gets back.
 *
 * Owns: the shape. Leaves when it may be given to the broker: after the commit, never before (G1).
 */

/** Where a confirmed message is. It is on disk when you hold this. */
export interface Receipt {
  readonly topic: string
  readonly partition: number
  /** Position in the partition, counted from 0. */
  readonly offset: number
  readonly producer: string
  readonly epoch: number
  /** The producer's own count in this partition, from 1. */
  readonly sequence: number
  /** True when this message id (or sequence) had been stored before; the other fields are the original's. */
  readonly duplicate: boolean
  /** On how many copies it is durable. */
  readonly copies: number
}
