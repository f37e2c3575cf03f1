/**
 * All seeded bugs: those planted in the text of the real code, and those that wrap a port.
 *
 * Owns: the one list. Leaves the bugs to their files, and to `bug-verdict.ts` what is asked of each.
 */
import { rightSubject } from '../support/journal-subject.ts'
import { runtimeBugs } from '../support/runtime-bugs.ts'
import type { Bug } from '../support/runtime-run.ts'
import { seededBugs } from '../support/seeded-bugs.ts'
import type { SeededBug, Trigger } from '../support/seeded-bugs.ts'
import { actorBugs } from './actor-bugs.ts'
import { boundBugs } from './bound-bugs.ts'
import { deliveryBugs } from './delivery-bugs.ts'
import { unwrapped } from './hunts.ts'
import type { HuntName, Suspects } from './hunts.ts'
import { journalBugs } from './journal-bugs.ts'
import { machineBugs } from './machine-bugs.ts'
import { openingBugs } from './opening-bugs.ts'
import { ownerBugs } from './owner-bugs.ts'
import type { SourceBug } from './source-bug.ts'
import { stateBugs } from './state-bugs.ts'
import { stepBugs } from './step-bugs.ts'

/** Right code behind a port that is wrong. */
export interface WrappedBug {
  readonly name: string
  readonly suspects: Suspects
  readonly hunts: readonly HuntName[]
  readonly showsInCalm?: true
}

/** A closing and an opening, without a crash, are enough for these. */
const shownInCalm: ReadonlySet<string> = new Set([
  'confirmed before the sync',
  'the names of files are not synced',
  'confirmed one batch early',
  'commits that nobody waits for are not synced',
  'epochs of producers are not written',
  'reading passes over a run',
  'a checkpoint holds the state before the last one',
  'a trim frees one message too many',
])

const huntsFor: Readonly<Record<Trigger, HuntName>> = {
  crash: 'journal crashes',
  'failed-sync': 'journal faults',
  damage: 'journal damage',
}

export const sourceBugs: readonly SourceBug[] = [
  ...journalBugs,
  ...openingBugs,
  ...ownerBugs,
  ...deliveryBugs,
  ...stateBugs,
  ...boundBugs,
  ...actorBugs,
  ...machineBugs,
  ...stepBugs,
]

export const wrappedBugs: readonly WrappedBug[] = [
  ...seededBugs.map(aroundJournal),
  ...runtimeBugs.map(aroundRuntime),
]

function aroundJournal({ name, trigger, plant }: SeededBug): WrappedBug {
  const suspects = { ...unwrapped, journal: plant(rightSubject) }
  return { name: `journal: ${name}`, suspects, hunts: [huntsFor[trigger]] }
}

function aroundRuntime(bug: Bug): WrappedBug {
  const found = {
    name: `runtime: ${bug.name}`,
    suspects: { ...unwrapped, runtime: bug },
    hunts: ['runtime crashes'],
  } as const
  return shownInCalm.has(bug.name) ? { ...found, showsInCalm: true } : found
}
