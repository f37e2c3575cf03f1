/**
 * Steps a machine as pure data: an event goes in, the actions to carry out come back, nothing runs.
 *
 * Owns: the current snapshot, and the scope that XState wants at every step.
 * Leaves to `action.ts` the types of actions, to the runtime carrying them out.
 *
 * MR1. A step runs no action; it answers with all of them, in the order of the machine.
 * MR2. A step that throws leaves the snapshot as it was.
 * MR3. A step gives the same as XState's own `transition()`.
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
   * Moves on by one event, synchronously, in about 5 µs: so one event per batch or change of life, never per
   * message. The answer is the caller's to keep. Carry it out after the step, never inside it.
   */
  step(event: EventFromLogic<TMachine>): readonly ActionOf<TMachine>[]
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
  let snapshot = scope.self.getSnapshot() as SnapshotFrom<TMachine>
  return {
    get snapshot() {
      return snapshot
    },
    step(event) {
      actions = []
      snapshot = machine.transition(snapshot, event, scope) as SnapshotFrom<TMachine>
      return actions
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
