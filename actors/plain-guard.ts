/**
 * Guards of a machine, looked up once.
 *
 * Owns: what XState does to evaluate a guard, with the lookup of its code and of its kind done before.
 *
 * PG1. A guard lets an event pass when XState lets it pass, and throws what its code throws.
 */
import type { AnyMachineSnapshot, AnyStateMachine } from 'xstate'
import type { TypedEvent } from './actor-logic.ts'
import { NotDurableError } from './errors.ts'

/** What counts is whether the answer is truthy, as in XState. */
export type Passes = (snapshot: AnyMachineSnapshot, event: TypedEvent) => unknown

interface GuardArguments {
  readonly context: unknown
  readonly event: TypedEvent
}

type Code = ((args: GuardArguments, params: unknown) => unknown) & { readonly check?: BuiltIn }

/** `and`, `or`, `not`, `stateIn`: a function that carries the code to judge it. */
type BuiltIn = (snapshot: AnyMachineSnapshot, args: GuardArguments, guard: unknown) => unknown

type Params = (args: GuardArguments) => unknown

export function passesOf(machine: AnyStateMachine, guard: unknown): Passes {
  if (guard === undefined) return () => true
  const code = typeof guard === 'function' ? guard : machine.implementations.guards[nameOf(guard)]
  if (typeof code !== 'function') return () => noCode(guard)
  const { check } = code as Code
  if (check !== undefined) return (snapshot, event) => check(snapshot, argsOf(snapshot, event), code)
  const params = paramsOf(guard)
  return (snapshot, event) => {
    const args = argsOf(snapshot, event)
    return (code as Code)(args, typeof params === 'function' ? (params as Params)(args) : params)
  }
}

function argsOf({ context }: AnyMachineSnapshot, event: TypedEvent): GuardArguments {
  return { context: context as unknown, event }
}

/** Whoever asks it asks XState then, which has words of its own for it. */
function noCode(guard: unknown): never {
  throw new NotDurableError(`guard '${nameOf(guard)}'`, {
    rule: 'missing-code',
    reason: 'there is no guard of this name',
    remedy: 'Give it in setup({ guards }), or correct the name',
  })
}

function nameOf(guard: unknown): string {
  return typeof guard === 'string' ? guard : String((guard as { readonly type: unknown }).type)
}

export function paramsOf(asked: unknown): unknown {
  return typeof asked === 'object' && asked !== null && 'params' in asked ? asked.params : undefined
}
