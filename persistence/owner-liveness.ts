/**
 * Whether the owner of a directory lives: one verdict from its identity and from what this machine can see.
 *
 * Owns: the verdict. Leaves to `system.ts` how a process is looked at, to `courtesy-lock.ts` the freshness that decides
 * when nothing can be seen, and to `claim.ts` the exclusive claim that keeps a wrong verdict harmless.
 *
 * OL1. A process that was stopped is alive, however long it has been stopped.
 * OL2. A process that ended is dead at once: no time-out is waited for, and a reused process id deceives nobody.
 * OL3. A thread that ended, in a process that lives, no longer owns.
 * OL4. What cannot be seen (another machine, another container, an earlier boot) is unknown, never guessed.
 */
import type { OwnerIdentity } from './owner-identity.ts'

export type Liveness = 'alive' | 'dead' | 'unknown'

/** What the system tells of a process and one of its threads. */
export type Sight =
  /** Both are there. The starts are the empty string where the system does not tell them. */
  | {
      readonly kind: 'seen'
      readonly processStart: string
      readonly threadStart: string
      readonly stopped: boolean
    }
  | { readonly kind: 'gone' }
  /** There is such a process, but no more can be known of it. */
  | { readonly kind: 'hidden' }

/** This process, and its view of the others. */
export interface Processes {
  /** Facts about the calling thread. */
  identify(takeover: boolean): OwnerIdentity
  look(pid: number, thread: string): Sight
}

/** What is known of an owner. `stopped` is only ever true of one that is alive. */
export interface Verdict {
  readonly liveness: Liveness
  readonly stopped: boolean
}

const DEAD: Verdict = { liveness: 'dead', stopped: false }
const UNKNOWN: Verdict = { liveness: 'unknown', stopped: false }

export function livenessOf(owner: OwnerIdentity, self: OwnerIdentity, processes: Processes): Verdict {
  if (!sameMachine(owner, self)) return UNKNOWN
  const sight = processes.look(owner.pid, owner.thread)
  if (sight.kind === 'gone') return DEAD
  if (sight.kind === 'hidden') return UNKNOWN
  if (owner.processStart === '' || sight.processStart === '') return UNKNOWN
  if (sight.processStart !== owner.processStart) return DEAD
  if (sight.threadStart !== owner.threadStart) return DEAD
  return { liveness: 'alive', stopped: sight.stopped }
}

/** The boot id tells machines apart better than their names do, which containers share and change. */
function sameMachine(owner: OwnerIdentity, self: OwnerIdentity): boolean {
  if (owner.bootId !== self.bootId || owner.pidNamespace !== self.pidNamespace) return false
  return owner.bootId !== '' || owner.hostname === self.hostname
}
