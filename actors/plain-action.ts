/**
 * Actions of a machine, looked up once.
 *
 * Owns: what XState does to resolve an action, with the lookup of its code and of its kind done before. An `assign`, the
 * most frequent, is done here; of all others XState's own code is asked.
 * Leaves to the scope what becomes of an action, to `plain-move.ts` the order of several.
 *
 * PA1. An action does to the context and the children, raises, and says to the scope, what it does in XState.
 */
import type { AnyActorScope, AnyMachineSnapshot, AnyStateMachine } from 'xstate'
import { builtInOf } from './machine-walk.ts'
import type { ActionArguments, Microstep } from './microstep.ts'
import { paramsOf } from './plain-guard.ts'
import { spawnerOf } from './spawner.ts'

/** Does an action. */
export type Act = (step: Microstep) => void

type Params = (args: Pick<ActionArguments, 'context' | 'event'>) => unknown

/** The part of a built-in action that computes; it may ask for more actions. */
type Resolve = (
  scope: AnyActorScope,
  snapshot: AnyMachineSnapshot,
  ...more: readonly [args: ActionArguments, params: unknown, action: unknown, extra: object]
) => readonly [AnyMachineSnapshot, unknown, (readonly unknown[])?]

interface BuiltIn {
  readonly type: string
  readonly resolve: Resolve
  readonly execute?: (scope: AnyActorScope, params: unknown) => void
}

export function actOf(machine: AnyStateMachine, action: unknown): Act {
  const code: unknown =
    typeof action === 'function' ? action : machine.implementations.actions[typeOf(action)]
  const builtIn = builtInOf(code)
  if (builtIn === undefined) return customAct(action, code)
  const asked = paramsOf(action)
  if (builtIn.type === 'xstate.assign') return assignAct(builtIn['assignment'], asked)
  return builtInAct(machine, builtIn as unknown as BuiltIn, asked)
}

function typeOf(action: unknown): string {
  return typeof action === 'string' ? action : String((action as { readonly type: unknown }).type)
}

function paramsNow(params: unknown, { context, event }: Microstep): unknown {
  return typeof params === 'function' ? (params as Params)({ context, event }) : params
}

function customAct(action: unknown, exec: unknown): Act {
  const type = typeof action === 'function' ? action.name || '(anonymous)' : typeOf(action)
  const asked = paramsOf(action)
  return (step) => {
    const info = step.args
    step.scope.actionExecutor({ type, info, params: paramsNow(asked, step), exec } as never)
  }
}

function builtInAct(machine: AnyStateMachine, builtIn: BuiltIn, asked: unknown): Act {
  const { type, resolve, execute } = builtIn
  return (step) => {
    const { scope, args: info } = step
    const extra = { internalQueue: step.raised, deferredActorIds: undefined }
    const now = paramsNow(asked, step)
    const [after, params, more = []] = resolve(scope, step.snapshot, info, now, builtIn, extra)
    step.adopt(after)
    const exec = execute?.bind(undefined, scope, params)
    if (exec !== undefined) scope.actionExecutor({ type, info, params, exec } as never)
    for (const action of more) actOf(machine, action)(step)
  }
}

type Assigner = (args: object, params: unknown) => unknown

function assignAct(assignment: unknown, asked: unknown): Act {
  const update = updateOf(assignment)
  return (step) => {
    const { context, event, scope } = step
    const args = { context, event, spawn: spawnerOf(step), self: scope.self, system: scope.system }
    step.context = Object.assign({}, context, update(args, paramsNow(asked, step)))
  }
}

function updateOf(assignment: unknown): Assigner {
  if (typeof assignment === 'function') return assignment as Assigner
  const parts = Object.entries(assignment as object)
  return (args, params) => {
    const update: Record<string, unknown> = {}
    for (const [key, part] of parts)
      update[key] = typeof part === 'function' ? (part as Assigner)(args, params) : part
    return update
  }
}
