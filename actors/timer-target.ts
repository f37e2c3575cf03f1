/**
 * The target of a delayed send: as data while it waits, and found again when it is due.
 *
 * Owns: the way there and back. TT1. A target that has gone meanwhile gets nothing, and nobody else does.
 */
import type { AnyActorRef } from 'xstate'
import { isSame, refDataOf, type TimerTarget } from './machine-state.ts'
import { isAddress, isTopicTarget, plainAddress, type TopicTarget } from './turn-target.ts'

/** Undefined for the machine itself, `none` for what can be no target. */
export function targetData(to: unknown, self: AnyActorRef): TimerTarget | undefined | 'none' {
  if (to === self) return undefined
  if (isAddress(to)) return { address: plainAddress(to) }
  if (isTopicTarget(to)) return topicData(to)
  return refDataOf(to) ?? 'none'
}

function topicData({ topic, options }: TopicTarget): TimerTarget {
  const named = typeof topic === 'object' && topic !== null && 'name' in topic ? topic.name : topic
  return { topic: String(named), ...(options !== undefined && { options }) }
}

/** What the event is relayed to; undefined when it has gone. */
export function targetOf(
  to: TimerTarget | undefined,
  self: AnyActorRef,
  find: (path: readonly string[]) => AnyActorRef | undefined,
): unknown {
  if (to === undefined) return self
  if ('address' in to) return to.address
  if ('path' in to) {
    const ref = find(to.path)
    return ref !== undefined && isSame(ref, to.born) ? ref : undefined
  }
  return { '~target': 'topic', topic: to.topic, options: to.options } satisfies TopicTarget
}
