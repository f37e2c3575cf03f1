/**
 * The ledger of an earlier run, from what the store gave back.
 *
 * Owns: the order of folding, holding state and messages against each other, and the beginning of a run.
 * Leaves what each event does to the ledger, and what was damaged on disk to the store.
 *
 * LR1. State and messages come from the same batches: where they disagree the directory is refused.
 * LR2. Every lease of an earlier run is back when the ledger is, its attempt counted.
 */
import { CorruptError, type Store } from '../persistence/index.ts'
import type { DueClock } from './due-clock.ts'
import type { Ledger } from './ledger.ts'
import { readEvent } from './ledger-event.ts'

/** Folds what the store gave back; returns how many leases of an earlier owner are ready again. */
export function recoverLedger(ledger: Ledger, store: Store, dueClock: DueClock): number {
  const { checkpoint, events, mailboxes } = store.recovered
  if (checkpoint !== undefined) ledger.restore(checkpoint)
  for (const bytes of events) ledger.apply(readEvent(bytes), dueClock.startMs)
  for (const [mailbox, { next }] of mailboxes) checkEnd(ledger, mailbox, next)
  for (const mailbox of ledger.mailboxes.values()) mailbox.begin()
  let returned = 0
  for (const group of ledger.groups.values()) for (const lane of group.lanes) returned += lane.begin(dueClock)
  return returned
}

/** The state and the messages come from the same batches: they must agree. */
function checkEnd(ledger: Ledger, mailbox: number, next: number): void {
  const known = ledger.mailboxes.get(mailbox)?.next
  if (known === next) return
  throw new CorruptError({
    file: 'the journal',
    start: 0,
    end: 0,
    reason: `mailbox ${mailbox} ends at offset ${next}, but its state says ${known ?? 'nothing'}`,
    offsets: [{ mailbox, first: Math.min(next, known ?? 0), last: Math.max(next, known ?? 0) - 1 }],
  })
}
