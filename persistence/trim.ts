/**
 * Which segments may go, and the frames that say so before they do.
 *
 * Owns: the low watermark and the next offsets that would be forgotten with the segments.
 * Leaves to `journal.ts` writing the frames and removing the files.
 *
 * TM1. A segment goes only when no message in it is needed and no state in it counts; always the oldest first.
 * TM2. A mailbox without a run in the kept segments has its next offset in a TRIM frame in one of them.
 */

import { directoryEntryBytes } from './limits.ts'
import { headBytes, runFields } from './frame.ts'
import type { FrameDraft } from './frame.ts'
import type { Ledger } from './ledger.ts'
import type { MailboxIndex } from './mailbox-index.ts'

/** The id of the oldest segment that must stay. */
export function planTrim(
  log: { readonly index: MailboxIndex; readonly ledger: Ledger; readonly activeId: number },
  firsts: ReadonlyMap<number, number>,
): number {
  const { index, ledger, activeId } = log
  return Math.min(index.oldestNeeded(firsts) ?? activeId, ledger.oldestState ?? activeId, activeId)
}

/** One draft or more; the watermark may move only with the last of them. */
export function trimDrafts(
  stragglers: readonly { readonly mailbox: number; readonly next: number }[],
  frameBytesMax: number,
): FrameDraft[] {
  const perFrame = Math.floor(frameBytesMax / 2 / directoryEntryBytes)
  const drafts: FrameDraft[] = []
  for (let start = 0; start === 0 || start < stragglers.length; start += perFrame) {
    const part = stragglers.slice(start, start + perFrame)
    const runs = new Float64Array(part.length * runFields)
    for (const [i, { mailbox, next }] of part.entries()) runs.set([mailbox, 0, next, 0, 0], i * runFields)
    const payloadStart = headBytes(part.length, 0)
    const counts = { payloadBytes: 0, eventCount: 0, eventBytes: 0 }
    drafts.push({ buffer: new Uint8Array(payloadStart + 8), payloadStart, ...counts, runs })
  }
  return drafts
}
