/**
 * One microstep under way: the context and the children as its actions change them, and what they raise.
 *
 * Owns: the snapshot in the middle of a step, made only for who asks for it, and the one at its end.
 *
 * MI1. A microstep that changes nothing ends with the snapshot it began with, as in XState.
 * MI2. A snapshot it makes has the fields of XState's own, in their order, and nothing else.
 */
import type { AnyActorScope, AnyMachineSnapshot, AnyStateNode } from 'xstate'
import type { TypedEvent } from './actor-logic.ts'
import type { Configuration } from './configuration.ts'

/** What XState hands to the code of an action. */
export interface ActionArguments {
  readonly context: unknown
  readonly event: TypedEvent
  readonly self: unknown
  readonly system: unknown
}

/** A snapshot with the fields that XState does not tell of. */
export type WholeSnapshot = AnyMachineSnapshot & {
  readonly _nodes: AnyStateNode[]
  readonly output: unknown
}

/** Of a snapshot: what differs from one step to the next. */
interface Changes {
  readonly context: unknown
  readonly children: unknown
  readonly states: Pick<WholeSnapshot, '_nodes' | 'value' | 'tags' | 'historyValue'>
}

export class Microstep {
  readonly scope: AnyActorScope
  readonly event: TypedEvent
  context: unknown
  children: AnyMachineSnapshot['children']
  #snapshot: WholeSnapshot
  #raised: TypedEvent[] | undefined

  constructor(snapshot: AnyMachineSnapshot, event: TypedEvent, scope: AnyActorScope) {
    this.scope = scope
    this.event = event
    this.context = snapshot.context
    this.children = snapshot.children
    this.#snapshot = snapshot as WholeSnapshot
  }

  /** Where actions put the events that they raise. */
  get raised(): TypedEvent[] {
    return (this.#raised ??= [])
  }

  get hasRaised(): boolean {
    return this.#raised !== undefined && this.#raised.length > 0
  }

  get args(): ActionArguments {
    const { scope, event, context } = this
    return { context, event, self: scope.self, system: scope.system }
  }

  /** As it is in the middle of the step: in the states it began in. */
  get snapshot(): AnyMachineSnapshot {
    const { context, children } = this
    const before = this.#snapshot
    if (context !== before.context || children !== before.children)
      this.#snapshot = changed(before, { context, children, states: before })
    return this.#snapshot
  }

  /** What an action of XState has made of it; another object also when nothing in it has changed. */
  adopt(snapshot: AnyMachineSnapshot): void {
    this.#snapshot = snapshot as WholeSnapshot
    this.context = snapshot.context
    this.children = snapshot.children
  }

  /** In the states it ends in; undefined for those it began in. */
  end(to: Configuration | undefined): AnyMachineSnapshot {
    if (to === undefined) return this.snapshot
    const { context, children } = this
    const { nodes: _nodes, value, tags } = to
    const historyValue = to.historyValue as WholeSnapshot['historyValue']
    return changed(this.#snapshot, { context, children, states: { _nodes, value, tags, historyValue } })
  }
}

/** Field by field: a spread of so many takes longer than the rest of the step. */
function changed(snapshot: WholeSnapshot, { context, children, states }: Changes): WholeSnapshot {
  const { status, output, error, machine, matches, hasTag, can, getMeta, toJSON } =
    snapshot as WholeSnapshot & { readonly error: unknown }
  const { _nodes, value, tags, historyValue } = states
  const made = {
    status,
    output,
    error,
    machine,
    context,
    _nodes,
    value,
    tags,
    children,
    historyValue,
    matches,
    hasTag,
    can,
    getMeta,
    toJSON,
  }
  return made as unknown as WholeSnapshot
}
