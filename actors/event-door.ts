/**
 * The door of a mailbox: which events an actor may be sent.
 *
 * Owns: the check. Leaves a schema of the user to the runtime.
 *
 * ED1. An event has a type that is a string and not empty, and none that XState keeps for itself; to go to a route is for everybody.
 */
import type { TypedEvent } from './actor-logic.ts'
import { InvalidEventError } from './errors.ts'

/** What users themselves send to a machine with states that have a `route`. */
const ROUTE = 'xstate.route'

/**
 * @param where for the message: who was to get it.
 * @throws InvalidEventError when it is no event, or one that only the runtime may make.
 */
export function checkEvent(event: unknown, where: string): asserts event is TypedEvent {
  const type: unknown =
    typeof event === 'object' && event !== null && 'type' in event ? event.type : undefined
  if (typeof type !== 'string' || type === '') {
    throw new InvalidEventError(
      `${where}: an event must be an object with a string 'type' that is not empty`,
      NOT_WRITTEN,
    )
  }
  if ((type.startsWith('xstate.') && type !== ROUTE) || type === '*') {
    throw new InvalidEventError(
      `${where}: the event type '${type.slice(0, 80)}' is the runtime's own. Name your event differently.`,
      NOT_WRITTEN,
    )
  }
}

const NOT_WRITTEN = { outcome: 'not-written' } as const
