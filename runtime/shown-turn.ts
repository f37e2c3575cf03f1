/**
 * One turn as it is kept for who looks, until its batch is on disk.
 *
 * Owns: the event in the words of XState, which knows no mail. Leaves showing it to `inspection.ts`.
 */
import type { ActorLogic, LoadedState, TypedEvent } from '../actors/index.ts'
import type { Mail } from './actor-mail.ts'

export interface ShownStep {
  readonly key: string
  readonly event: TypedEvent
  /** What the turn led to; undefined when the actor was over before. */
  readonly state: LoadedState | undefined
}

/** The event that a machine saw for this mail. */
export function shownEvent(
  { letter, system }: Mail,
  logic: ActorLogic,
  before: LoadedState | undefined,
): TypedEvent {
  if (letter !== undefined) return letter.event
  switch (system.kind) {
    case 'timer': {
      const armed = before === undefined ? [] : logic.timers(before)
      return armed.find(({ timer }) => timer === system.timer)?.event ?? { type: system.timer }
    }
    case 'done':
      return withFields(`xstate.done.actor.${system.effect}`, { output: system.output })
    case 'failed':
      return withFields(`xstate.error.actor.${system.effect}`, { error: system.error })
    default:
      return system.event
  }
}

function withFields(type: string, fields: object): TypedEvent {
  return { type, ...fields }
}
