/**
 * Machines of which all steps are plain: random ones without final states and invoked children.
 *
 * Owns: what is taken out. Leaves the rest to `random-machine.ts`.
 */
import type { Arbitrary } from 'fast-check'
import { machineSpec, type NodeSpec } from './random-machine.ts'

function calmNode(node: NodeSpec): NodeSpec {
  return {
    ...node,
    type: node.type === 'final' ? 'compound' : node.type,
    child: 'none',
    states: node.states.map(calmNode),
  }
}

export const calmSpec: Arbitrary<NodeSpec> = machineSpec.map(calmNode)
