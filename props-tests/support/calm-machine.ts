/**
 * Machines of which most steps are plain: random ones, with what makes a step anything else taken out.
 *
 * Owns: what is taken out. Leaves the rest to `random-machine.ts`.
 */
import type { Arbitrary } from 'fast-check'
import { machineSpec, type ActionSpec, type NodeSpec, type TransitionSpec } from './random-machine.ts'

const CALM: ReadonlySet<string> = new Set([
  'count',
  'double',
  'emit',
  'log',
  'trace',
  'later',
  'cancel',
  'hire',
])

function calmActions(actions: readonly ActionSpec[]): readonly ActionSpec[] {
  return actions.filter(({ kind }) => CALM.has(kind))
}

function calmMove(move: TransitionSpec): TransitionSpec {
  return { ...move, actions: calmActions(move.actions) }
}

function calmNode(node: NodeSpec): NodeSpec {
  return {
    ...node,
    entry: calmActions(node.entry),
    exit: calmActions(node.exit),
    on: node.on.map(([event, move]) => [event, calmMove(move)] as const),
    after: node.after.map(([ms, move]) => [ms, calmMove(move)] as const),
    always: node.always.map(calmMove),
    child: 'none',
    states: node.states.map(calmNode),
  }
}

export const calmSpec: Arbitrary<NodeSpec> = machineSpec.map(calmNode)
