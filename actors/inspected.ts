/**
 * What is shown of a machine that runs, in the words of XState's own inspection, so that its tools understand it.
 *
 * Owns: the types. Leaves when and to whom it is shown to the runtime.
 */
import type { ActorRefLike, AnyEventObject, Snapshot } from 'xstate'

/** What is shown: a machine of the runtime or a user's actor. For looking at only: it takes no events. */
export interface InspectedActor extends ActorRefLike {
  /** For people: `broker`, `producer orders/checkout`, `account/alice`. */
  readonly id: string
  /** Unlike any other of this runtime. */
  readonly sessionId: string
  /** The config of its machine; a reducer has only an id. */
  readonly logic: { readonly config: object }
  /** Whose child it is. */
  readonly _parent: InspectedActor | undefined
  /** The last snapshot that was shown. */
  getSnapshot(): Snapshot<unknown>
}

interface Shown {
  /** The session of the actor that is nobody's child. */
  readonly rootId: string
  readonly actorRef: InspectedActor
}

/** There is an actor; comes before anything else of it. */
export interface ActorShown extends Shown {
  readonly type: '@xstate.actor'
}

/** An actor takes an event. */
export interface EventShown extends Shown {
  readonly type: '@xstate.event'
  readonly event: AnyEventObject
  readonly sourceRef: undefined
}

/** What it made of the event. */
export interface SnapshotShown extends Shown {
  readonly type: '@xstate.snapshot'
  readonly event: AnyEventObject
  readonly snapshot: Snapshot<unknown>
}

/** Structurally an `InspectionEvent` of XState. */
export type InspectionEvent = ActorShown | EventShown | SnapshotShown
