/**
 * All examples of the invariants.
 *
 * Owns: the list. Leaves each to a file of its own.
 */
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
import type { Example } from './example.ts'
import { falseAlarm } from './false-alarm.ts'
import { falseRefusal } from './false-refusal.ts'
import { gap } from './gap.ts'
import { hole } from './hole.ts'
import { inconsistentOffset } from './inconsistent-offset.ts'
import { lostAttempt } from './lost-attempt.ts'
import { lostDelivery } from './lost-delivery.ts'
import { lostSuffix } from './lost-suffix.ts'
import { lostTimer } from './lost-timer.ts'
import { lostWrite } from './lost-write.ts'
import { nonmonotonicDelivery } from './nonmonotonic-delivery.ts'
import { offsetRegress } from './offset-regress.ts'
import { phantom } from './phantom.ts'
import { prematureRetention } from './premature-retention.ts'
import { producerGap } from './producer-gap.ts'
import { redeliveryAfterDurableAck } from './redelivery-after-durable-ack.ts'
import { reordered } from './reordered.ts'
import { silentCorruption } from './silent-corruption.ts'
import { silentTruncation } from './silent-truncation.ts'
import { splitOwner } from './split-owner.ts'
import { staleRead } from './stale-read.ts'
import { stuck } from './stuck.ts'
import { tornBatch } from './torn-batch.ts'
import { unbounded } from './unbounded.ts'
import { unstableRecovery } from './unstable-recovery.ts'
import { zombie } from './zombie.ts'

export const examples: readonly Example[] = [
  abortedRead,
  ackBeforeWork,
  attemptRegress,
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
]
