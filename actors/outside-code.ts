/**
 * Running what no turn can: promises, callbacks, observables.
 *
 * Owns: one live actor of XState for one start, cut off from everything but its reports.
 * Leaves when to start and stop it to the host.
 *
 * OD1. What the code gives comes as one report; after `stop` there is none.
 * OD2. User code that asks `effectId(self)` gets the same id at every try of one start, or of one custom action.
 */
import { createActor } from 'xstate'
import type { AnyActorLogic, AnyActorRef, Snapshot } from 'xstate'
import type { RunArguments, Runnable, Running, TypedEvent } from './actor-logic.ts'
import { dataOfError } from './errors.ts'
import { refuseSystem, stubLogic } from './live-system.ts'

const effectIds = new WeakMap<object, string>()

/**
 * The id of a started effect, or of a custom action, for the idempotency key of an outside call: the same however often
 * the effect is tried.
 * In an actor that is not durable it is the id of the running process only.
 *
 * @example
 * const pay = fromPromise(({ input, self }) => bank.pay(input, { idempotencyKey: effectId(self) }))
 */
export function effectId(self: object): string {
  return effectIds.get(self) ?? String(Reflect.get(self, 'sessionId'))
}

/** Has `effectId(self)` give this id: for what runs as a custom action. */
export function markEffect(self: object, id: string): void {
  effectIds.set(self, id)
}

/** Makes outside code runnable. */
export function runnableOf(logic: AnyActorLogic): Runnable {
  return (arguments_) => startOutside(logic, arguments_)
}

function startOutside(logic: AnyActorLogic, { input, id, child, snapshots, report }: RunArguments): Running {
  let isOver = false
  const parent = createActor(stubLogic)
  Object.assign(parent.system, { get: refuseSystem, getAll: refuseSystem })
  const receive = (event: TypedEvent): void => {
    if (!isOver) isOver = tell(storable(event, child, logic), child, report)
  }
  Object.assign(parent, { _send: receive, send: receive })
  const actor = createActor(logic, {
    input,
    id: child,
    parent,
    syncSnapshot: snapshots,
  } as object) as AnyActorRef
  effectIds.set(actor, id)
  actor.start()
  return {
    settles: isPromise(logic),
    tell: (event) => actor.send(event),
    stop: () => {
      isOver = true
      stopChild(actor)
    },
  }
}

/** XState stops a child only through its parent; this one's parent is a stand-in. */
function stopChild(actor: AnyActorRef): void {
  const stop = Reflect.get(actor, '_stop') as () => void
  stop.call(actor)
}

/** The logic of a promise alone is done by a resolution. */
function isPromise(logic: AnyActorLogic): boolean {
  const resolved = { type: 'xstate.promise.resolve', data: undefined }
  try {
    const next = logic.transition({ status: 'active' }, resolved, { self: {} } as never) as {
      readonly status: string
    }
    return next.status === 'done'
  } catch {
    return false
  }
}

/** The snapshot of an observable holds its subscription, which is of this run only. */
function storable(event: TypedEvent, child: string, logic: AnyActorLogic): TypedEvent {
  if (event.type !== `xstate.snapshot.${child}`) return event
  const { snapshot } = event as TypedEvent & { readonly snapshot: Snapshot<unknown> }
  return { ...event, snapshot: logic.getPersistedSnapshot(snapshot) } as TypedEvent
}

/** Whether this was the last report. */
function tell(event: TypedEvent, child: string, report: RunArguments['report']): boolean {
  const { output, error } = event as TypedEvent & { readonly output?: unknown; readonly error?: unknown }
  if (event.type === `xstate.done.actor.${child}`) {
    report.done(output)
    return true
  }
  if (event.type === `xstate.error.actor.${child}`) {
    report.failed(dataOfError(error))
    return true
  }
  report.sent(event)
  return false
}
