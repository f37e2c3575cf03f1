/**
 * The guarantees as named checkers: each looks through a history for the first thing that breaks it.
 *
 * Owns: the list of the invariants, the more telling ones first, and what cannot be checked yet.
 * Leaves each to its own file.
 *
 * IN1. Every name is there once, and every invariant says in one sentence what holds.
 */
import type { Invariant } from '../history.ts'
import { abortedRead } from './aborted-read.ts'
import { ackBeforeWork } from './ack-before-work.ts'
import { attemptRegress } from './attempt-regress.ts'
import { cursorRegress } from './cursor-regress.ts'
import { deadTooSoon } from './dead-too-soon.ts'
import { dirtyDelivery } from './dirty-delivery.ts'
import { dlqLoss } from './dlq-loss.ts'
import { doubleLease } from './double-lease.ts'
import { duplicateAppend } from './duplicate-append.ts'
import { duplicatedEffect } from './duplicated-effect.ts'
import { earlyAck } from './early-ack.ts'
import { earlyTimer } from './early-timer.ts'
import { falseAlarm } from './false-alarm.ts'
import { falseRefusal } from './false-refusal.ts'
import { gap } from './gap.ts'
import { hole } from './hole.ts'
import { inconsistentOffset } from './inconsistent-offset.ts'
import { lostAttempt } from './lost-attempt.ts'
import { lostDelivery } from './lost-delivery.ts'
import { lostTimer } from './lost-timer.ts'
import { lostWrite } from './lost-write.ts'
import { compareRuns, nondeterminism } from './nondeterminism.ts'
import { nonmonotonicDelivery } from './nonmonotonic-delivery.ts'
import { offsetRegress } from './offset-regress.ts'
import { phantom } from './phantom.ts'
import { prematureRetention, zombie } from './premature-retention.ts'
import { producerGap } from './producer-gap.ts'
import { redeliveryAfterDurableAck } from './redelivery-after-durable-ack.ts'
import { reordered } from './reordered.ts'
import { lostSuffix, silentTruncation, staleRead, unstableRecovery } from './shortages.ts'
import { silentCorruption } from './silent-corruption.ts'
import { splitOwner } from './split-owner.ts'
import { stuck } from './stuck.ts'
import { tornBatch } from './torn-batch.ts'
import { unbounded } from './unbounded.ts'

export {
  abortedRead,
  ackBeforeWork,
  attemptRegress,
  compareRuns,
  cursorRegress,
  deadTooSoon,
  dirtyDelivery,
  dlqLoss,
  doubleLease,
  duplicateAppend,
  duplicatedEffect,
  earlyAck,
  earlyTimer,
  falseAlarm,
  falseRefusal,
  gap,
  hole,
  inconsistentOffset,
  lostAttempt,
  lostDelivery,
  lostSuffix,
  lostTimer,
  lostWrite,
  nondeterminism,
  nonmonotonicDelivery,
  offsetRegress,
  phantom,
  prematureRetention,
  producerGap,
  redeliveryAfterDurableAck,
  reordered,
  silentCorruption,
  silentTruncation,
  splitOwner,
  staleRead,
  stuck,
  tornBatch,
  unbounded,
  unstableRecovery,
  zombie,
}

/** All invariants; where several are broken, the first of them says most. */
export const allInvariants: readonly Invariant[] = [
  falseRefusal,
  splitOwner,
  silentTruncation,
  lostSuffix,
  unstableRecovery,
  earlyAck,
  dirtyDelivery,
  silentCorruption,
  inconsistentOffset,
  lostWrite,
  lostTimer,
  phantom,
  abortedRead,
  duplicateAppend,
  duplicatedEffect,
  tornBatch,
  offsetRegress,
  producerGap,
  reordered,
  nonmonotonicDelivery,
  gap,
  hole,
  staleRead,
  ackBeforeWork,
  redeliveryAfterDurableAck,
  doubleLease,
  attemptRegress,
  lostDelivery,
  dlqLoss,
  deadTooSoon,
  lostAttempt,
  cursorRegress,
  earlyTimer,
  prematureRetention,
  zombie,
  stuck,
  unbounded,
  falseAlarm,
]

/** Guarantees that no history can break yet, and why. */
export const notYet: Readonly<Record<string, string>> = {
  'mirror-divergence': 'There is one copy of the data: nothing can differ.',
  'stale-mirror-open': 'There is one copy of the data: none can be behind.',
}
