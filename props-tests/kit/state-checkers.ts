/**
 * The judges of states: those on disk, and those that users are shown.
 *
 * Owns: that they are what the mail makes of them. Leaves what that is to `pure-run.ts`.
 */
import { OWNER_CRASHED } from '../../runtime/internal.ts'
import type { ActorFacts } from './actor-facts.ts'
import type { LoggedTurn } from './actor-log.ts'
import { spell } from './json.ts'
import { pathOfDifference } from './json-path.ts'
import type { PureActor } from './pure-run.ts'
import { broken, cut, indexOf, loggedOf, nameOf, plain } from './actor-findings.ts'
import type { Finding } from './actor-findings.ts'

/** The states on disk, the last ones above all, are what the mail makes of them. */
export function states(facts: ActorFacts): Finding {
  for (const actor of facts.pure.values()) {
    const logged = loggedOf(facts, actor)
    const wrong = letters(facts, actor) ?? statesOf(facts, actor, logged) ?? shown(facts, actor)
    if (wrong !== undefined) return wrong
  }
  for (const { actor, key, turn, frame } of facts.log.turns) {
    const known = facts.pure.get(`${actor}/${key}`)
    if (known !== undefined && turn <= known.turns.length) continue
    const text = `${actor}/${key} has a turn ${turn} on disk (batch ${frame}), and its mail makes ${known?.turns.length ?? 0}: a mail was taken more than once`
    return broken(facts, ['wrong-state', text], [facts.indexOf(actor, key, turn)])
  }
  return undefined
}

/** A mail fails purely where the runtime gave it up, and nowhere else. */
function letters(facts: ActorFacts, actor: PureActor): Finding {
  for (const [offset, fate] of actor.fates) {
    const dead = facts.log.dead.get(`${actor.actor}@${offset}`)
    const name = `the mail at ${offset} for ${nameOf(actor)}`
    if (fate === 'threw' && dead === undefined && facts.log.parkedAt(actor.actor, actor.key) !== offset) {
      const text = `${name} fails in each turn (${String(actor.errors.get(offset))}), and is not in the dead letters`
      return broken(facts, ['wrong-state', text], [])
    }
    if (dead === undefined || fate === 'threw' || dead.reason.includes(OWNER_CRASHED)) continue
    if (/schema|topic|limits\./.test(dead.reason)) continue
    const text = `${name} is in the dead letters (${cut(dead.reason)}), although its turn does not fail`
    return broken(facts, ['wrong-state', text], [])
  }
  return undefined
}

function statesOf(facts: ActorFacts, actor: PureActor, logged: readonly LoggedTurn[]): Finding {
  const last = logged.at(-1)?.turn ?? 0
  if (last < actor.turns.length) {
    const turn = actor.turns[last]
    const text = `${nameOf(actor)} never took ${turn?.event ?? 'a mail'}: it has ${last} turns on disk, and its mail makes ${actor.turns.length}`
    return broken(facts, ['wrong-state', text], [indexOf(facts, turn)])
  }
  for (const { turn, state, status } of logged) {
    const wanted = actor.turns[turn - 1]
    if (wanted === undefined || (wanted.state === state && wanted.status === status)) continue
    const path = pathOfDifference(JSON.parse(plain(wanted.state)), JSON.parse(plain(state)))
    const text = `${nameOf(actor)} has after turn ${turn} on disk ${cut(plain(state))}; its mail makes ${cut(plain(wanted.state))} of it: '${path}' differs`
    return broken(facts, ['wrong-state', text], [indexOf(facts, wanted)])
  }
  return undefined
}

/** What a user is shown at the end. */
function shown(facts: ActorFacts, actor: PureActor): Finding {
  const name = nameOf(actor)
  if (!facts.snapshots.has(name)) return undefined
  const last = actor.turns.at(-1)
  const wanted = last === undefined ? undefined : spell(actor.migrated ?? last.view)
  const found = facts.snapshots.get(name)
  if (wanted === found) return undefined
  const text = `${name} shows ${cut(found ?? 'nothing')} at the end; its mail makes ${cut(wanted ?? 'nothing')} of it`
  return broken(facts, ['wrong-state', text], [indexOf(facts, last)])
}
