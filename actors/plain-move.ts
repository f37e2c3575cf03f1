/**
 * What transitions do in one microstep, when that is known before: which states are active then, and what is done.
 *
 * Owns: which microsteps are plain. Leaves to `skeleton.ts` where they lead, to `plain-action.ts` each action.
 *
 * WY1. Actions run in the order of XState.
 * WY2. Not plain is what depends on more than the active states: history and final states, and what is invoked. A way
 *      into history counts also when another one keeps it from being taken.
 */
import type { AnyStateMachine, AnyStateNode } from 'xstate'
import type { Configuration } from './configuration.ts'
import { actOf, type Act } from './plain-action.ts'
import type { Chosen } from './plain-choice.ts'
import type { Mark } from './skeleton.ts'

export interface Move {
  readonly acts: readonly Act[]
  /** Undefined for the states it began in. */
  readonly to: Configuration | undefined
}

/** What is done on the way; undefined for a microstep that is not plain. */
export function actsOf(
  machine: AnyStateMachine,
  chosen: Chosen,
  marks: readonly Mark[],
): readonly Act[] | undefined {
  const isPlain = marks.every(isPlainAt) && !chosen.some(({ target = [] }) => target.some(isHistory))
  return isPlain ? marks.flatMap(actionsAt).map((action) => actOf(machine, action)) : undefined
}

function actionsAt(mark: Mark): readonly unknown[] {
  if (mark.at === 'transition') return mark.transition.actions
  return mark.at === 'initial' ? mark.node.initial.actions : mark.node[mark.at]
}

function isPlainAt(mark: Mark): boolean {
  if (mark.at === 'transition') return true
  const { type, invoke, states } = mark.node
  if (type === 'final' || invoke.length > 0) return false
  return mark.at === 'exit' ? !Object.values(states).some(isHistory) : !isHistoryFirst(mark.node)
}

function isHistoryFirst(node: AnyStateNode): boolean {
  return node.type === 'compound' && node.initial.target.some(isHistory)
}

function isHistory({ type }: Pick<AnyStateNode, 'type'>): boolean {
  return type === 'history'
}
