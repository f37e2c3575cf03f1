/**
 * One machine run twice: as a live actor of XState, and through `defineActor` with the smallest of hosts.
 *
 * Owns: both runs over one virtual clock each, and what of them can be compared.
 * Leaves to tests the machines and the steps.
 *
 * TW1. The durable twin is saved and loaded between any two turns, so that nothing lives outside its bytes.
 */
import assert from 'node:assert/strict'
import { createActor } from 'xstate'
import type { AnyActorRef, AnyMachineSnapshot, AnyStateMachine } from 'xstate'
import { NotDurableError, dataOfError, defineActor } from '../../actors/index.ts'
import type {
  ActorDefinition,
  ActorEffect,
  ActorEvent,
  ActorView,
  LoadedState,
  Running,
  StartEffect,
  TurnScope,
  TypedEvent,
} from '../../actors/index.ts'

/** What is seen of a state: of a live one and of a durable one alike. */
export interface Sight {
  readonly status: string
  readonly value?: unknown
  readonly context?: unknown
  readonly output?: unknown
  readonly children?: Readonly<Record<string, Sight>>
}

export interface Twin {
  readonly emitted: unknown[]
  readonly logs: unknown[]
  start(input?: unknown): void
  send(event: TypedEvent): void
  advance(ms: number): void
  see(): Sight
  /** How many timers wait, and for how long still. */
  waits(): readonly number[]
}

/** A machine with what its own actions wrote down. Made twice, so that the twins share nothing. */
export interface Specimen {
  readonly machine: AnyStateMachine
  readonly trace: unknown[]
}

interface Due {
  readonly name: unknown
  readonly at: number
  readonly fire: () => void
}

/** A machine that arms a timer of 0 ms each time it fires would never let time go on. */
const FIRES_MAX = 40

/** Virtual time: what is due fires in order of its time, then in the order in which it was set. */
class DueList {
  now = 0
  #waiting: Due[] = []

  add(name: unknown, delay: number, fire: () => void): void {
    this.#waiting.push({ name, at: this.now + delay, fire })
  }

  remove(name: unknown): void {
    this.#waiting = this.#waiting.filter((due) => due.name !== name)
  }

  advance(ms: number): void {
    const end = this.now + ms
    let fires = 0
    for (let next = this.#next(end); next !== undefined && fires < FIRES_MAX; next = this.#next(end)) {
      fires += 1
      this.now = next.at
      this.#waiting = this.#waiting.filter((due) => due !== next)
      next.fire()
    }
    this.now = end
  }

  #next(end: number): Due | undefined {
    const ready = this.#waiting.filter(({ at }) => at <= end)
    return ready.toSorted((a, b) => a.at - b.at)[0]
  }

  waits(): number[] {
    return this.#waiting.map(({ at }) => at - this.now).toSorted((a, b) => a - b)
  }
}

export class LiveTwin implements Twin {
  readonly emitted: unknown[] = []
  readonly logs: unknown[] = []
  readonly #machine: AnyStateMachine
  readonly #clock = new DueList()
  #actor: AnyActorRef | undefined

  constructor(machine: AnyStateMachine) {
    this.#machine = machine
  }

  start(input?: unknown): void {
    const clock = {
      setTimeout: (fire: () => void, ms: number) => {
        const name = Symbol('timer')
        this.#clock.add(name, ms, fire)
        return name
      },
      clearTimeout: (name: unknown) => this.#clock.remove(name),
    }
    const options = { input, clock, logger: (...words: unknown[]) => this.logs.push(words.at(-1)) }
    const actor = createActor(this.#machine, options as object)
    actor.on('*', (event) => this.emitted.push(event))
    // An error is seen in the snapshot; without an observer XState would throw it once more, later.
    actor.subscribe({ error: () => {} })
    this.#actor = actor as AnyActorRef
    actor.start()
  }

  send(event: TypedEvent): void {
    this.#actor?.send(event)
  }

  advance(ms: number): void {
    this.#clock.advance(ms)
  }

  see(): Sight {
    return sightOf(this.#actor?.getSnapshot() as AnyMachineSnapshot)
  }

  waits(): readonly number[] {
    return this.#clock.waits()
  }
}

function sightOf(snapshot: AnyMachineSnapshot): Sight {
  const { status, value, context, output, children } = snapshot as AnyMachineSnapshot & { output: unknown }
  const refs = named((children ?? {}) as Record<string, AnyActorRef>)
  const inner = refs.flatMap(([id, ref]) => sightOfChild(id, ref.getSnapshot() as AnyMachineSnapshot))
  return plain({ status, value, context: context as unknown, output, children: Object.fromEntries(inner) })
}

/** Children without an id of the machine's have one of the system's, which differs: here they are known by their order. */
function named<TChild>(children: Readonly<Record<string, TChild>>): (readonly [string, TChild])[] {
  const all = Object.entries(children)
  const unnamed = all.map(([id]) => id).filter((id) => SYSTEMS_OWN.test(id))
  const order = unnamed.toSorted((left, right) => left.localeCompare(right, 'en', { numeric: true }))
  return all.map(([id, child]) => [SYSTEMS_OWN.test(id) ? `unnamed ${order.indexOf(id)}` : id, child])
}

const SYSTEMS_OWN = /^x:\d+(:\d+)?$/

/** Promises and callbacks have no context: nothing of theirs is compared. */
function sightOfChild(id: string, snapshot: AnyMachineSnapshot): [string, Sight][] {
  return 'context' in snapshot ? [[id, sightOf(snapshot)]] : []
}

function plain<TValue>(value: TValue): TValue {
  return JSON.parse(JSON.stringify(value, (_, part: unknown) => (isRef(part) ? 'ref' : part))) as TValue
}

function isRef(part: unknown): boolean {
  return typeof part === 'object' && part !== null && 'xstate$$type' in part
}

export class DurableTwin implements Twin {
  readonly emitted: unknown[] = []
  readonly logs: unknown[] = []
  readonly delivered: ActorEffect[] = []
  readonly replies: unknown[] = []
  readonly definition: ActorDefinition
  readonly #clock = new DueList()
  readonly #running = new Map<string, Running>()
  readonly #mail: ActorEvent[] = []
  #state: LoadedState | undefined
  #error: unknown
  #turns = 0
  #isBusy = false

  constructor(machine: AnyStateMachine) {
    this.definition = defineActor('twin', { machine })
  }

  start(input?: unknown): void {
    // What a callback sends at once is mail for after this turn.
    this.#isBusy = true
    try {
      this.#commit(this.definition.logic.begin(this.#scope(), input))
    } catch (error) {
      this.#error = error
    }
    this.#isBusy = false
    this.#work()
  }

  #scope(): TurnScope {
    this.#turns += 1
    const turn = this.#turns
    const address = this.definition.at('one')
    return { address, nowMs: this.#clock.now, turn, random: () => 0.5, id: () => `id-${turn}` }
  }

  #commit({
    state,
    effects,
  }: {
    readonly state: LoadedState
    readonly effects: readonly ActorEffect[]
  }): void {
    this.#state = this.#reload(state)
    for (const effect of effects) this.#carryOut(effect)
  }

  #reload(state: LoadedState): LoadedState {
    const { logic } = this.definition
    const text = logic.save(state)
    const loaded = logic.load({ version: logic.version, hash: logic.hash, text })
    assert.deepEqual(logic.save(loaded), text, 'a state is the same after the way through its bytes')
    return loaded
  }

  send(event: TypedEvent): void {
    this.#post({ kind: 'event', event })
  }

  #post(event: ActorEvent): void {
    this.#mail.push(event)
    this.#work()
  }

  #work(): void {
    if (this.#isBusy) return
    this.#isBusy = true
    for (let event = this.#mail.shift(); event !== undefined; event = this.#mail.shift()) this.#turn(event)
    this.#isBusy = false
  }

  #turn(event: ActorEvent): void {
    if (this.#state === undefined || this.#error !== undefined) return
    try {
      this.#commit(this.definition.logic.turn(this.#scope(), this.#state, event))
    } catch (error) {
      this.#error = error
    }
  }

  #carryOut(effect: ActorEffect): void {
    const { logic } = this.definition
    switch (effect.kind) {
      case 'arm':
        return this.#clock.add(effect.timer, effect.delayMs, () =>
          this.#post({ kind: 'timer', timer: effect.timer }),
        )
      case 'cancel':
        return this.#clock.remove(effect.timer)
      case 'emit':
        return void this.emitted.push(effect.event)
      case 'log':
        return void this.logs.push(effect.value)
      case 'reply':
        return void this.replies.push(effect.value)
      case 'deliver':
      case 'publish':
        return void this.delivered.push(effect)
      case 'action': {
        const code = logic.action(effect.name)
        assert.ok(code, `the action ${effect.name} is found by its name`)
        return void code(
          { context: effect.context, event: effect.event, self: {}, system: {} },
          effect.params,
        )
      }
      case 'start':
        return this.#run(effect)
      case 'stop':
        return this.#running.get(placeOf(effect))?.stop()
      case 'tell':
        return this.#running.get(placeOf(effect))?.tell(effect.event)
    }
  }

  #run(effect: StartEffect): void {
    const { effect: place, generation } = effect
    const run = this.definition.logic.runnable(effect.src)
    assert.ok(run, `the code ${effect.src} is found by its name`)
    const report = {
      done: (output: unknown) => this.#post({ kind: 'done', effect: place, generation, output }),
      failed: (error: unknown) => this.#post({ kind: 'failed', effect: place, generation, error }),
      sent: (event: TypedEvent) => this.#post({ kind: 'sent', effect: place, generation, event }),
    }
    const id = `twin/one/${generation}`
    this.#running.set(placeOf(effect), run({ ...effect, id, report }))
  }

  advance(ms: number): void {
    this.#clock.advance(ms)
  }

  see(): Sight {
    if (this.#error !== undefined) return { status: 'error' }
    assert.ok(this.#state)
    return plain(viewToSight(this.definition.logic.view(this.#state)))
  }

  waits(): readonly number[] {
    return this.#clock.waits()
  }

  /** The rule that a turn broke, of those that only a turn can show. */
  get refusal(): string | undefined {
    return this.#error instanceof NotDurableError ? this.#error.rule : undefined
  }

  /** What ended it by a throw, as data. */
  get error(): unknown {
    return dataOfError(this.#error)
  }
}

function placeOf({ effect, generation }: { readonly effect: string; readonly generation: number }): string {
  return `${effect}#${generation}`
}

function viewToSight({ status, value, context, output, children }: ActorView): Sight {
  const inner = named(children ?? {}).map(([id, child]) => [id, viewToSight(child)] as const)
  return { status, value, context, output, children: Object.fromEntries(inner) }
}

/** One step of a run. */
export type TwinStep =
  | { readonly send: TypedEvent }
  | { readonly advance: number }
  /** Something that both twins wait for: given to the two specimens in turn. */
  | { readonly settle: (specimen: Specimen) => void }

/**
 * Runs both twins over the same steps and compares them after each.
 * @returns the durable twin, to look at more of it.
 */
export async function assertTwins(
  make: () => Specimen,
  steps: readonly TwinStep[],
  input?: unknown,
): Promise<DurableTwin> {
  const [left, right] = [make(), make()]
  const [live, durable] = [new LiveTwin(left.machine), new DurableTwin(right.machine)]
  durable.start(input)
  // What a turn refuses may be what a live actor never returns from.
  if (durable.refusal !== undefined) return durable
  live.start(input)
  assertSame([live, left], [durable, right], 'after the start')
  for (const [index, step] of steps.entries()) {
    take(durable, right, step)
    if (durable.refusal !== undefined) break
    take(live, left, step)
    await settled()
    assertSame([live, left], [durable, right], `after step ${index}: ${JSON.stringify(step)}`)
    if (live.see().status === 'error') break
  }
  return durable
}

function take(twin: Twin, specimen: Specimen, step: TwinStep): void {
  if ('send' in step) twin.send(step.send)
  else if ('advance' in step) twin.advance(step.advance)
  else step.settle(specimen)
}

/** Whatever was waiting on promises has gone on. */
async function settled(): Promise<void> {
  await new Promise<void>((resolve) => {
    setImmediate(resolve)
  })
}

function assertSame(live: readonly [Twin, Specimen], durable: readonly [Twin, Specimen], when: string): void {
  assert.deepEqual(told(durable), told(live), when)
}

function told([twin, { trace }]: readonly [Twin, Specimen]): unknown {
  const sight = twin.see()
  // After an error XState keeps what it had; a durable actor has not taken the step at all.
  if (sight.status === 'error') return { status: 'error' }
  const { emitted, logs } = twin
  const waits = sight.status === 'active' ? twin.waits() : []
  return { sight, emitted: plain(emitted), logs: plain(logs), trace: plain(trace), waits }
}
