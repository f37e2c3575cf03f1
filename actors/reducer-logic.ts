/**
 * The logic of an actor that is written as a plain function from state and event to state.
 *
 * Owns: its turn, and what the function may ask for. Leaves loading to `stored-state.ts`.
 *
 * RL1. A reducer that throws has asked for nothing, and its state is as before.
 * RL2. A reducer that gives back the same state and asked for nothing has not handled the event. Which object that is does
 *      not hang on whether the state is in memory or was read: in memory lies a copy of what the code gave.
 * RL3. `finish` ends the actor after the turn: it takes no event, and its timers are cancelled.
 */
import type {
  ActorEffect,
  ActorEvent,
  ActorLogic,
  ActorStatus,
  ActorView,
  Address,
  ArmedTimer,
  LoadedState,
  PublishOptions,
  StoredState,
  TurnResult,
  TurnScope,
  TypedEvent,
} from './actor-logic.ts'
import { canonicalJson } from './canonical-json.ts'
import { NotDurableError, UnfitStateError } from './errors.ts'
import { checkEvent } from './event-door.ts'
import { checkDelayMs } from './machine-refusals.ts'
import { NONE, type Timer, type Timers } from './machine-state.ts'
import { anything, checkOptions, type Rules } from './option-check.ts'
import { readStored, type Upgrade } from './stored-state.ts'
import { timerName } from './timer-names.ts'
import { isAddress, plainAddress } from './turn-target.ts'

/** What a reducer may know and ask for during its turn. Everything it asks for is committed with its new state. */
export interface ReducerTurn<
  TEvent = TypedEvent,
  TReply = unknown,
  TEmitted = TypedEvent,
  TOutput = unknown,
> {
  readonly self: Address<TEvent>
  /** When the mail was accepted, in milliseconds since 1970. */
  readonly nowMs: number
  /** In [0, 1); the same at every try of this turn. */
  random(): number
  /** A new id; the same at every try of this turn. */
  id(): string
  /** To another durable actor. With `delayMs` later, and then `cancel(id)` may still stop it. */
  deliver<TTo extends TypedEvent>(to: Address<TTo>, event: NoInfer<TTo>, later?: Later): void
  /** To a topic that `defineTopic` made, or to one by its name. */
  publish(topic: object | string, value: unknown, options?: PublishOptions): void
  /** To the `ask` that brought this event. */
  reply(value: TReply): void
  /** To those who subscribe to this actor. */
  emit(event: TEmitted): void
  /** Sends this actor an event after `delayMs` milliseconds, over any number of restarts. */
  after(delayMs: number, event: TEvent, id?: string): void
  /** Cancels what is delayed under this id. */
  cancel(id: string): void
  /** Ends this actor with the turn. */
  finish(output?: TOutput): void
}

export interface Later {
  readonly delayMs: number
  readonly id?: string
}

interface ReducerState extends LoadedState {
  readonly value: unknown
  readonly timers: Timers
  readonly output: unknown
}

interface ReducerData {
  readonly status: ActorStatus
  readonly context?: unknown
  readonly timers?: Timers | undefined
  readonly output?: unknown
}

/** The two functions of a definition; types are checked by `defineActor`. */
export interface ReducerCode {
  reduce(state: unknown, event: TypedEvent, turn: ReducerTurn): unknown
  initial(input: unknown, turn: ReducerTurn): unknown
}

class Turn implements ReducerTurn {
  readonly #scope: TurnScope
  readonly effects: ActorEffect[] = []
  timers: Timers
  end: { readonly output: unknown } | undefined
  #timerCount = 0

  constructor(scope: TurnScope, timers: Timers) {
    this.#scope = scope
    this.timers = timers
  }

  get self(): Address<TypedEvent> {
    return this.#scope.address as Address<TypedEvent>
  }

  get nowMs(): number {
    return this.#scope.nowMs
  }

  random(): number {
    return this.#scope.random()
  }

  id(): string {
    return this.#scope.id()
  }

  deliver(to: Address, event: TypedEvent, later?: Later): void {
    if (!isAddress(to)) throw new NotDurableError('deliver', NO_ADDRESS)
    checkEvent(event, `to ${to.actor}/${to.key}`)
    checkOptions(later, LATER_RULES, 'deliver')
    const address = plainAddress(to)
    if (later === undefined) this.effects.push({ kind: 'deliver', to: address, event })
    else this.#arm(later.delayMs, { id: later.id ?? 'deliver', event, to: { address } })
  }

  publish(topic: object | string, value: unknown, options?: PublishOptions): void {
    this.effects.push({ kind: 'publish', topic, value, ...(options !== undefined && { options }) })
  }

  reply(value: unknown): void {
    this.effects.push({ kind: 'reply', value })
  }

  emit(event: TypedEvent): void {
    this.effects.push({ kind: 'emit', event })
  }

  after(delayMs: number, event: TypedEvent, id = 'after'): void {
    checkEvent(event, `after ${delayMs} ms`)
    this.#arm(delayMs, { id, event })
  }

  #arm(delayMs: number, timer: Timer): void {
    checkDelayMs(delayMs, `timer '${timer.id}'`)
    this.#timerCount += 1
    const name = timerName(timer.id, this.#scope.turn, this.#timerCount)
    this.timers = { ...this.timers, [name]: timer }
    this.effects.push({ kind: 'arm', timer: name, event: timer.event, delayMs: Math.max(0, delayMs) })
  }

  cancel(id: string): void {
    this.#drop((timer) => timer.id === id)
  }

  finish(output?: unknown): void {
    this.end = { output }
    this.#drop(() => true)
  }

  #drop(isDropped: (timer: Timer) => boolean): void {
    for (const [name, timer] of Object.entries(this.timers)) {
      if (!isDropped(timer)) continue
      this.timers = without(this.timers, name)
      this.effects.push({ kind: 'cancel', timer: name })
    }
  }
}

function without(timers: Timers, name: string): Timers {
  const { [name]: _gone, ...rest } = timers
  return rest
}

export class ReducerLogic implements ActorLogic {
  readonly name: string
  readonly version: number
  readonly hash = 'reducer'
  readonly #code: ReducerCode
  readonly #upgrade: Upgrade

  constructor(code: ReducerCode, upgrade: Upgrade) {
    this.name = upgrade.name
    this.version = upgrade.version
    this.#code = code
    this.#upgrade = upgrade
  }

  begin(scope: TurnScope, input: unknown): TurnResult {
    const turn = new Turn(scope, NONE)
    return resultOf(turn, this.#code.initial(input, turn), undefined)
  }

  turn(scope: TurnScope, state: LoadedState, event: ActorEvent): TurnResult {
    const before = state as ReducerState
    if (before.status !== 'active') return unhandled(before)
    if (event.kind === 'event') return this.#reduce(new Turn(scope, before.timers), before, event.event)
    return event.kind === 'timer' ? this.#fire(scope, before, event.timer) : unhandled(before)
  }

  #reduce(turn: Turn, before: ReducerState, event: TypedEvent): TurnResult {
    return resultOf(turn, this.#code.reduce(before.value, event, turn), before)
  }

  #fire(scope: TurnScope, before: ReducerState, name: string): TurnResult {
    const timer = before.timers[name]
    if (timer === undefined) return unhandled(before)
    const turn = new Turn(scope, without(before.timers, name))
    const { event, to } = timer
    if (to === undefined || !('address' in to)) return this.#reduce(turn, before, event)
    turn.deliver(to.address, event)
    return resultOf(turn, before.value, before)
  }

  save(state: LoadedState): string {
    const { status, value, timers, output } = state as ReducerState
    // Sorted by key, as its text is.
    const data: ReducerData = { context: value, output, status, timers: timers === NONE ? undefined : timers }
    return canonicalJson(data, 'state') ?? '{}'
  }

  load(stored: StoredState): LoadedState {
    return readStored(stored, this.#upgrade, { hash: this.hash, revive: (data) => revive(data) })
  }

  view(state: LoadedState): ActorView {
    const { status, value, output } = state as ReducerState
    return { status, context: value, ...(output !== undefined && { output }) }
  }

  timers(state: LoadedState): readonly ArmedTimer[] {
    return Object.entries((state as ReducerState).timers).map(([timer, { event }]) => ({ timer, event }))
  }

  running(): readonly never[] {
    return []
  }

  runnable(): undefined {
    return undefined
  }

  action(): undefined {
    return undefined
  }

  /** What a function takes cannot be seen from outside. */
  orphans(): readonly never[] {
    return []
  }
}

function resultOf(turn: Turn, value: unknown, before: ReducerState | undefined): TurnResult {
  if (typeof value === 'object' && value !== null && 'then' in value)
    throw new NotDurableError('reducer', ASYNC)
  const { effects, end, timers } = turn
  const isSame =
    before !== undefined && value === before.value && timers === before.timers && end === undefined
  if (isSame && effects.length === 0) return unhandled(before)
  const status = end === undefined ? 'active' : 'done'
  const state: ReducerState = isSame ? before : { status, value: own(value), timers, output: end?.output }
  return { state, effects, handled: true, status, ...(end !== undefined && { output: end.output }) }
}

/** A state in memory is no object that the code may give again, as none is that was read from its bytes. */
function own(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value) && Object.getPrototypeOf(value) === Array.prototype)
    return [...(value as unknown[])]
  return Object.getPrototypeOf(value) === Object.prototype ? { ...value } : value
}

function unhandled(state: ReducerState): TurnResult {
  const { status, output } = state
  return { state, effects: [], handled: false, status, ...(output !== undefined && { output }) }
}

function revive(data: unknown): ReducerState {
  const { status, context, timers, output } = (data ?? {}) as Partial<ReducerData>
  if (status === undefined) throw new UnfitStateError('it has no status')
  return { status, value: context, timers: timers ?? NONE, output }
}

const LATER_RULES: Rules = { delayMs: anything, id: anything }

const NO_ADDRESS = {
  rule: 'unknown-target',
  reason: 'the target is no address of an actor',
  remedy: 'Give one: turn.deliver(definition.at(key), event)',
} as const

const ASYNC = {
  rule: 'async-reducer',
  reason: 'a reducer that gives a promise would not be one turn',
  remedy:
    'Make it synchronous; do slow work in a promise that a machine invokes, or in a consumer of a topic',
} as const
