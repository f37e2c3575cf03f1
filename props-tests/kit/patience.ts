/**
 * Waiting for what a handler asked of the real world: a file, a socket.
 *
 * Owns: whether there is such work, and a bounded wait for it. Leaves simulated time to the clock.
 *
 * PA1. Where nothing of the real world is under way, no real time passes.
 */
export interface Patience {
  /** Waits a moment of real time if something real is under way; false if there is nothing, or patience is at its end. */
  wait(): Promise<boolean>
}

/** For what never leaves the simulation. */
export const noPatience: Patience = { wait: () => Promise.resolve(false) }
