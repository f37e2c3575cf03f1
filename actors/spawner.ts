/**
 * The `spawn` that an `assign` is handed.
 *
 * Owns: what XState's own does: a reference, a place among the children, and a start after the step.
 * Leaves to the scope what a start means.
 *
 * SW1. A child is made of the logic, id, input and options that XState would make it of.
 */
import { createActor } from 'xstate'
import type { AnyActorLogic, AnyActorRef } from 'xstate'
import { NotDurableError } from './errors.ts'
import type { Microstep } from './microstep.ts'

interface SpawnOptions {
  readonly id?: string
  readonly systemId?: string
  readonly syncSnapshot?: boolean
  readonly input?: unknown
}

export type Spawn = (src: string | AnyActorLogic, options?: SpawnOptions) => AnyActorRef

type InputOf = (args: object) => unknown

export function spawnerOf(step: Microstep): Spawn {
  return (src, options = {}) => {
    const { scope } = step
    const { id, systemId, syncSnapshot } = options
    const logic = typeof src === 'string' ? named(step, src) : src
    const common = { id, systemId, syncSnapshot, parent: scope.self, src, input: inputOf(step, src, options) }
    const ref: AnyActorRef = createActor(logic, common as object)
    step.children = { ...step.children, [ref.id]: ref }
    scope.defer(() => ref.start())
    return ref
  }
}

function named({ snapshot }: Microstep, src: string): AnyActorLogic {
  const logic = snapshot.machine.implementations.actors[src] as AnyActorLogic | undefined
  if (logic !== undefined) return logic
  throw new NotDurableError(`spawn of '${src}'`, {
    rule: 'missing-code',
    reason: `there is no actor of this name in machine '${snapshot.machine.id}'`,
    remedy: 'Give it in setup({ actors }), or correct the name',
  })
}

/** XState works out an input that is a function only for logic that is named. */
function inputOf({ scope, context, event }: Microstep, src: unknown, { input }: SpawnOptions): unknown {
  if (typeof src !== 'string' || typeof input !== 'function') return input
  return (input as InputOf)({ context, event, self: scope.self })
}
