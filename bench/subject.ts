/**
 * What is measured: anything that takes a value and says when it is safe.
 *
 * Owns: the contract between the load and those under it. Leaves each subject to its own file.
 */

/** One opened subject, on a directory of its own. */
export interface Subject {
  /** Sends message number `index`; resolves when it is confirmed. */
  send(index: number): Promise<unknown>
  /** Resolves when all that was sent has come to its end. */
  settled(): Promise<void>
  close(): Promise<void>
}

export interface Contender {
  readonly name: string
  open(directory: string): Promise<Subject>
}

/** Bytes of a value: of the binary one exactly, of the others as near as their form allows. */
export const VALUE_BYTES = 128
