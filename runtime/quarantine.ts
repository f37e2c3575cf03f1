/**
 * One suspect at a time: the turn that groups take after a crash.
 *
 * Owns: whether a message that may have killed the process is being tried somewhere, and who waits for the turn.
 * Leaves to the desks which messages are suspects; what is no suspect goes on meanwhile in other groups.
 *
 * QU1. Never more than one holder; those who wait are told when the turn is free.
 */

export class Quarantine {
  #isTaken = false
  #waiting = new Set<() => void>()

  /** Takes the turn, if it is free; if not, `wake` is called when it is. */
  enter(wake: () => void): boolean {
    if (this.#isTaken) {
      this.#waiting.add(wake)
      return false
    }
    this.#isTaken = true
    return true
  }

  leave(): void {
    const waiting = this.#waiting
    this.#isTaken = false
    this.#waiting = new Set()
    for (const wake of waiting) wake()
  }
}
