/**
 * The judge of timers.
 *
 * Owns: that each comes once, and not before it is due. Leaves what a turn arms to `pure-run.ts`.
 */
import type { ActorEffect } from '../../actors/index.ts'
import type { ActorFacts } from './actor-facts.ts'
import type { LoggedMessage } from './actor-log.ts'
import type { PureTurn } from './pure-run.ts'
import { actorsOf, broken, indexOf } from './actor-findings.ts'
import type { Finding } from './actor-findings.ts'

/** What is due comes within this time, in a process that nothing holds up. */
const LATE_MS = 20_000

/** Timers come once, when they are due, as long as they are armed. */
export function timers(facts: ActorFacts): Finding {
  const fired = new Map<string, LoggedMessage>()
  const mails = [...actorsOf(facts)].flatMap((actor) =>
    facts.log.mailOf(actor).map((mail) => ({ actor, mail })),
  )
  for (const { actor, mail } of mails) {
    if (!mail.text.startsWith('!{"kind":"timer"')) continue
    const { timer, generation } = JSON.parse(mail.text.slice(1)) as { timer: string; generation: number }
    const name = JSON.stringify([actor, mail.key, timer, generation])
    if (fired.has(name))
      return broken(facts, ['repeated-mail', `timer ${timer} of ${actor}/${mail.key} fired twice`], [])
    fired.set(name, mail)
  }
  const armed = [...facts.pure.values()].flatMap(({ turns }) => turns.flatMap(armedBy))
  for (const { turn, effect } of armed) {
    const found = judgeTimer(facts, turn, { effect, fired })
    if (found !== undefined) return found
  }
  return undefined
}

type Arming = Extract<ActorEffect, { kind: 'arm' }>

function armedBy(turn: PureTurn): { readonly turn: PureTurn; readonly effect: Arming }[] {
  return turn.effects.flatMap((effect) => (effect.kind === 'arm' ? [{ turn, effect }] : []))
}

function judgeTimer(
  facts: ActorFacts,
  turn: PureTurn,
  {
    effect,
    fired,
  }: {
    readonly effect: Extract<ActorEffect, { kind: 'arm' }>
    readonly fired: ReadonlyMap<string, LoggedMessage>
  },
): Finding {
  const { actor, key, acceptedMs } = turn
  const mail = fired.get(JSON.stringify([actor, key, effect.timer, turn.turn]))
  const name = `timer ${effect.timer} of ${actor}/${key}, ${effect.delayMs} ms after turn ${turn.turn}`
  const events = [indexOf(facts, turn)]
  if (mail !== undefined) {
    const earlyMs = acceptedMs + effect.delayMs - mail.timestampMs
    if (earlyMs > 0 && facts.isClockSteady)
      return broken(facts, ['early-timer', `${name}, came ${earlyMs} ms too early`], events)
    const due = facts.log.armings.find(
      (each) =>
        each.actor === actor &&
        each.key === key &&
        each.timer === effect.timer &&
        each.generation === turn.turn,
    )
    const lateMs = mail.timestampMs - (due?.dueMs ?? mail.timestampMs)
    if (lateMs < 0 && facts.isClockSteady)
      return broken(
        facts,
        ['early-timer', `${name}, came ${-lateMs} ms before the time that stands on disk`],
        events,
      )
    return undefined
  }
  const pure = facts.pure.get(`${actor}/${key}`)
  if (pure?.timers.get(effect.timer) !== turn.turn) return undefined
  const waits = facts.log
    .timers()
    .find((each) => each.actor === actor && each.key === key && each.timer === effect.timer)
  if (waits === undefined)
    return broken(
      facts,
      ['lost-timer', `${name}, is armed by its mail and neither waits on disk nor came`],
      events,
    )
  const lateMs = facts.endMs - waits.dueMs
  if (lateMs < LATE_MS) return undefined
  return broken(facts, ['lost-timer', `${name}, was due ${lateMs} ms ago and has not come`], events)
}
