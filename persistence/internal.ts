/**
 * The seam for the project's own tests: inner parts of storage under one address, outside the package's doors.
 *
 * Owns: the list. Leaves everything else to the modules.
 */
export { Announcements } from './announcements.ts'
export { CourtesyLock, isLockFresh, staleMs } from './courtesy-lock.ts'
export { nodeDisk } from './node-disk.ts'
export { decodeIdentity, encodeIdentity } from './owner-identity.ts'
export type { OwnerIdentity } from './owner-identity.ts'
export { livenessOf } from './owner-liveness.ts'
export type { Liveness, Processes, Sight, Verdict } from './owner-liveness.ts'
export { takeOwnership } from './ownership.ts'
export type { OwnershipPorts } from './ownership.ts'
export { SharedDraft } from './shared-draft.ts'
export { SpareMaker } from './spare-maker.ts'
export { systemProcesses, systemRandom } from './system.ts'
export { packBytes, packRecovered, packRuns, unpackBytes, unpackRecovered, unpackRuns } from './wire-bytes.ts'
export { decodeError, encodeError } from './wire-error.ts'
export { claim, newestOwner } from './claim.ts'
export type { Claim } from './claim.ts'
export { Journal } from './journal.ts'
export { JournalStore } from './journal-store.ts'
export { peek, prepareDirectory } from './survey.ts'
