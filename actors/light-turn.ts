/**
 * A turn of a machine without children that only changes its context and its states: most turns of a busy actor.
 *
 * Owns: such a turn, and what the machine said in it that is more than that.
 * Leaves to `machine-cell.ts` every turn in which it said anything, as if it had been taken there from the start.
 *
 * LT1. A light turn gives what the same turn gives in a cell. What is said waits until it is known that a cell is needed.
 */
import type { AnyActorRef, AnyActorScope, AnyMachineSnapshot } from 'xstate'
import type { TurnScope, TypedEvent } from './actor-logic.ts'
import { rootSelf, turnSystem, within, type TurnAmbient } from './live-system.ts'
import type { MachinePlan } from './machine-plan.ts'
import { Microstep } from './microstep.ts'
import { take } from './plain-steps.ts'

/** What a machine says in a step: the actions it asks for, and work for after the step. */
type Word = { readonly action: unknown } | { readonly work: () => void }

/** A step that was taken, for the cell that is to carry out what was said in it. */
export interface Taken {
  readonly next: AnyMachineSnapshot
  readonly said: readonly Word[]
}

/** What is known of the first step of a turn. */
export type First = Taken | 'not plain'

/** The scope of a step, and what the user's code sees of the turn. */
class Listener implements TurnAmbient {
  readonly scope: TurnScope
  readonly self = rootSelf
  readonly system = turnSystem
  readonly #snapshot: AnyMachineSnapshot
  said: Word[] | undefined = undefined

  constructor(scope: TurnScope, snapshot: AnyMachineSnapshot) {
    this.scope = scope
    this.#snapshot = snapshot
  }

  snapshotOf(ref: AnyActorRef | undefined): unknown {
    return ref === undefined ? this.#snapshot : undefined
  }

  actionExecutor(action: unknown): void {
    ;(this.said ??= []).push({ action })
  }

  defer(work: () => void): void {
    ;(this.said ??= []).push({ work })
  }
}

const SILENCE: readonly Word[] = []

/** Whether the turn is over with this step. */
export function isSilent(first: First | undefined): first is Taken {
  return typeof first === 'object' && first.said.length === 0
}

/** Takes the step, if it is plain. */
export function takeLightly(
  plan: MachinePlan,
  scope: TurnScope,
  { snapshot, event }: { readonly snapshot: AnyMachineSnapshot; readonly event: TypedEvent },
): First {
  const listener = new Listener(scope, snapshot)
  return within(listener, () => {
    const move = plan.steps.find(snapshot, event)
    if (move === undefined) return 'not plain'
    const next = take(move, new Microstep(snapshot, event, listener as unknown as AnyActorScope))
    return { next, said: listener.said ?? SILENCE }
  })
}
