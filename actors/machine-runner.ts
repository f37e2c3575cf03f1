/**
 * Steps a machine as pure data: an event goes in, the actions to carry out come back, nothing runs.
 *
 * Owns: the current snapshot, and the scope that XState wants at every step.
 * Leaves to `action.ts` the types of actions, to the runtime carrying them out.
 *
 * MR1. A step runs no action; it answers with all of them, in the order of the machine.
 * MR2. A step that throws leaves the snapshot as it was.
 * MR3. A step gives the same as XState's own `transition()`.
 * MR4. A machine is a pure function, so a step that was made before is looked up. What is remembered is bounded.
 */
import { createActor } from 'xstate'
import type {
  ActorOptions,
  AnyActorScope,
  AnyStateMachine,
  EventFromLogic,
  InputFrom,
  SnapshotFrom,
} from 'xstate'
import type { ActionOf } from './action.ts'

/** A machine with its current snapshot. */
export interface Runner<TMachine extends AnyStateMachine> {
  readonly snapshot: SnapshotFrom<TMachine>
  /**
   * Moves on by one event, synchronously; the first time in about 5 µs: so one event per batch or change of life,
   * never per message. The answer is the caller's to keep. Carry it out after the step, never inside it.
   */
  step(event: EventFromLogic<TMachine>): readonly ActionOf<TMachine>[]
}

/** What one event made of a snapshot. */
interface Step<TMachine extends AnyStateMachine> {
  readonly snapshot: SnapshotFrom<TMachine>
  readonly actions: readonly ActionOf<TMachine>[]
}

/** More than a machine of this folder ever needs between two changes of life. */
const STEPS_MAX = 256

/** The steps that were made before. Snapshots that say the same are the same object, so that steps are found again. */
class StepMemory<TMachine extends AnyStateMachine> {
  readonly #snapshots = new Map<string, SnapshotFrom<TMachine>>()
  #steps = new WeakMap<SnapshotFrom<TMachine>, Map<string, Step<TMachine>>>()
  #count = 0

  /** The first snapshot that said what this one says. */
  same(snapshot: SnapshotFrom<TMachine>): SnapshotFrom<TMachine> {
    const key = JSON.stringify(snapshot)
    const known = this.#snapshots.get(key) ?? snapshot
    this.#snapshots.set(key, known)
    return known
  }

  step(
    from: SnapshotFrom<TMachine>,
    event: EventFromLogic<TMachine>,
    make: (event: EventFromLogic<TMachine>) => Step<TMachine>,
  ): Step<TMachine> {
    const steps = this.#steps.get(from) ?? new Map<string, Step<TMachine>>()
    const key = JSON.stringify(event)
    const known = steps.get(key)
    if (known !== undefined) return known
    const made = make(event)
    const step = { snapshot: this.same(made.snapshot), actions: made.actions }
    this.#remember(from, steps.set(key, step))
    return step
  }

  #remember(from: SnapshotFrom<TMachine>, steps: Map<string, Step<TMachine>>): void {
    this.#count += 1
    if (this.#count > STEPS_MAX) this.#forget()
    else this.#steps.set(from, steps)
  }

  #forget(): void {
    this.#steps = new WeakMap()
    this.#snapshots.clear()
    this.#count = 0
  }
}

type InputArguments<TMachine extends AnyStateMachine> =
  undefined extends InputFrom<TMachine> ? [input?: InputFrom<TMachine>] : [input: InputFrom<TMachine>]

/**
 * Starts a machine in its initial state.
 *
 * @example
 * const broker = createRunner(brokerMachine)
 * broker.step({ type: 'WORK' }) // [{ type: 'commit', params: { scope: 'all' } }]
 */
export function createRunner<TMachine extends AnyStateMachine>(
  machine: TMachine,
  ...[input]: InputArguments<TMachine>
): Runner<TMachine> {
  let actions: ActionOf<TMachine>[] = []
  const scope = createScope(machine, input, (action) => actions.push(action as ActionOf<TMachine>))
  const memory = new StepMemory<TMachine>()
  let snapshot = memory.same(scope.self.getSnapshot() as SnapshotFrom<TMachine>)
  const make = (event: EventFromLogic<TMachine>): Step<TMachine> => {
    actions = []
    const next = machine.transition(snapshot, event, scope) as SnapshotFrom<TMachine>
    return { snapshot: next, actions: Object.freeze(actions) }
  }
  return {
    get snapshot() {
      return snapshot
    },
    step(event) {
      const step = memory.step(snapshot, event, make)
      snapshot = step.snapshot
      return step.actions
    },
  }
}

/**
 * The actor is never started: it only lends its parts. It is made once per runner, because making it means
 * making the initial state; the exported `transition()` makes one at each call and is four times slower for it.
 */
function createScope<TMachine extends AnyStateMachine>(
  machine: TMachine,
  input: InputFrom<TMachine> | undefined,
  collect: (action: { readonly type: string; readonly params: unknown }) => void,
): AnyActorScope {
  const self = createActor(machine, { input } as ActorOptions<TMachine>)
  return {
    self,
    id: self.id,
    sessionId: self.sessionId,
    system: self.system,
    logger: ignore,
    defer: ignore,
    emit: ignore,
    stopChild: ignore,
    actionExecutor: (action) => collect({ type: action.type, params: action.params }),
  }
}

function ignore(): void {}
