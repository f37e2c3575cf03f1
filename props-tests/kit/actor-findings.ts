/**
 * What the judges of actors have in common.
 *
 * Owns: the form of a finding, and small looks into the facts. Leaves judging to the files beside it.
 */
import type { Violation } from '../history.ts'
import type { ActorFacts } from './actor-facts.ts'
import type { ActorInvariantName } from '../actor-invariants.ts'
import type { LoggedTurn } from './actor-log.ts'
import type { PureActor, PureTurn } from './pure-run.ts'

export type Finding = Violation | undefined
export type Name =
  ActorInvariantName | 'lost-effect' | 'early-timer' | 'lost-timer' | 'early-ack' | 'reordered'

export function broken(
  facts: ActorFacts,
  [name, text]: readonly [Name, string],
  events: readonly number[],
): Violation {
  const known = [...new Set([...events, facts.last])].filter((index) => index >= 0)
  return { invariant: name, text, events: known.toSorted((left, right) => left - right) }
}

export function loggedOf(facts: ActorFacts, { actor, key }: PureActor): LoggedTurn[] {
  return facts.log.turns.filter((turn) => turn.actor === actor && turn.key === key)
}

/** A state without what marks references in it. */
export const plain = (text: string): string => (text.startsWith('refs') ? text.slice('refs'.length) : text)

export function actorsOf(facts: ActorFacts): Set<string> {
  return new Set([...facts.pure.values()].map(({ actor }) => actor))
}

export function indexOf(facts: ActorFacts, turn: PureTurn | undefined): number {
  return turn === undefined ? -1 : facts.indexOf(turn.actor, turn.key, turn.turn)
}

export function count(counts: Map<string, number>, name: string): number {
  const next = (counts.get(name) ?? 0) + 1
  counts.set(name, next)
  return next
}

export function push<Key, Item>(lists: Map<Key, Item[]>, key: Key, item: Item): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [item])
  else list.push(item)
}

export const nameOf = ({ actor, key }: { readonly actor: string; readonly key: string }): string =>
  `${actor}/${key}`
export const cut = (text: string): string => (text.length <= 160 ? text : `${text.slice(0, 159)}…`)
