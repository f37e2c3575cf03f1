/**
 * Who may open a directory: the look at the last owner, the exclusive claim, then the courtesy lock.
 *
 * Owns: the order of these three, and the words of a refusal. Leaves the claim's file to `claim.ts`, the look to
 * `owner-liveness.ts` and the lock to `courtesy-lock.ts`.
 *
 * OW1. The claim comes first and decides: of openers that race for one epoch exactly one gets it, the others are refused
 *      at once. So a kill between claim and lock never leaves a directory that nobody can open.
 * OW2. An owner that is alive, stopped or not, keeps the directory unless `takeover` was asked for.
 * OW3. An owner that cannot be seen keeps it while its lock, or its claim, is younger than `staleMs`.
 * OW4. Of two takeovers at the same moment the second is refused: it was meant for the owner before.
 * OW5. An owner's file that is not yet whole is looked at again for a short while; then its writer counts as dead.
 */
import { claim, newestOwner } from './claim.ts'
import type { Claim, OwnerSight } from './claim.ts'
import type { Disk } from './disk.ts'
import { LockedError } from './errors.ts'
import type { OwnerIdentity } from './owner-identity.ts'
import { livenessOf } from './owner-liveness.ts'
import type { Processes } from './owner-liveness.ts'
import { timeText } from './system.ts'

/** What taking ownership needs of the world. */
export interface OwnershipPorts {
  readonly disk: Disk
  readonly processes: Processes
  /** How long the lock may go untouched before its owner counts as dead. */
  readonly staleMs: number
  /** Whether the courtesy lock of this directory was touched within `staleMs`. */
  isLockFresh(directory: string): Promise<boolean>
  pause(durationMs: number): Promise<void>
}

const LOOKS_MAX = 20
const LOOK_PAUSE_MS = 10
/** Within this time after a takeover another one is refused, unless the owner is stopped. */
const TAKEOVER_GRACE_MS = 1_000

/** Claims the next epoch of the directory, or throws `LockedError`. The directory exists. */
export async function takeOwnership(
  ports: OwnershipPorts,
  directory: string,
  takeover: boolean,
): Promise<Claim> {
  const seen = await lookAtOwner(ports, directory)
  // After the look, so that whoever is seen claimed before this moment, and its age is never negative by our own doing.
  const self = ports.processes.identify(takeover)
  if (seen?.identity !== undefined && !seen.closed) {
    await refuseIfHeld(ports, { directory, self, owner: seen.identity })
  }
  return claim(ports.disk, { directory, identity: self }, seen)
}

async function lookAtOwner(ports: OwnershipPorts, directory: string): Promise<OwnerSight | undefined> {
  for (let looks = 1; ; looks += 1) {
    const seen = newestOwner(ports.disk, directory)
    const isWhole = seen === undefined || seen.closed || seen.identity !== undefined
    if (isWhole || looks === LOOKS_MAX) return seen
    await ports.pause(LOOK_PAUSE_MS)
  }
}

interface Contest {
  readonly directory: string
  readonly self: OwnerIdentity
  readonly owner: OwnerIdentity
}

async function refuseIfHeld(ports: OwnershipPorts, contest: Contest): Promise<void> {
  const { self, owner } = contest
  const { liveness, stopped } = livenessOf(owner, self, ports.processes)
  if (liveness === 'dead') return
  if (self.takeover) {
    if (liveness === 'alive' && !stopped && wonJustNow(contest)) throw locked(contest, JUST_TAKEN)
    return
  }
  if (liveness === 'alive') throw locked(contest, stopped ? STOPPED : ALIVE)
  if (isRecent(contest, ports.staleMs)) throw locked(contest, unseen(ports.staleMs))
  if (await ports.isLockFresh(contest.directory)) throw locked(contest, unseen(ports.staleMs))
}

function wonJustNow(contest: Contest): boolean {
  const { self, owner } = contest
  return owner.takeover && owner.pid !== self.pid && isRecent(contest, TAKEOVER_GRACE_MS)
}

/** A clock that jumped back makes an age negative; such a claim is not recent. */
function isRecent({ self, owner }: Contest, withinMs: number): boolean {
  const ageMs = self.claimedAtMs - owner.claimedAtMs
  return ageMs >= 0 && ageMs < withinMs
}

const ALIVE = 'Close it there, or open with takeover: true to replace it.'
const STOPPED = 'That process is stopped. Let it go on and close, or open with takeover: true to replace it.'
const JUST_TAKEN = 'It took over a moment ago, as this opener meant to do.'
const unseen = (staleMs: number): string =>
  `It cannot be seen from here, but showed life within the last ${staleMs} ms. ` +
  'Open again after that time, or open with takeover: true to replace it.'

function locked({ directory, owner }: Contest, advice: string): LockedError {
  const since = timeText(owner.claimedAtMs)
  const message = `${directory} is open in process ${owner.pid} on ${owner.hostname} since ${since}. ${advice}`
  return new LockedError(message)
}
