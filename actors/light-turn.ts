/**
 * A turn of a machine without children that only changes its context and its states: most turns of a busy actor.
 *
 * Owns: such a turn, and what the machine said in it that is more than that.
 * Leaves to `machine-cell.ts` every turn in which it said anything, as if it had been taken there from the start.
 *
 * LT1. A light turn gives what the same turn gives in a cell. What is said waits until it is known that a cell is needed.
 * LT2. A `spawn` needs a cell at once: the turn is taken there anew, whatever the user's code makes of the refusal here.
 */
import type { AnyActorRef, AnyActorScope, AnyMachineSnapshot, ExecutableActionObject } from 'xstate'
import type { TurnScope, TypedEvent } from './actor-logic.ts'
import { NotDurableError } from './errors.ts'
import { rootSelf, turnSystem, within, type TurnAmbient } from './live-system.ts'
import type { MachinePlan } from './machine-plan.ts'

/** A step that was taken, for the cell that is to carry out what was said in it. */
export interface Taken {
  readonly next: AnyMachineSnapshot
  /** The actions it asks for, in their order. */
  readonly said: readonly unknown[]
}

/** What is known of the first step of a turn; undefined for nothing. */
export type First = Taken | 'not plain' | undefined

/** Nobody of an actor without children has a system id. */
const NO_SYSTEM_IDS = { take: needsCell, get: () => undefined, all: () => ({}) }

/** The scope of a step, and what the user's code sees of the turn. */
class Listener implements TurnAmbient {
  readonly scope: TurnScope
  readonly self = rootSelf
  readonly system = turnSystem
  readonly systemIds = NO_SYSTEM_IDS
  readonly #snapshot: AnyMachineSnapshot
  made: AnyActorRef | undefined = undefined
  said: unknown[] | undefined = undefined
  needsCell = false

  constructor(scope: TurnScope, snapshot: AnyMachineSnapshot) {
    this.scope = scope
    this.#snapshot = snapshot
  }

  snapshotOf(ref: AnyActorRef | undefined): unknown {
    return ref === undefined ? this.#snapshot : undefined
  }

  actionExecutor(action: ExecutableActionObject): void {
    if (isRaisedAtOnce(action)) return
    this.said ??= []
    this.said.push(action)
  }

  /** The first thing that XState does for a new reference. */
  bookId(): never {
    this.needsCell = true
    return needsCell()
  }
}

/** The step has taken the event itself: nothing is left to carry out. */
function isRaisedAtOnce({ type, params }: ExecutableActionObject): boolean {
  return type === 'xstate.raise' && typeof (params as { readonly delay?: unknown }).delay !== 'number'
}

function needsCell(): never {
  throw new NotDurableError('spawn', {
    rule: 'send-in-turn',
    reason: 'a child is made in a turn of its own kind, which takes this step once more',
    remedy: 'Let the error pass',
  })
}

const SILENCE: readonly unknown[] = []

/** Whether the turn is over with this step, and the actor goes on. */
export function isSilent(first: First): first is Taken {
  return typeof first === 'object' && first.said.length === 0 && first.next.status === 'active'
}

/** Takes the step, if it is plain. */
export function takeLightly(
  plan: MachinePlan,
  scope: TurnScope,
  asked: { readonly snapshot: AnyMachineSnapshot; readonly event: TypedEvent },
): First {
  const listener = new Listener(scope, asked.snapshot)
  try {
    const first = within(listener, () => step(plan, listener, asked))
    return listener.needsCell ? undefined : first
  } catch (error) {
    if (listener.needsCell) return undefined
    throw error
  }
}

function step(
  plan: MachinePlan,
  listener: Listener,
  { snapshot, event }: { readonly snapshot: AnyMachineSnapshot; readonly event: TypedEvent },
): First {
  const next = plan.steps.take(snapshot, event, listener as unknown as AnyActorScope)
  return next === undefined ? 'not plain' : { next, said: listener.said ?? SILENCE }
}
