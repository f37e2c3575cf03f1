/**
 * What transitions do in one microstep, when that is known before: which states are active then, and what is done.
 *
 * Owns: which microsteps are plain. Leaves to `skeleton.ts` where they lead, to `plain-action.ts` each action.
 *
 * WY1. Actions run in the order of XState.
 * WY2. Not plain is what does more than change states: final states, and what is invoked.
 */
import type { AnyStateMachine } from 'xstate'
import type { Configuration } from './configuration.ts'
import { actOf, type Act } from './plain-action.ts'
import type { Mark } from './skeleton.ts'

export interface Move {
  readonly acts: readonly Act[]
  /** Undefined for the states it began in. */
  readonly to: Configuration | undefined
}

/** What is done on the way; undefined for a microstep that is not plain. */
export function actsOf(machine: AnyStateMachine, marks: readonly Mark[]): readonly Act[] | undefined {
  if (!marks.every(isPlainAt)) return undefined
  return marks.flatMap(actionsAt).map((action) => actOf(machine, action))
}

function actionsAt(mark: Mark): readonly unknown[] {
  if (mark.at === 'transition') return mark.transition.actions
  return mark.at === 'initial' ? mark.node.initial.actions : mark.node[mark.at]
}

function isPlainAt(mark: Mark): boolean {
  return mark.at === 'transition' || (mark.node.type !== 'final' && mark.node.invoke.length === 0)
}
