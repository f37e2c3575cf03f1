/**
 * The judges of mail: of what was sent from outside, and of what turns sent.
 *
 * Owns: that all of it is there once, in its batch and in its order. Leaves what actors make of it to `state-checkers.ts`.
 */
import type { ActorEffect } from '../../actors/index.ts'
import { letterText } from '../../runtime/internal.ts'
import type { ActorFacts, Posted } from './actor-facts.ts'
import type { FedMail } from './fed-mail.ts'
import type { LoggedMessage } from './actor-log.ts'
import type { PureTurn } from './pure-run.ts'
import { actorsOf, broken, count, indexOf, loggedOf, nameOf, push } from './actor-findings.ts'
import type { Finding } from './actor-findings.ts'

/** Everything that was sent from outside is there once, as it was sent, where its caller was told that it is. */
export function mailFromOutside(facts: ActorFacts): Finding {
  const byId = new Map<string, LoggedMessage[]>()
  for (const actor of actorsOf(facts))
    for (const mail of facts.log.mailOf(actor))
      if (mail.messageId !== undefined) push(byId, `${actor}\n${mail.messageId}`, mail)
  for (const posted of facts.posted) {
    const [mail, twice] = byId.get(`${posted.actor}\n${posted.key}\n${posted.id}`) ?? []
    const what = `${posted.text} for ${nameOf(posted)}`
    const events = [posted.index, posted.toldAt ?? -1]
    if (mail === undefined) return broken(facts, ['lost-mail', `${what} is in no mailbox`], events)
    if (twice !== undefined)
      return broken(
        facts,
        ['repeated-mail', `${what} is in the mailbox at ${mail.offset} and at ${twice.offset}`],
        events,
      )
    if (posted.isExact && eventTextOf(mail.text) !== posted.text)
      return broken(facts, ['lost-mail', `${what} is in the mailbox as ${eventTextOf(mail.text)}`], events)
    if (posted.offset !== undefined && posted.offset !== mail.offset)
      return broken(
        facts,
        ['lost-mail', `${what}: its caller was told offset ${posted.offset}, and it is at ${mail.offset}`],
        events,
      )
  }
  return early(facts) ?? reordered(facts, byId)
}

function early(facts: ActorFacts): Finding {
  const seen = facts.seen.find(({ what, isSafe }) => what === 'stored' && isSafe === false)
  if (seen === undefined) return undefined
  const text = `${seen.text} for ${nameOf(seen)} was confirmed while a power cut could still take it`
  return broken(facts, ['early-ack', text], [seen.posted?.index ?? -1, seen.index])
}

/** What one caller sends in one life, without a failure, lies in its order. */
function reordered(facts: ActorFacts, byId: ReadonlyMap<string, readonly LoggedMessage[]>): Finding {
  const last = new Map<string, { readonly posted: Posted; readonly offset: number }>()
  for (const posted of facts.posted) {
    if (posted.isRetried || posted.life !== posted.toldLife) continue
    const offset = byId.get(`${posted.actor}\n${posted.key}\n${posted.id}`)?.[0]?.offset ?? 0
    const lane = `${posted.life} ${nameOf(posted)}`
    const before = last.get(lane)
    if (before !== undefined && before.offset > offset) {
      const text = `${posted.text} for ${nameOf(posted)} lies at ${offset}, before ${before.posted.text} at ${before.offset}, which was sent earlier`
      return broken(facts, ['reordered', text], [before.posted.index, posted.index])
    }
    last.set(lane, { posted, offset })
  }
  return undefined
}

/** What topics feed is in the mailboxes, and messages of one key are in their order. */
export function mailOfTopics(facts: ActorFacts): Finding {
  const last = new Map<string, { readonly mail: FedMail; readonly offset: number }>()
  const taken = new Set<LoggedMessage>()
  for (const mail of facts.fed) {
    const { actor, key, text, from } = mail
    const lane = JSON.stringify([from.topic, from.partition, from.key, actor, key])
    const before = last.get(lane)
    const all = facts.log.mailOf(actor).filter((each) => each.key === key && each.text === text)
    const there = all.find((each) => !taken.has(each) && each.messageId === undefined)
    const words = `${from.text} of topic '${from.topic}' (${from.partition}/${from.offset}) makes ${text} for ${actor}/${key}`
    if (there === undefined) return broken(facts, ['lost-mail', `${words}, and that is in no mailbox`], [])
    taken.add(there)
    if (from.key !== '' && before !== undefined && before.offset > there.offset)
      return broken(
        facts,
        ['reordered', `${words}, which lies before ${before.mail.text} of an earlier message`],
        [],
      )
    last.set(lane, { mail, offset: there.offset })
  }
  return undefined
}

/** What turns sent is there as often as they sent it, and in the batch of the turn that did. */
export function mailOfTurns(facts: ActorFacts): Finding {
  for (const { frame, turns: all } of framesOf(facts).values()) {
    const sent = messagesIn(facts, frame)
    const wanted = all.flatMap((turn) => turn.effects.flatMap(sentBy).map((text) => ({ turn, text })))
    for (const { turn, text } of wanted) {
      const at = sent.indexOf(text)
      if (at < 0) return missing(facts, turn, text)
      sent.splice(at, 1)
    }
  }
  return surplus(facts)
}

function missing(facts: ActorFacts, turn: PureTurn, sent: string): Finding {
  const words = `${nameOf(turn)} sent ${sent} in turn ${turn.turn}`
  const isElsewhere = facts.log.messages.some((message) => wordsOfMessage(message) === sent)
  return isElsewhere
    ? broken(
        facts,
        ['torn-turn', `${words}, and that is not in the batch that holds the turn`],
        [indexOf(facts, turn)],
      )
    : broken(facts, ['lost-mail', `${words}, which is on disk, and that is nowhere`], [indexOf(facts, turn)])
}

/** Nothing is there that nobody sent. */
function surplus(facts: ActorFacts): Finding {
  const wanted = new Map<string, number>()
  for (const { actor, key, text } of facts.fed) count(wanted, `${text} to ${actor}/${key}`)
  for (const { turns } of facts.pure.values())
    for (const turn of turns) for (const text of turn.effects.flatMap(sentBy)) count(wanted, text)
  const loose = looseOf(facts)
  const there = new Map<string, number>()
  for (const message of facts.log.messages) {
    const isMail = message.topic.startsWith('~actors/')
    const isOurs = isMail
      ? message.messageId === undefined && !message.text.startsWith('!')
      : message.producer.startsWith('~actors/')
    const isStrange = isMail && facts.strange.has(message.topic.slice('~actors/'.length))
    if (isOurs && !isStrange) count(there, wordsOfMessage(message))
  }
  for (const [text, times] of there) {
    if (times <= (wanted.get(text) ?? 0) || loose.has(text)) continue
    const words = `${text} was sent ${wanted.get(text) ?? 0} times by turns and topics that are on disk, and is there ${times} times`
    return broken(facts, ['repeated-mail', words], [])
  }
  return undefined
}

/** What may be there more often: sent by custom actions, which may run again, or under an id of its own. */
function looseOf(facts: ActorFacts): Set<string> {
  const loose = new Set<string>()
  for (const [name, texts] of facts.selfSent) for (const text of texts) loose.add(`${text} to ${name}`)
  for (const { turns } of facts.pure.values()) {
    for (const effect of turns.flatMap((turn) => turn.effects))
      if (effect.kind === 'publish' && effect.options?.messageId !== undefined)
        loose.add(`a message to topic ${topicOf(effect)}`)
  }
  return loose
}

interface FrameOfTurns {
  readonly frame: number
  readonly turns: PureTurn[]
}

/** Which turns each batch holds. */
function framesOf(facts: ActorFacts): Map<number, FrameOfTurns> {
  const frames = new Map<number, FrameOfTurns>()
  for (const actor of facts.pure.values()) {
    const logged = loggedOf(facts, actor)
    for (const turn of actor.turns) {
      const frame = logged.find((each) => each.turn >= turn.turn)?.frame
      if (frame === undefined) continue
      const known = frames.get(frame) ?? { frame, turns: [] }
      known.turns.push(turn)
      frames.set(frame, known)
    }
  }
  return frames
}

function messagesIn(facts: ActorFacts, frame: number): string[] {
  return facts.log.messages.filter((message) => message.frame === frame).map(wordsOfMessage)
}

function wordsOfMessage({ topic, key, text }: LoggedMessage): string {
  const actor = /^~actors\/(.*)$/.exec(topic)?.[1]
  // What a schema or a codec makes of a value is the topic's affair: messages are counted.
  return actor === undefined ? `a message to topic ${topic}` : `${text} to ${actor}/${key}`
}

/** As `wordsOfMessage` has it. A message with an id of its own may be there already. */
function sentBy(effect: ActorEffect): string[] {
  if (effect.kind === 'deliver')
    return [`${letterText({ event: effect.event })} to ${effect.to.actor}/${effect.to.key}`]
  return effect.kind === 'publish' && effect.options?.messageId === undefined
    ? [`a message to topic ${topicOf(effect)}`]
    : []
}

function topicOf({ topic }: Extract<ActorEffect, { kind: 'publish' }>): string {
  return typeof topic === 'string' ? topic : String(Reflect.get(topic as object, 'name'))
}

/** The event in a mail, without what stands around it. */
function eventTextOf(text: string): string {
  if (!text.startsWith('?')) return text
  return JSON.stringify((JSON.parse(text.slice(1)) as { readonly event: unknown }).event)
}
