/**
 * The judges of what is seen of actors outside: answers, events, states, effects.
 *
 * Owns: that it is of a turn that is on disk, and that nothing of it is missing. Leaves noting it to `actor-watch.ts`.
 */
import type { ActorFacts, Seen } from './actor-facts.ts'
import { jsonText, spell } from './json.ts'
import type { PureActor, PureTurn } from './pure-run.ts'
import { broken, count, cut, indexOf, nameOf } from './actor-findings.ts'
import type { Finding } from './actor-findings.ts'

/** What was seen outside is of a turn that is on disk, and that was on disk then. */
export function outputs(facts: ActorFacts): Finding {
  const counts = new Map<string, number>()
  for (const seen of facts.seen) {
    const actor = facts.pure.get(nameOf(seen))
    const turns = (actor?.turns ?? []).filter(({ turn }) => turn <= seen.durable)
    const isRight = isBacked(seen, { actor, turns, counts })
    if (isRight) continue
    const was = `${seen.what} ${cut(seen.text)}`
    const text = `${was} of ${nameOf(seen)} was seen when only ${seen.durable} of its turns were safe from a power cut, and none of those gives it`
    return broken(facts, ['ungated-output', text], [seen.index])
  }
  return undefined
}

interface Backing {
  readonly actor: PureActor | undefined
  readonly turns: readonly PureTurn[]
  readonly counts: Map<string, number>
}

function isBacked(seen: Seen, { actor, turns, counts }: Backing): boolean {
  switch (seen.what) {
    case 'emitted': {
      const emitted = turns.flatMap((turn) => turn.effects).filter((effect) => effect.kind === 'emit')
      const known = emitted.filter(({ event }) => spell(jsonOf(event)) === seen.text).length
      return count(counts, `${seen.life} ${nameOf(seen)} ${seen.text}`) <= known
    }
    case 'state':
      return turns.some(({ view }) => spell(view) === seen.text)
    case 'acted':
    case 'started':
      // The user let it go before its commit, and without one.
      return seen.isUnconfirmed === true || turnOf(seen) <= seen.durable
    case 'reply':
    case 'processed': {
      const mine = (actor?.turns ?? []).filter((turn) => turn.offset === seen.posted?.offset)
      return mine.every(({ turn }) => turn <= seen.durable)
    }
    default:
      return true
  }
}

const turnOf = ({ text }: Seen): number => Number(/\/(\d+):\d+$/.exec(text)?.[1] ?? 0)

/** Every question got its answer. */
export function replies(facts: ActorFacts): Finding {
  for (const seen of facts.seen) {
    const { posted } = seen
    const actor = facts.pure.get(nameOf(seen))
    if (posted?.offset === undefined || actor === undefined) continue
    const given = actor.replies.get(posted.offset)
    const events = [posted.index, seen.index]
    if (seen.what === 'reply' && given !== seen.text) {
      const text = `${posted.text} for ${nameOf(seen)} was answered with ${cut(seen.text)}; its turn answers ${cut(given ?? 'nothing')}`
      return broken(facts, ['wrong-reply', text], events)
    }
    if (
      seen.what === 'no-reply' &&
      given !== undefined &&
      facts.posted.length < facts.remembers(seen.actor)
    ) {
      const text = `${posted.text} for ${nameOf(seen)} got no answer; its turn answers ${cut(given)}`
      return broken(facts, ['wrong-reply', text], events)
    }
    if (seen.what !== 'turn-failed' || facts.log.dead.has(`${seen.actor}@${posted.offset}`)) continue
    const text = `${posted.text} for ${nameOf(seen)} is said to have failed, and is not in the dead letters`
    return broken(facts, ['wrong-reply', text], events)
  }
  return undefined
}

/** Effects and custom actions run, under the id that their turn gives them. */
export function effects(facts: ActorFacts): Finding {
  const started = facts.seen.filter(
    ({ what, isUnconfirmed }) => what === 'started' || (what === 'acted' && isUnconfirmed !== true),
  )
  const ids = new Map<string, Seen>()
  for (const seen of started) {
    const isKnown = hasEffect(facts, seen)
    if (!isKnown)
      return broken(
        facts,
        [
          'unstable-id',
          `an effect of ${nameOf(seen)} ran as '${seen.text}', which no turn on disk asked for`,
        ],
        [seen.index],
      )
    const before = seen.place === undefined ? undefined : ids.get(`${nameOf(seen)} ${seen.place}`)
    if (before !== undefined && before.text !== seen.text)
      return broken(
        facts,
        ['unstable-id', `one effect of ${nameOf(seen)} ran as '${before.text}' and as '${seen.text}'`],
        [before.index, seen.index],
      )
    if (seen.place !== undefined) ids.set(`${nameOf(seen)} ${seen.place}`, seen)
  }
  return notStarted(facts, started)
}

function hasEffect(facts: ActorFacts, { actor, key, text }: Seen): boolean {
  const [, turn, index] = /\/(\d+):(\d+)$/.exec(text) ?? []
  if (!text.startsWith(`${actor}/${key}/`)) return false
  const effect = facts.pure.get(`${actor}/${key}`)?.turns[Number(turn) - 1]?.effects[Number(index)]
  return effect?.kind === 'start' || effect?.kind === 'action'
}

function notStarted(facts: ActorFacts, started: readonly Seen[]): Finding {
  for (const actor of facts.pure.values()) {
    const found = notBegun(facts, actor, started) ?? notActed(facts, actor, started)
    if (found !== undefined) return found
  }
  return undefined
}

function notBegun(facts: ActorFacts, actor: PureActor, started: readonly Seen[]): Finding {
  for (const [place, { id }] of actor.running) {
    const runs = started.filter(({ text }) => text === id)
    if (runs.some(({ life }) => life === facts.lastLife)) continue
    const how = runs.length === 0 ? 'was never begun' : 'was not begun again by the last process'
    const text = `effect '${id}' (${place}) of ${nameOf(actor)} is waited for, and ${how}`
    const events = runs.map(({ index }) => index)
    return broken(facts, ['lost-start', text], events)
  }
  return undefined
}

function notActed(facts: ActorFacts, actor: PureActor, started: readonly Seen[]): Finding {
  const wanted = actor.turns.flatMap((turn) =>
    turn.effects.flatMap((effect, index) =>
      effect.kind === 'action' && !effect.unconfirmed
        ? [{ turn, name: effect.name, id: `${nameOf(actor)}/${turn.turn}:${index}` }]
        : [],
    ),
  )
  const lost = wanted.find(({ id }) => !started.some(({ text }) => text === id))
  if (lost === undefined) return undefined
  const text = `action '${lost.name}' of ${nameOf(actor)}, turn ${lost.turn.turn}, never ran`
  return broken(facts, ['lost-start', text], [indexOf(facts, lost.turn)])
}

function jsonOf(value: unknown): unknown {
  return value === undefined ? undefined : (JSON.parse(jsonText(value)) as unknown)
}
