/**
 * The system ids of one durable actor during a turn: who of its own tree is found under which.
 *
 * Owns: a receptionist of XState for each turn that asks for one. Leaves keeping the ids to the states of the children.
 *
 * SI1. An id has one holder at a time: a second is refused with the error of XState.
 * SI2. What is known here is of one turn of one actor: it begins with the ids of the committed state.
 */
import { createActor } from 'xstate'
import type { AnyActorRef } from 'xstate'
import { stubLogic, systemIdOf } from './live-system.ts'
import type { MachineState } from './machine-state.ts'

interface Receptionist {
  readonly set: (id: string, ref: AnyActorRef) => void
  readonly unset: (ref: AnyActorRef) => void
  readonly get: (id: string) => AnyActorRef | undefined
  readonly all: () => Record<string, AnyActorRef>
}

/** That of a new system of XState. */
function newReceptionist(): Receptionist {
  const { system } = createActor(stubLogic)
  const { _set: set, _unregister: unset, get, getAll: all } = system as never as Record<string, never>
  return { set, unset, get, all } as never
}

export class SystemIds {
  readonly #before: MachineState | undefined
  /** Made when it is first asked for: most turns need none. */
  #receptionist: Receptionist | undefined

  constructor(before: MachineState | undefined) {
    this.#before = before
  }

  get(id: string): AnyActorRef | undefined {
    return this.#now().get(id)
  }

  all(): Record<string, AnyActorRef> {
    return this.#now().all()
  }

  take(id: string, ref: AnyActorRef): void {
    this.#now().set(id, ref)
  }

  /** Of an actor that is stopped, or has ended. */
  release(ref: AnyActorRef): void {
    if (systemIdOf(ref) !== undefined) this.#now().unset(ref)
  }

  #now(): Receptionist {
    if (this.#receptionist !== undefined) return this.#receptionist
    const made = newReceptionist()
    if (this.#before !== undefined) enter(made, this.#before)
    return (this.#receptionist = made)
  }
}

function enter(receptionist: Receptionist, state: MachineState): void {
  for (const child of Object.values(state.children)) {
    const systemId = systemIdOf(child.ref)
    if (systemId !== undefined && child.state.status === 'active') receptionist.set(systemId, child.ref)
    if (child.kind === 'machine') enter(receptionist, child.state)
  }
}
