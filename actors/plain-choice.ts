/**
 * Who takes an event, or moves on without one, in given states.
 *
 * Owns: the order in which guards are asked, worked out once. Leaves what is taken to `plain-move.ts`.
 *
 * CH1. Guards are asked in the order of XState: inner states first, region after region, what is more exact first.
 * CH2. Of the regions of a parallel state each may choose; the state itself only when none of them does.
 */
import type { AnyMachineSnapshot, AnyStateMachine, AnyStateNode } from 'xstate'
import type { AnyTransitionDefinition, StateValue } from 'xstate'
import type { TypedEvent } from './actor-logic.ts'
import { passesOf, type Passes } from './plain-guard.ts'
import type { Active } from './skeleton.ts'

export type Chosen = readonly AnyTransitionDefinition[]

/** Throws what a guard throws. */
export type Choose = (snapshot: AnyMachineSnapshot, event: TypedEvent) => Chosen

/** A transition that may be taken. */
interface Way {
  readonly passes: Passes
  readonly transition: AnyTransitionDefinition
}

/** A state, and the active ones in it, as far as they may take the event. */
interface Asked {
  readonly inner: readonly Asked[]
  readonly own: readonly Way[]
}

/** For events of a type. */
export function chooserOf(machine: AnyStateMachine, { value }: Active, type: string): Choose {
  const asked = askedOf(machine, machine.root, { value, type })
  return (snapshot, event) => {
    const chosen: AnyTransitionDefinition[] = []
    choose(asked, { snapshot, event, chosen })
    return chosen
  }
}

/** For what moves on by itself; undefined when nothing does. */
export function eventlessOf(machine: AnyStateMachine, { nodes }: Active): Choose | undefined {
  const leaves = nodes.filter(({ type }) => type === 'atomic' || type === 'final')
  const all = leaves.map((leaf) =>
    waysOf(
      machine,
      lineFrom(leaf).flatMap(({ always = [] }) => always),
    ),
  )
  const asked = all.filter((ways) => ways.length > 0)
  if (asked.length === 0) return undefined
  return (snapshot, event) => {
    const found = asked.map((ways) => firstOf(ways, snapshot, event)).filter((each) => each !== undefined)
    return [...new Set(found)]
  }
}

interface Choosing {
  readonly snapshot: AnyMachineSnapshot
  readonly event: TypedEvent
  readonly chosen: AnyTransitionDefinition[]
}

function choose({ inner, own }: Asked, choosing: Choosing): void {
  const { snapshot, event, chosen } = choosing
  const { length } = chosen
  for (const each of inner) choose(each, choosing)
  const first = chosen.length > length ? undefined : firstOf(own, snapshot, event)
  if (first !== undefined) chosen.push(first)
}

function firstOf(
  ways: readonly Way[],
  snapshot: AnyMachineSnapshot,
  event: TypedEvent,
): AnyTransitionDefinition | undefined {
  for (const { passes, transition } of ways) if (passes(snapshot, event)) return transition
  return undefined
}

interface Wanted {
  readonly value: StateValue
  readonly type: string
}

function askedOf(machine: AnyStateMachine, node: AnyStateNode, { value, type }: Wanted): Asked {
  const below: Readonly<Record<string, StateValue | undefined>> =
    typeof value === 'string' ? { [value]: {} } : value
  const all = Object.entries(below).map(([key, part = {}]) =>
    askedOf(machine, node.states[key] as AnyStateNode, { value: part, type }),
  )
  const inner = all.filter((each) => each.inner.length > 0 || each.own.length > 0)
  return { inner, own: waysOf(machine, candidatesOf(node, type)) }
}

function waysOf(machine: AnyStateMachine, transitions: readonly AnyTransitionDefinition[]): Way[] {
  return transitions.map((transition) => ({ passes: passesOf(machine, transition.guard), transition }))
}

function lineFrom(leaf: AnyStateNode): AnyStateNode[] {
  return leaf.parent === undefined ? [leaf] : [leaf, ...lineFrom(leaf.parent)]
}

/** Those for the type itself, then those for patterns, the longer pattern first. */
function candidatesOf({ transitions }: AnyStateNode, type: string): readonly AnyTransitionDefinition[] {
  const patterns = [...transitions.keys()].filter((key) => key !== type && isMatch(key, type))
  return [type, ...patterns.toSorted((one, other) => other.length - one.length)].flatMap(
    (key) => transitions.get(key) ?? [],
  )
}

/** `*` is any type, `order.*` is `order` and what begins with `order.`. */
function isMatch(pattern: string, type: string): boolean {
  if (pattern === '*') return true
  return pattern.endsWith('.*') && `${type}.`.startsWith(pattern.slice(0, -1))
}
