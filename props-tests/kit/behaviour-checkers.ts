/**
 * The judges of what the code of actors does wrong.
 *
 * Owns: what the pure run found, and the user's own rule. Leaves finding it in one turn to `turn-lint.ts`.
 */
import type { ActorFacts } from './actor-facts.ts'
import { spell } from './json.ts'
import { pathOfDifference } from './json-path.ts'
import type { PureTurn } from './pure-run.ts'
import { broken, cut, indexOf, nameOf, plain } from './actor-findings.ts'
import type { Finding } from './actor-findings.ts'

/** Mutation, the clock, chance, effects in turns, what JSON loses. */
export function impurities(facts: ActorFacts): Finding {
  // What came of effects and custom actions explains turns that cannot take it.
  const [seen] = facts.faults
  if (seen !== undefined) return broken(facts, [seen.invariant, seen.text], [seen.index])
  for (const actor of facts.pure.values()) {
    for (const turn of actor.turns) {
      const [fault] = turn.faults
      if (fault !== undefined) return broken(facts, [fault.invariant, fault.text], [indexOf(facts, turn)])
    }
    const [fault] = actor.faults
    if (fault !== undefined) return broken(facts, [fault.invariant, fault.text], [])
  }
  return undefined
}

/** What the code remembers besides the state shows when the same mail is taken once more. */
export function hiddenMemory(facts: ActorFacts): Finding {
  for (const [name, one] of facts.pure) {
    const other = facts.again.get(name)
    const turn = one.turns.find((each, i) => wordsOf(each) !== wordsOf(other?.turns[i]))
    if (turn === undefined && one.turns.length === (other?.turns.length ?? 0)) continue
    const at = turn === undefined ? undefined : other?.turns[one.turns.indexOf(turn)]
    const path = pathOfDifference(JSON.parse(wordsOf(turn)), JSON.parse(wordsOf(at)))
    const text = `${name}: the same mail taken again from the beginning gave another result${turn === undefined ? '' : ` at ${turn.event}: '${path}' differs`}; the code remembers something outside of its state`
    return broken(facts, ['impure-turn', text], turn === undefined ? [] : [indexOf(facts, turn)])
  }
  return undefined
}

function wordsOf(turn: PureTurn | undefined): string {
  if (turn === undefined) return 'null'
  return spell({ event: turn.event, state: JSON.parse(plain(turn.state)), effects: turn.effects })
}

/** What the user says must hold. */
export function ownInvariant(facts: ActorFacts): Finding {
  for (const actor of facts.pure.values()) {
    for (const turn of actor.turns.filter(({ isOlder }) => !isOlder)) {
      const wrong = facts.invariant(turn.view, turn.actor, turn.key)
      if (wrong === undefined) continue
      const text = `${nameOf(turn)} is in a state that the invariant forbids${wrong}, after ${turn.event}: ${cut(spell(turn.view))}${actor.origin}`
      return broken(facts, ['actor-invariant', text], [indexOf(facts, turn)])
    }
    const wrong = actor.migrated && facts.invariant(actor.migrated, actor.actor, actor.key)
    if (wrong === undefined) continue
    const text = `${nameOf(actor)} is in a state that the invariant forbids${wrong}, after its upgrade: ${cut(spell(actor.migrated))}${actor.origin}`
    return broken(facts, ['actor-invariant', text], [indexOf(facts, actor.turns.at(-1))])
  }
  return undefined
}
