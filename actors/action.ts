/**
 * What a machine asks for: named, parametrised data that somebody else carries out.
 *
 * Owns: the declaration of an action inside a machine, the union of a machine's actions, and their dispatch.
 * Leaves to the runtime: one function per action. Leaves to `machine-runner.ts` how the data comes about.
 *
 * AC1. A declared action does nothing by itself.
 * AC2. A table that misses an action of its machine, or takes other parameters, does not compile.
 * AC3. Actions are performed in the order in which the machine named them.
 */
import type { AnyStateMachine, StateMachine } from 'xstate'

/** An action of XState that takes these parameters and does nothing. */
type Declared<TParams> = (_: unknown, params: TParams) => void

/** Declares an action with its parameters (`undefined` for none) for `setup({ actions })`. */
export function declared<TParams>(): Declared<TParams> {
  return nothing
}

function nothing(): void {}

/** The action of one type of a union of actions; a distributive form, because XState's own flattens the union. */
type Plain<TAction> = TAction extends { readonly type: infer TType; readonly params: infer TParams }
  ? { readonly type: TType & string; readonly params: TParams }
  : never

/** Every action that a machine can ask for, as a union over `type`. */
export type ActionOf<TMachine extends AnyStateMachine> =
  TMachine extends StateMachine<
    infer _TContext,
    infer _TEvent,
    infer _TChildren,
    infer _TActor,
    infer TAction,
    infer _TGuard,
    infer _TDelay,
    infer _TStateValue,
    infer _TTag,
    infer _TInput,
    infer _TOutput,
    infer _TEmitted,
    infer _TStateMeta,
    infer _TStateSchema,
    infer _TTransitionMeta
  >
    ? Plain<TAction>
    : never

/** One function for each action of a union. */
export type TableOf<TAction extends ActionData> = {
  readonly [TOne in TAction as TOne['type']]: (params: TOne['params']) => void
}

/** One function for each action of a machine. */
export type ActionTable<TMachine extends AnyStateMachine> = TableOf<ActionOf<TMachine>>

/** An action whose machine is not known. */
export interface ActionData {
  readonly type: string
  readonly params: unknown
}

/**
 * Hands each action to its function, in order.
 *
 * @example
 * perform(table, broker.step({ type: 'WORK' })) // calls table.commit({ scope: 'all' })
 */
export function perform<TAction extends ActionData>(
  table: NoInfer<TableOf<TAction>>,
  actions: readonly TAction[],
): void {
  // The table is complete by its type (AC2), which a lookup by a plain string cannot see.
  const functions = table as Readonly<Record<string, (params: unknown) => void>>
  for (const action of actions) functions[action.type]?.(action.params)
}

/** An event that is meant to change nothing. Without this entry it would count as unexpected. */
export const ignored = {}

/** For `on: { '*': unexpected }` at the root of a machine: the event cannot happen in this state. */
export const unexpected = {
  actions: {
    type: 'unexpected',
    params: ({ event }: { readonly event: { readonly type: string } }) => ({ event: event.type }),
  },
} as const
