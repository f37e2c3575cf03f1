/**
 * The upgrade of one stored state, taken twice to see whether it is pure, and whether the new version can take it.
 *
 * Owns: naming what is wrong with it. Leaves turns to `turn-lint.ts`.
 *
 * ML1. A state that the new version refuses, or at which `migrate` throws, is named with what is to be done.
 * ML3. A state that waits for a timer which the upgrade lost is named too: nothing would move it on.
 * ML2. What `migrate` gives hangs on the state alone, and comes back from its bytes.
 */
import type { ActorLogic, ActorView, ArmedTimer, StoredState } from '../../actors/index.ts'
import { pathOfDifference } from './json-path.ts'
import { lostTimer } from './migrated-timers.ts'
import { ambientFaults } from './turn-lint.ts'
import type { Fault } from './turn-lint.ts'
import { trapped } from './turn-traps.ts'
import type { Trapped } from './turn-traps.ts'

/** A state as the new version has it. */
export interface Migrated {
  readonly stored: StoredState
  readonly view: ActorView
  /** Where something still runs. */
  readonly running: readonly string[]
}

/** Upgrades a state, in which the older version armed these timers; `outcome` is undefined where that cannot be done. */
export function lintMigration(
  logic: ActorLogic,
  stored: StoredState,
  armed: readonly ArmedTimer[],
): { readonly outcome: Migrated | undefined; readonly faults: readonly Fault[] } {
  const seen: Trapped[] = []
  try {
    const outcome = trapped(seen, () => migrated(logic, stored))
    const again = migrated(logic, stored)
    const faults = [...ambientFaults(seen), ...differing(outcome, again)]
    if (faults.length === 0) faults.push(...waitingInVain(logic, stored, armed))
    return { outcome, faults }
  } catch (error) {
    const text = `the state ${cut(stored.text)} cannot be taken: ${error instanceof Error ? error.message : String(error)}`
    return { outcome: undefined, faults: [...ambientFaults(seen), { invariant: 'failed-migration', text }] }
  }
}

function migrated(logic: ActorLogic, stored: StoredState): Migrated {
  const state = logic.load(stored)
  const { version, hash } = logic
  const running = logic.running(state).map(({ effect }) => effect)
  return { stored: { version, hash, text: logic.save(state) }, view: logic.view(state), running }
}

function waitingInVain(logic: ActorLogic, stored: StoredState, armed: readonly ArmedTimer[]): Fault[] {
  const lost = lostTimer(logic, logic.load(stored), armed)
  if (lost === undefined) return []
  return [{ invariant: 'failed-migration', text: `the state ${cut(stored.text)} loses a timer: ${lost}` }]
}

function differing({ stored: { text } }: Migrated, again: Migrated): Fault[] {
  if (text === again.stored.text) return []
  const [one, other] = [text, again.stored.text].map(
    (each) => JSON.parse(each.replace(/^refs/, '')) as unknown,
  )
  const path = pathOfDifference(one, other)
  return [
    { invariant: 'impure-turn', text: `migrate gave two results for one state: they differ at '${path}'` },
  ]
}

const cut = (text: string): string => (text.length <= 160 ? text : `${text.slice(0, 159)}…`)
