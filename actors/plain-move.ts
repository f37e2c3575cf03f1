/**
 * What a transition does, when that is known before: which states are left and entered, and which actions that brings.
 *
 * Owns: the way from one configuration to another. Leaves who may go it to `plain-steps.ts`.
 *
 * WY1. Actions run in the order of XState: of the states that are left, inmost first; of the transition; of the states
 *      that are entered, outmost first.
 * WY2. Not plain is what depends on more than the configuration: history, parallel and final states, what is invoked,
 *      states that move on by themselves, and actions that are not plain.
 */
import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate'
import type { Configuration } from './configuration.ts'
import { actOf, type Act } from './plain-action.ts'

export interface Move {
  readonly acts: readonly Act[]
  /** Undefined for the configuration it began in. */
  readonly to: Configuration | undefined
}

export interface Whence {
  readonly from: Configuration
  /** The configuration of a leaf; the same object each time. */
  readonly configurationOf: (leaf: AnyStateNode) => Configuration
}

interface Path {
  readonly left: readonly AnyStateNode[]
  readonly entered: readonly AnyStateNode[]
  /** Of those entered: the ones whose initial state was not chosen by the transition. */
  readonly begun: ReadonlySet<AnyStateNode>
}

const NOWHERE: Path = { left: [], entered: [], begun: new Set() }

/** Undefined for a transition that is not plain. */
export function moveOf(
  machine: AnyStateMachine,
  transition: AnyTransitionDefinition,
  { from, configurationOf }: Whence,
): Move | undefined {
  const path = pathOf(transition, from)
  if (path === undefined) return undefined
  const { left, entered, begun } = path
  const asked = [
    ...left.flatMap(({ exit }) => exit),
    ...transition.actions,
    ...entered.flatMap((node) => [...node.entry, ...(begun.has(node) ? node.initial.actions : [])]),
  ]
  const acts = asked.map((action) => actOf(machine, action)).filter((act) => act !== undefined)
  const leaf = entered.at(-1)
  const to = leaf === undefined ? undefined : configurationOf(leaf)
  const isPlain = acts.length === asked.length && to?.isResting !== false
  return isPlain ? { acts, to: to === from ? undefined : to } : undefined
}

function pathOf(transition: AnyTransitionDefinition, from: Configuration): Path | undefined {
  const [target, ...others] = transition.target ?? []
  if (target === undefined) return NOWHERE
  const domain = others.length === 0 ? domainOf(transition, target) : undefined
  if (domain === undefined || (domain === target && target !== transition.source)) return undefined
  const left = from.nodes.filter((node) => isBelow(node, domain)).toReversed()
  const begun = new Set<AnyStateNode>()
  const entered = [...between(domain, target), ...initialsBelow(target, begun)]
  if (target !== domain) begun.add(target)
  const isPlain = left.every(isPlainToLeave) && entered.every(isPlainToEnter)
  return isPlain && entered.at(-1)?.type !== 'compound' ? { left, entered, begun } : undefined
}

/** The inmost state that stays. Undefined for a root that is entered anew. */
function domainOf(
  { source, reenter }: AnyTransitionDefinition,
  target: AnyStateNode,
): AnyStateNode | undefined {
  const isInside = target === source || isBelow(target, source)
  if (!reenter && isInside) return source
  let around = target.parent
  while (around !== undefined && !isBelow(source, around)) around = around.parent
  return around ?? (reenter ? undefined : source.machine.root)
}

function isBelow(node: AnyStateNode, above: AnyStateNode): boolean {
  let around = node.parent
  while (around !== undefined && around !== above) around = around.parent
  return around !== undefined
}

/** From below `domain` down to `target`; nothing when they are the same. */
function between(domain: AnyStateNode, target: AnyStateNode): AnyStateNode[] {
  const line: AnyStateNode[] = []
  for (let node: AnyStateNode | undefined = target; node !== undefined && node !== domain; node = node.parent)
    line.unshift(node)
  return line
}

/** The states that a compound one begins with, and which of the line begin so. */
function initialsBelow(node: AnyStateNode, begun: Set<AnyStateNode>): AnyStateNode[] {
  const [first] = node.type === 'compound' ? node.initial.target : []
  if (first === undefined) return []
  begun.add(first)
  return [first, ...initialsBelow(first, begun)]
}

function isPlainToLeave(node: AnyStateNode): boolean {
  const hasHistory = Object.values(node.states).some(({ type }) => type === 'history')
  return !hasHistory && node.invoke.length === 0
}

function isPlainToEnter({ type, invoke }: AnyStateNode): boolean {
  return (type === 'atomic' || type === 'compound') && invoke.length === 0
}
