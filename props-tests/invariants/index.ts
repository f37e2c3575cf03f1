/**
 * The guarantees as named checkers: each looks through a history for the first thing that breaks it.
 *
 * Owns: the list of the invariants, the more telling ones first. Leaves each to its own file.
 *
 * IN1. Every name is there once, and every invariant says in one sentence what holds.
 */
import type { Invariant } from '../history.ts'
import { abortedRead } from './aborted-read.ts'
import { duplicateAppend } from './duplicate-append.ts'
import { duplicatedEffect } from './duplicated-effect.ts'
import { earlyTimer } from './early-timer.ts'
import { falseRefusal } from './false-refusal.ts'
import { gap } from './gap.ts'
import { lostWrite } from './lost-write.ts'
import { phantom } from './phantom.ts'
import { redeliveryAfterDurableAck } from './redelivery-after-durable-ack.ts'
import { reordered } from './reordered.ts'
import { tornBatch } from './torn-batch.ts'

export {
  abortedRead,
  duplicateAppend,
  duplicatedEffect,
  earlyTimer,
  falseRefusal,
  gap,
  lostWrite,
  phantom,
  redeliveryAfterDurableAck,
  reordered,
  tornBatch,
}

/** All invariants; where several are broken, the first of them says most. */
export const allInvariants: readonly Invariant[] = [
  falseRefusal,
  lostWrite,
  phantom,
  abortedRead,
  duplicateAppend,
  duplicatedEffect,
  tornBatch,
  redeliveryAfterDurableAck,
  reordered,
  earlyTimer,
  gap,
]
