/**
 * One step of a machine, taken by XState or by the plain way, with all that was said to the scope in it.
 *
 * Owns: a scope that writes down, and what of two steps is compared.
 */
import { createActor } from 'xstate'
import type { AnyActorScope, AnyMachineSnapshot, AnyStateMachine } from 'xstate'
import type { TypedEvent } from '../../actors/index.ts'
import { PlainSteps } from '../../actors/internal.ts'

interface Said {
  readonly type: string
  readonly params: unknown
  readonly info: { readonly context: unknown; readonly event: unknown }
}

/** What came of a step. */
export interface Taken {
  readonly next: AnyMachineSnapshot | undefined
  readonly error: string | undefined
  readonly said: readonly Said[]
}

export class StepRecorder {
  readonly machine: AnyStateMachine
  readonly first: AnyMachineSnapshot
  readonly #steps: PlainSteps
  readonly #scope: AnyActorScope
  #said: Said[] = []

  constructor(machine: AnyStateMachine) {
    this.machine = machine
    this.#steps = new PlainSteps(machine)
    const self = createActor(machine)
    this.#scope = {
      self,
      id: self.id,
      sessionId: self.sessionId,
      system: self.system,
      logger: ignore,
      defer: ignore,
      emit: ignore,
      stopChild: ignore,
      actionExecutor: ({ type, params, info }) =>
        this.#said.push({ type, params, info: { context: info.context, event: info.event } }),
    }
    this.first = machine.getInitialSnapshot(this.#scope as never, undefined) as AnyMachineSnapshot
  }

  byXState(snapshot: AnyMachineSnapshot, event: TypedEvent): Taken {
    return this.#record(
      () => this.machine.transition(snapshot, event, this.#scope as never) as AnyMachineSnapshot,
    )
  }

  /** Undefined for a step that is not plain. */
  plainly(snapshot: AnyMachineSnapshot, event: TypedEvent): Taken | undefined {
    let isPlain = true
    const taken = this.#record(() => {
      const next = this.#steps.take(snapshot, event, this.#scope)
      isPlain = next !== undefined
      return next ?? snapshot
    })
    return isPlain ? taken : undefined
  }

  #record(step: () => AnyMachineSnapshot): Taken {
    this.#said = []
    try {
      return { next: step(), error: undefined, said: this.#said }
    } catch (error) {
      return { next: undefined, error: String(error), said: this.#said }
    }
  }
}

function ignore(): void {}
