/**
 * Where an action may send to, beyond the actors that XState knows.
 *
 * Owns: the marks by which a turn tells a topic, a reply or an address from a reference.
 * Leaves to `messages.ts` the helpers that users write, to `machine-cell.ts` what a turn makes of them.
 */
import type { Address, PublishOptions } from './actor-logic.ts'

export interface TopicTarget {
  readonly '~target': 'topic'
  readonly topic: unknown
  readonly options: PublishOptions | undefined
}

export interface ReplyTarget {
  readonly '~target': 'reply'
}

export const replyTarget: ReplyTarget = Object.freeze({ '~target': 'reply' })

/** The event that carries a value to a topic or a reply: XState sends events only. */
export interface Carrier {
  readonly type: 'unlost.value'
  readonly value: unknown
}

export function isAddress(target: unknown): target is Address {
  const has = typeof target === 'object' && target !== null && 'actor' in target && 'key' in target
  return has && typeof target.actor === 'string' && typeof target.key === 'string'
}

export function isTopicTarget(target: unknown): target is TopicTarget {
  return typeof target === 'object' && target !== null && '~target' in target && target['~target'] === 'topic'
}

/** An address as stored: without what else the object may hold. */
export function plainAddress({ actor, key }: Address): Address {
  return { actor, key }
}
