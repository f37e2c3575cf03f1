/**
 * A machine as XState has made it ready, walked over: its state nodes, and every action with the place it stands in.
 *
 * Owns: the order of the walk and the names of places. Leaves to others what they look for.
 *
 * MW1. A place has the same name as long as the machine has the same structure; so it can be found after a restart.
 */
import type { AnyStateMachine, AnyStateNode } from 'xstate'

/** An action as it is written in the machine: a name, an object with a type, or a function. */
export interface PlacedAction {
  readonly place: string
  readonly action: unknown
}

export interface PlacedGuard {
  readonly place: string
  readonly guard: unknown
}

interface TransitionLike {
  readonly actions: readonly unknown[]
  readonly guard?: unknown
}

/** All state nodes, parents first, in document order. */
export function nodesOf(machine: AnyStateMachine): AnyStateNode[] {
  const nodes: AnyStateNode[] = []
  const visit = (node: AnyStateNode): void => {
    nodes.push(node)
    for (const child of Object.values(node.states)) visit(child as AnyStateNode)
  }
  visit(machine.root as AnyStateNode)
  return nodes
}

/** A node and those that are entered with it where no transition says otherwise. */
export function enteredWith(node: AnyStateNode): AnyStateNode[] {
  return [node, ...beginningsOf(node).flatMap(enteredWith)]
}

function beginningsOf(node: AnyStateNode): AnyStateNode[] {
  if (node.type === 'parallel') return Object.values(node.states)
  const first = node.type === 'compound' ? (node.initial.target ?? []) : []
  return first.filter((each: AnyStateNode) => each.parent === node)
}

/** All actions that stand in the machine, and those that its `setup` named. */
export function actionsOf(machine: AnyStateMachine): PlacedAction[] {
  const named = Object.entries(machine.implementations.actions as Record<string, unknown>)
  return [
    ...named.map(([name, action]) => ({ place: `action '${name}'`, action })),
    ...nodesOf(machine).flatMap(actionsOfNode),
  ]
}

function actionsOfNode(node: AnyStateNode): PlacedAction[] {
  return [
    ...placed(node, 'entry', node.entry),
    ...placed(node, 'exit', node.exit),
    ...(node.type === 'compound' ? placed(node, 'initial', node.initial.actions) : []),
    ...transitionsOf(node).flatMap(({ place, transition }) => placed(node, place, transition.actions)),
  ]
}

function placed(node: AnyStateNode, place: string, actions: readonly unknown[]): PlacedAction[] {
  return actions.map((action, index) => ({ place: `${node.id} ${place} ${index}`, action }))
}

function transitionsOf(
  node: AnyStateNode,
): { readonly place: string; readonly transition: TransitionLike }[] {
  const events = [...node.transitions].flatMap(([event, all]) =>
    all.map((transition, index) => ({
      place: `on ${event} ${index}`,
      transition: transition as TransitionLike,
    })),
  )
  const always = (node.always ?? []).map((transition, index) => ({
    place: `always ${index}`,
    transition: transition as TransitionLike,
  }))
  return [...events, ...always]
}

/** All guards that stand in the machine. */
export function guardsOf(machine: AnyStateMachine): PlacedGuard[] {
  return nodesOf(machine).flatMap((node) =>
    transitionsOf(node)
      .filter(({ transition }) => transition.guard !== undefined)
      .map(({ place, transition }) => ({ place: `${node.id} ${place}`, guard: transition.guard })),
  )
}

/** Whether XState itself carries out this action. Such a function has its type as a property. */
export function builtInOf(
  action: unknown,
): (Readonly<Record<string, unknown>> & { readonly type: string }) | undefined {
  if (typeof action !== 'function' || !('resolve' in action)) return undefined
  return action as unknown as Readonly<Record<string, unknown>> & { readonly type: string }
}
