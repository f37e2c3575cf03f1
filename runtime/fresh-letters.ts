/**
 * Events on their way to actors, kept beside the run that they were written into: who takes that mail soon after need not
 * read it from bytes again.
 *
 * Owns: which mail has its event at hand. Leaves the bytes, which are the truth, to the run; and how long a run is kept to
 * `recent-runs.ts`.
 *
 * FL1. An event that is kept equals what the bytes say, and is nobody else's: it was copied when it was sent.
 * FL2. It is given once. Who takes the mail another time, after a turn that failed, reads the bytes: what the first try
 *     did to the event is gone.
 */
import type { TypedEvent } from '../actors/index.ts'
import type { Run } from '../persistence/index.ts'

export interface FreshLetter {
  readonly key: string
  readonly event: TypedEvent
}

/** A run as it was drafted, with the letters in it, if it has any. */
export interface DraftedRun extends Run {
  readonly letters?: (FreshLetter | undefined)[] | undefined
}

/** About what the objects of a letter take for each byte of its record. */
export const FRESH_BYTES_PER_BYTE = 3

export function takeFresh({ letters }: DraftedRun, index: number): FreshLetter | undefined {
  const letter = letters?.[index]
  if (letters !== undefined) letters[index] = undefined
  return letter
}
