/**
 * Reading all that a journal shows, for comparing it with a model.
 *
 * Owns: walking the mailboxes over their ranges. Leaves the comparison to `log-model.ts`.
 */
import type { MailboxRange, Run } from '../../persistence/index.ts'
import type { LogView, Shown } from './log-model.ts'
import { ViolationError } from './violation.ts'

/** The part of a journal that gives messages back. */
export interface Readable {
  read(mailbox: number, offset: number, bytesMax: number): readonly Run[]
}

const readBytes = 16 * 1024

/** Reads every mailbox over its range. */
export function viewOf(journal: Readable, recovered: Shown): LogView {
  const runs = new Map<number, Run[]>()
  for (const [mailbox, range] of recovered.mailboxes) runs.set(mailbox, readRange(journal, mailbox, range))
  return { recovered, runs }
}

function readRange(journal: Readable, mailbox: number, { first, next }: MailboxRange): Run[] {
  const found: Run[] = []
  let offset = first
  while (offset < next) {
    const runs = journal.read(mailbox, offset, readBytes)
    const end = runs.at(-1)
    const reached = end === undefined ? offset : end.firstOffset + end.count
    if (reached <= offset)
      throw new ViolationError('hole', `mailbox ${mailbox} stops at ${offset} of ${next}`)
    found.push(...runs)
    offset = reached
  }
  return found
}
