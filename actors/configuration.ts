/**
 * The active states of a machine without parallel states: one line from the root down to a leaf.
 *
 * Owns: what follows from them alone, so that it is worked out once: their value, their tags, who may take an event.
 * Leaves to `plain-move.ts` the way from one to another.
 *
 * CF1. Value, tags and order of states are those that XState gives to a snapshot in these states.
 * CF2. Who may take an event is asked in the order of XState: from the leaf to the root, what is more exact first.
 */
import type { AnyStateNode, AnyTransitionDefinition, StateValue } from 'xstate'

export class Configuration {
  /** From the root to the leaf. */
  readonly nodes: AnyStateNode[]
  readonly value: StateValue
  readonly tags: Set<string>
  /**
   * No state is parallel, be it with one region alone, and none moves on by itself. XState warns of a pattern with a
   * star inside, so such a state is left to it as well.
   */
  readonly isResting: boolean

  constructor(leaf: AnyStateNode) {
    this.nodes = lineTo(leaf)
    this.value = valueOf(this.nodes)
    this.tags = new Set(this.nodes.flatMap(({ tags }) => tags))
    this.isResting = this.nodes.every(isResting)
  }

  /** The transitions that an event of this type may take, in the order in which their guards are asked. */
  candidates(type: string): AnyTransitionDefinition[] {
    return this.nodes.toReversed().flatMap((node) => candidatesOf(node, type))
  }
}

function isResting({ type, always = [], transitions }: AnyStateNode): boolean {
  const isOdd = [...transitions.keys()].some((key) => /\*./.test(key) || /[^.]\*/.test(key))
  return type !== 'parallel' && always.length === 0 && !isOdd
}

function lineTo(leaf: AnyStateNode): AnyStateNode[] {
  const line: AnyStateNode[] = []
  for (let node: AnyStateNode | undefined = leaf; node !== undefined; node = node.parent) line.unshift(node)
  return line
}

function valueOf([node, ...below]: readonly AnyStateNode[]): StateValue {
  const [child, ...others] = below
  if (node === undefined || child === undefined) return {}
  return others.length === 0 ? child.key : { [child.key]: valueOf(below) }
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
