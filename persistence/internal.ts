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
export { SPARE_WORD, SpareMaker, waitWhileMaking } from './spare-maker.ts'
export { pause, systemProcesses, systemRandom } from './system.ts'
export { ThreadStore } from './thread-store.ts'
export { packBytes, packRecovered, packRuns, unpackBytes, unpackRecovered, unpackRuns } from './wire-bytes.ts'
export { decodeError, encodeError } from './wire-error.ts'
export { claim, newestOwner } from './claim.ts'
export type { Claim } from './claim.ts'
export { Journal } from './journal.ts'
export { JournalStore } from './journal-store.ts'
export { prepareDirectory } from './prepare-directory.ts'
export { peek, restIsZero, surveyDirectory } from './survey.ts'
export { align8, checksum, getU64, isZero, putU64, usedLength, viewOf } from './bytes.ts'
export { chooseSegments } from './choose-segments.ts'
export type { ChosenSegment } from './choose-segments.ts'
export { decodeClosed, encodeClosed } from './closed-record.ts'
export type { Floor } from './closed-record.ts'
export { draftOf } from './draft.ts'
export { examine, walkEarlier } from './examine.ts'
export type { Log } from './examine.ts'
export { decodeDirectory, decodeHead, encodeFrame, headBytes, shapeOf } from './frame.ts'
export type { FrameStamp } from './frame.ts'
export {
  batchBytesMax,
  blockBytes,
  closingBytes,
  frameBytesMax,
  segmentBytesMax,
  segmentBytesMin,
} from './limits.ts'
export { MailboxIndex } from './mailbox-index.ts'
export { decodeMarker, encodeMarker, readMarker } from './marker.ts'
export { asideName, closedName, freedName, markerName, ownerName, readName, segmentName } from './names.ts'
export { decide, fileTable, matches, tailTable } from './recovery-table.ts'
export type { FileFacts, TailFacts } from './recovery-table.ts'
export { decodeHeader, encodeHeader, newerVersion } from './segment-header.ts'
export type { SegmentHeader } from './segment-header.ts'
export { bodyDamage, directoryOf, lookAt, payloadOf, SegmentReader, walkFrames } from './segment-reader.ts'
export type { WalkEnd } from './segment-reader.ts'
export { plainDraft } from './segment-writer.ts'
export { makeSmall, makeZeros, readSmall, withFile } from './small-file.ts'
export { InlineSpares } from './spare-segments.ts'
export { judgeTail, magicsIn } from './tail.ts'
export type { TailContext } from './tail.ts'
