/**
 * What a host of actors is made of.
 *
 * Owns: the list. Leaves putting it together to `actor-hosts.ts`.
 */
import type { ActorLogic, Address, PublishEffect } from '../actors/index.ts'
import type { ActorKind } from './actor-states.ts'
import type { Supervision } from './actor-definition.ts'
import type { Broker } from './broker.ts'
import type { Clock } from './clock.ts'
import type { DueClock } from './due-clock.ts'
import type { EventHub } from './events.ts'
import type { Limits } from './limits.ts'
import type { MailboxReader } from './mailbox-reader.ts'
import type { MailboxState } from './mailbox-state.ts'
import type { Outgoing } from './outgoing.ts'
import type { Random } from './random.ts'
import type { StoredLetter } from './record.ts'

/** How turns send. */
export interface Post {
  /** Throws `UnknownActorError`, `TooLargeError`. */
  mail(to: Address, text: string): Outgoing
  /** Throws what the topic refuses. */
  publish(effect: PublishEffect, from: string): Outgoing
}

export interface HostParts {
  readonly kind: ActorKind
  readonly logic: ActorLogic
  readonly shape: number
  readonly supervision: Supervision
  readonly effectTimeoutMs: number
  /** The number of this opening. */
  readonly epoch: number
  /** The last owner did not close the directory. */
  readonly wasCrashed: boolean
  readonly mailbox: MailboxState
  readonly reader: MailboxReader
  readonly broker: Broker
  readonly clock: Clock
  readonly dueClock: DueClock
  readonly random: Random
  readonly hub: EventHub
  readonly limits: Limits
  readonly post: Post
  /** Tells the interceptors what was read for the first time. */
  readonly fetched: (reader: object, first: StoredLetter, count: number) => void
  readonly unreadable: (offset: number, error: unknown) => void
}
