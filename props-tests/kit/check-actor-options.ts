/**
 * The options and the report of `checkActor`.
 *
 * Owns: their types and their words. Leaves checking them to `option-rules.ts`.
 */
import type { Arbitrary } from 'fast-check'
import type { ActorDefinition, ActorTypes, SubscribedTopic } from '../../actors/index.ts'
import type { CheckReport, CommonOptions } from './check-options.ts'
import type { World } from './world.ts'

/** What is checked: a definition, several that send to each other, or a function that makes them in each life. */
export type Checkable<Types extends ActorTypes> =
  | ActorDefinition<Types>
  | readonly [ActorDefinition<Types>, ...AnyDefinition[]]
  | ((world: World) => ActorDefinition<Types> | readonly [ActorDefinition<Types>, ...AnyDefinition[]])

/** A definition of whatever types: they are all alike as far as the check looks at them. */
export type AnyDefinition = Pick<ActorDefinition, 'name' | 'version' | 'logic'>

/** What is sent to one topic. */
export interface TopicMessages {
  /** As `defineTopic` made it. */
  readonly topic: SubscribedTopic<never>
  /** An arbitrary of fast-check, or a list to choose from. */
  readonly values: Arbitrary<unknown> | readonly unknown[]
}

export interface CheckActorOptions<Types extends ActorTypes> extends CommonOptions {
  /** Events that are sent: an arbitrary of fast-check, or a list to choose from. */
  readonly events: Arbitrary<Types['event']> | readonly Types['event'][]
  /**
   * Messages of topics that a definition subscribes to, sent beside the events. Default: none.
   *
   * @example messages: [{ topic: payments, values: fc.record({ customer: fc.constantFrom('a', 'b'), cents: fc.nat(99) }) }]
   */
  readonly messages?: readonly TopicMessages[]
  /**
   * The definition before an upgrade. Each run begins with it, and at some point the process ends and the next one has the
   * first definition, whose `migrate` takes the states. `invariant` holds for what the new one makes.
   */
  readonly upgradeFrom?: AnyDefinition | ((world: World) => AnyDefinition)
  /**
   * What holds in every committed state of the first definition's actors. `false`, or a throw, breaks it.
   *
   * @example invariant: (state) => state.context.balance >= 0
   */
  readonly invariant?: (state: Types['view'], actor: { readonly key: string }) => unknown
  /** Keys of the actors that are sent events. Default `['a', 'b']`. */
  readonly keys?: readonly string[]
  /** For the first state of each actor. Default: none. */
  readonly input?: Types['input']
  /** How many deaths along the shortest ways through the actor, at most. 0: none. Default 300. */
  readonly deaths?: number
}

/** What `checkActor` tried, when nothing was found. */
export interface ActorReport extends CheckReport {
  /** Shortest ways through the actor that were gone. */
  readonly ways: number
  /** Deaths along them: each system call of each way, and each step of a turn, as far as `deaths` and time went. */
  readonly deaths: number
  /** Deaths along them that were left out. */
  readonly deathsLeftOut: number
}
