/**
 * XState goes on in the middle of a step.
 *
 * Owns: telling it which transitions are chosen already, which events are raised, and how many microsteps are left.
 * Leaves to `plain-steps.ts` what came before.
 *
 * HO1. The rest of the step is what it would be had XState taken the step from the start.
 * HO2. The machine is afterwards as it was, also when the rest throws.
 */
import type { AnyActorScope, AnyMachineSnapshot, AnyStateMachine, AnyTransitionDefinition } from 'xstate'
import type { TypedEvent } from './actor-logic.ts'
import type { Chosen } from './plain-choice.ts'

/** A step of which the beginning is done. */
export interface Rest {
  readonly snapshot: AnyMachineSnapshot
  readonly event: TypedEvent
  /** What is taken next; undefined when XState is to choose for the event. */
  readonly chosen: Chosen | undefined
  /** Raised, and not taken yet. */
  readonly queue: readonly TypedEvent[]
  /** So many microsteps may follow what is taken next. */
  readonly left: number
}

export function handOver(machine: AnyStateMachine, rest: Rest, scope: AnyActorScope): AnyMachineSnapshot {
  const { snapshot, event, left } = rest
  const { options } = machine
  machine.options = { ...options, maxIterations: left }
  machine.getTransitionData = () => {
    takeBack(machine)
    return [...(rest.chosen ?? machine.getTransitionData(snapshot, event)), ...raisersOf(machine, rest)]
  }
  try {
    return machine.transition(snapshot, event, ownOf(scope)) as AnyMachineSnapshot
  } finally {
    machine.options = options
    takeBack(machine)
  }
}

function takeBack(machine: AnyStateMachine): void {
  Reflect.deleteProperty(machine, 'getTransitionData')
}

/** XState puts its own executor into a scope for the time of a microstep. */
function ownOf(scope: AnyActorScope): AnyActorScope {
  return { ...scope, actionExecutor: (action) => scope.actionExecutor(action) }
}

/** A transition that leads nowhere and only puts back what is raised, before all that is raised from now on. */
function raisersOf(machine: AnyStateMachine, { queue }: Rest): AnyTransitionDefinition[] {
  if (queue.length === 0) return []
  const resolve = (
    _scope: unknown,
    now: unknown,
    ...[, , , extra]: readonly [unknown, unknown, unknown, { readonly internalQueue: TypedEvent[] }]
  ): unknown => {
    extra.internalQueue.unshift(...queue)
    return [now, undefined]
  }
  const putBack = Object.assign(() => {}, { type: 'unlost.put-back', resolve })
  return [{ source: machine.root, actions: [putBack], reenter: false } as unknown as AnyTransitionDefinition]
}
