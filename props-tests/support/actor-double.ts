/**
 * Logic of actors written as one function, for tests of the host.
 *
 * Owns: the smallest honest behaviour: state as JSON, effects that the function asks for, timers and effects that its
 * state knows. Leaves machines to `actors/`.
 */
import type {
  ActorDefinition,
  ActorEffect,
  ActorEvent,
  ActorLogic,
  ActorView,
  ErrorData,
  LoadedState,
  Runnable,
  StartEffect,
  StoredState,
  TurnResult,
  TurnScope,
  TypedEvent,
} from '../../actors/index.ts'

/** What a double may ask for within a turn. */
export interface Asks {
  readonly scope: TurnScope
  ask(effect: ActorEffect): void
  /** Starts outside code in a place of its own. */
  start(effect: string, src: string, input: unknown): void
  arm(timer: string, delayMs: number): void
  finish(output: unknown): void
}

export type DoubleEvent =
  | TypedEvent
  | { readonly type: 'timer'; readonly timer: string }
  | { readonly type: 'done'; readonly effect: string; readonly output: unknown }
  | { readonly type: 'failed'; readonly effect: string; readonly error: ErrorData }

/** Everything is allowed: it is the host that is tested. */
export interface DoubleTypes {
  readonly event: TypedEvent & Record<string, unknown>
  readonly input: unknown
  readonly output: unknown
  readonly replies: object
  readonly emitted: TypedEvent
  readonly view: ActorView
}

export interface DoubleOptions<State> extends Partial<Omit<ActorDefinition<DoubleTypes>, 'name' | 'logic'>> {
  readonly initial: (input: unknown) => State
  /** The next state; the given one is frozen. `undefined`: the event means nothing. */
  readonly reduce: (
    state: State,
    event: DoubleEvent & Record<string, unknown>,
    asks: Asks,
  ) => State | undefined
  readonly runnables?: Readonly<Record<string, Runnable>>
  readonly actions?: Readonly<Record<string, (params: unknown, event: TypedEvent, self: unknown) => unknown>>
  readonly version?: number
  readonly migrate?: (state: unknown, from: number) => State
}

interface Kept<State> {
  readonly state: State
  readonly running: readonly StartEffect[]
  readonly timers: readonly string[]
  readonly starts: number
  readonly status: LoadedState['status']
  readonly output?: unknown
}

interface Loaded<State> extends LoadedState {
  readonly kept: Kept<State>
}

class Double<State> implements ActorLogic {
  readonly name: string
  readonly version: number
  readonly hash: string
  readonly #options: DoubleOptions<State>

  constructor(name: string, options: DoubleOptions<State>) {
    this.name = name
    this.version = options.version ?? 1
    this.hash = `double-${this.version}`
    this.#options = options
  }

  begin(_: TurnScope, input: unknown): TurnResult {
    const kept = {
      state: this.#options.initial(input),
      running: [],
      timers: [],
      starts: 0,
      status: 'active',
    } as const
    return resultOf(kept, [], true)
  }

  turn(scope: TurnScope, state: LoadedState, event: ActorEvent): TurnResult {
    const { kept } = state as Loaded<State>
    const told = toldOf(event)
    if (event.kind === 'timer' && !kept.timers.includes(event.timer)) return resultOf(kept, [], false)
    if (event.kind !== 'event' && event.kind !== 'timer' && !isRunning(kept, event))
      return resultOf(kept, [], false)
    const effects: ActorEffect[] = []
    let { running, timers, starts, status, output } = kept
    if (event.kind === 'timer') timers = timers.filter((timer) => timer !== event.timer)
    if (event.kind === 'done' || event.kind === 'failed')
      running = running.filter(({ effect }) => effect !== event.effect)
    const next = this.#options.reduce(frozen(kept.state), told as never, {
      scope,
      ask: (effect) => {
        if (effect.kind === 'cancel') timers = timers.filter((timer) => timer !== effect.timer)
        if (effect.kind === 'stop') running = running.filter((one) => one.effect !== effect.effect)
        effects.push(effect)
      },
      start: (effect, src, input) => {
        starts += 1
        const started: StartEffect = {
          kind: 'start',
          effect,
          generation: starts,
          src,
          input,
          child: effect,
          snapshots: false,
        }
        running = [...running.filter((one) => one.effect !== effect), started]
        effects.push(started)
      },
      arm: (timer, delayMs) => {
        timers = [...timers, timer]
        effects.push({ kind: 'arm', timer, event: { type: timer }, delayMs })
      },
      finish: (result) => {
        status = 'done'
        output = result
      },
    })
    if (next === undefined) return resultOf(kept, [], false)
    return resultOf({ state: next, running, timers, starts, status, output }, effects, true)
  }

  load({ version, text }: StoredState): LoadedState {
    const kept = JSON.parse(text) as Kept<State>
    const { migrate } = this.#options
    if (version !== this.version && migrate === undefined)
      throw new RangeError(`version ${version} does not fit`)
    const state =
      version === this.version || migrate === undefined ? kept.state : migrate(kept.state, version)
    return loadedOf({ ...kept, state })
  }

  save(state: LoadedState): string {
    return JSON.stringify((state as Loaded<State>).kept)
  }

  view(state: LoadedState): ActorView {
    const { kept } = state as Loaded<State>
    return { status: kept.status, context: kept.state, output: kept.output }
  }

  running(state: LoadedState): readonly StartEffect[] {
    return (state as Loaded<State>).kept.running
  }

  runnable(src: string): Runnable | undefined {
    return this.#options.runnables?.[src]
  }

  action(name: string): ReturnType<ActorLogic['action']> {
    const action = this.#options.actions?.[name]
    return action === undefined ? undefined : ({ event, self }, params) => action(params, event, self)
  }

  timers(state: LoadedState): readonly { timer: string; event: TypedEvent }[] {
    return (state as Loaded<State>).kept.timers.map((timer) => ({ timer, event: { type: timer } }))
  }

  orphans(state: LoadedState): readonly { timer: string; event: TypedEvent }[] {
    return this.timers(state).filter(({ timer }) => timer.startsWith('lost'))
  }
}

function loadedOf<State>(kept: Kept<State>): Loaded<State> {
  return { status: kept.status, kept }
}

function resultOf<State>(kept: Kept<State>, effects: readonly ActorEffect[], handled: boolean): TurnResult {
  return { state: loadedOf(kept), effects, handled, status: kept.status, output: kept.output }
}

function isRunning(
  kept: Kept<unknown>,
  { effect, generation }: { effect: string; generation: number },
): boolean {
  return kept.running.some((one) => one.effect === effect && one.generation === generation)
}

function toldOf(event: ActorEvent): TypedEvent {
  switch (event.kind) {
    case 'event':
    case 'sent':
      return event.event
    case 'timer':
      return { type: 'timer', ...{ timer: event.timer } }
    case 'done':
      return { type: 'done', ...{ effect: event.effect, output: event.output } }
    case 'failed':
      return { type: 'failed', ...{ effect: event.effect, error: event.error } }
  }
}

function frozen<State>(state: State): State {
  return typeof state === 'object' && state !== null ? Object.freeze(state) : state
}

/** A definition for the host. */
export function double<State>(name: string, options: DoubleOptions<State>): ActorDefinition<DoubleTypes> {
  return {
    name,
    version: options.version ?? 1,
    logic: new Double(name, options),
    schema: options.schema,
    subscriptions: options.subscriptions ?? [],
    supervision: options.supervision,
    effectTimeoutMs: options.effectTimeoutMs,
    idempotencyCount: options.idempotencyCount,
    at: (key) => ({ actor: name, key }),
  }
}

/** A promise as outside code. */
export function promised(run: (input: unknown, id: string) => Promise<unknown>): Runnable {
  return ({ input, id, report }) => {
    let isStopped = false
    run(input, id).then(
      (output) => (isStopped ? undefined : report.done(output)),
      (error: unknown) => (isStopped ? undefined : report.failed(error)),
    )
    return { tell: () => {}, stop: () => (isStopped = true), settles: true }
  }
}
