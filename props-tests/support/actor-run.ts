/**
 * Actors on a simulated disk: one command after another, with crashes at system calls inside of them.
 *
 * Owns: opening, and carrying commands out. Leaves dying and coming back to `deaths.ts`, the behaviour to
 * `actor-workload.ts`, the judgement to `actor-book.ts`, and which commands to the properties.
 *
 * AC1. The same commands make the same calls: one seed replays a run.
 * AC2. Every turn notes which life took it. What was seen outside must bear the note that is on disk in the end: a turn
 *     that was told and then taken anew by another life is found.
 */
import { JournalStore } from '../../persistence/internal.ts'
import { UnlostError, type openRuntime } from '../../runtime/index.ts'
import type { ActorRef, Runtime } from '../../runtime/index.ts'
import { SimulatedClock, SimulatedDisk, SimulatedRandom } from '../index.ts'
import type { ActorDefinition } from '../../actors/index.ts'
import { ActorBook } from './actor-book.ts'
import type { DoubleTypes } from './actor-double.ts'
import { Deaths } from './deaths.ts'
import type { MortalCommand } from './deaths.ts'
import { definitionsOf, EMPTY, feed, out, type Plan, type State, type Told } from './actor-workload.ts'
import { openJournal } from './journal-subject.ts'
import { ViolationError } from './violation.ts'

export type ActorWork =
  | { readonly do: 'send'; readonly plans: readonly Plan[] }
  | { readonly do: 'ask'; readonly key: number }
  | { readonly do: 'feed'; readonly key: number }
  | { readonly do: 'resend' }
  | { readonly do: 'redrive' }
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'jump'; readonly ms: number }
  | { readonly do: 'restart' }

export type ActorCommand = MortalCommand<ActorWork>

const KEYS = 3
const DRAIN_STEP_MS = 400
const DRAIN_STEPS_MAX = 200

/** Everything that the process of one life holds. */
class Life {
  readonly clock: SimulatedClock
  readonly number: number
  runtime: Runtime | undefined
  isOver = false
  pending = 0

  constructor(number: number, startMs: number | undefined) {
    this.number = number
    this.clock = new SimulatedClock(startMs === undefined ? {} : { startMs })
  }
}

export class ActorRun {
  readonly disk = new SimulatedDisk()
  #life = new Life(0, undefined)
  #sends = 0
  readonly #deaths = new Deaths(this.disk, {
    present: () => this.#life,
    open: () => this.#openRuntime(),
    crashed: () => (this.book.counts.crashes += 1),
    throwFailure: () => this.#throwFailure(),
  })
  readonly book = new ActorBook()
  readonly #open: typeof openRuntime
  readonly #actors: ActorDefinition<DoubleTypes>
  readonly #second: ActorDefinition<DoubleTypes>
  #failure: ViolationError | undefined

  private constructor(open: typeof openRuntime) {
    this.#open = open
    const { first, second } = definitionsOf({
      life: () => this.#life.number,
      work: (input, id) => this.#work(input, id),
      tell: (what, told) => this.#tell(what, told),
    })
    this.#actors = first
    this.#second = second
  }

  static async begin(open: typeof openRuntime): Promise<ActorRun> {
    const run = new ActorRun(open)
    await run.#deaths.comeBack([])
    return run
  }

  async step({ work, crashes }: ActorCommand): Promise<void> {
    const died = await this.#deaths.during(crashes, () => this.#perform(work))
    if (!died && work.do === 'restart') await this.#deaths.comeBack([])
  }

  async finish(): Promise<void> {
    await this.step({ work: { do: 'resend' } })
    for (let i = 0; i < DRAIN_STEPS_MAX; i += 1) {
      await this.#deaths.attempt(() => this.#life.clock.advance(DRAIN_STEP_MS))
      if (i > 10 && this.#life.pending === 0 && (await this.#isQuiet())) break
    }
    await this.#judge()
    await this.step({ work: { do: 'restart' } })
    await this.#deaths.attempt(() => this.#life.clock.advance(DRAIN_STEP_MS))
    await this.#judge()
    await this.#close()
  }

  async #isQuiet(): Promise<boolean> {
    for (const key of keys()) {
      if (this.#ref(key).lag !== undefined) return false
      const state = await this.#state(this.#actors, key)
      const due = Object.keys(state.due).length
      const promises = [...this.book.confirmed].filter(
        ([, { plan }]) => plan.wants === 'promise' && `k${plan.key}` === key,
      )
      if (state.fired.length < due || state.done.length < promises.length) return false
    }
    return true
  }

  async #judge(): Promise<void> {
    const dead = (await this.#life.runtime?.actorLetters(this.#actors).list()) ?? []
    const states = new Map<string, { first: State; second: State }>()
    for (const key of keys()) {
      const first = await this.#state(this.#actors, key)
      states.set(key, { first, second: await this.#state(this.#second, key) })
    }
    this.book.judge({ dead, states })
  }

  async #state(definition: ActorDefinition<DoubleTypes>, key: string): Promise<State> {
    const view = await this.#life.runtime?.actor(definition, key).snapshot()
    return (view?.context as State | undefined) ?? EMPTY
  }

  #ref(key: string): ActorRef<DoubleTypes> {
    const { runtime } = this.#life
    if (runtime === undefined) throw new ViolationError('run', 'no runtime')
    return runtime.actor(this.#actors, key)
  }

  async #perform(work: ActorWork): Promise<void> {
    switch (work.do) {
      case 'send':
        for (const plan of work.plans) this.#send(`k${plan.key} m${(this.#sends += 1)}`, plan)
        return
      case 'ask':
        return this.#ask(`a${(this.#sends += 1)}`, work.key)
      case 'feed':
        return this.#feed(`k${work.key} f${(this.#sends += 1)}`, `k${work.key}`)
      case 'resend':
        for (const [id, plan] of [...this.book.open]) this.#send(id, plan)
        for (const [id, key] of [...this.book.openAsks]) this.#ask(id, key)
        for (const [id, key] of [...this.book.openFeeds]) this.#feed(id, key)
        for (const [id, { key }] of [...this.book.asks].slice(0, 2)) this.#ask(id, key)
        return
      case 'redrive':
        this.book.hasRedriven = true
        this.#life.runtime?.actorLetters(this.#actors).redrive().catch(ofTheDead)
        return
      case 'advance':
        return this.#life.clock.advance(work.ms)
      case 'jump':
        return this.#life.clock.jumpWall(work.ms)
      case 'restart':
        return this.#close()
    }
  }

  #send(id: string, plan: Plan): void {
    const life = this.#life
    this.book.open.set(id, plan)
    const event = { type: 'NOTE', id, wants: plan.wants, delayMs: plan.delayMs }
    life.pending += 1
    this.#ref(`k${plan.key}`)
      .send(event, { idempotencyKey: id })
      .then(({ offset }) => {
        if (life.isOver || this.disk.isCrashed) return undefined
        this.book.counts.confirmed += 1
        this.book.open.delete(id)
        this.book.confirmed.set(id, { plan, offset })
        return undefined
      }, rejected)
      .finally(() => (life.pending -= 1))
      .catch(ofTheDead)
  }

  #ask(id: string, key: number): void {
    const life = this.#life
    const known = this.book.asks.get(id)
    this.book.openAsks.set(id, key)
    life.pending += 1
    this.#ref(`k${key}`)
      .ask({ type: 'ASK' }, { idempotencyKey: id })
      .then(
        (reply) => {
          if (life.isOver || this.disk.isCrashed) return undefined
          const words = JSON.stringify(reply)
          if (known !== undefined && JSON.stringify(known.reply) !== words)
            this.#failure = new ViolationError(
              'reply',
              `${id}: ${words} after ${JSON.stringify(known.reply)}`,
            )
          this.book.openAsks.delete(id)
          this.book.asks.set(id, { key, reply })
          this.book.counts.asked += 1
          return undefined
        },
        (error: unknown) => this.#unanswered(id, known !== undefined, error),
      )
      .finally(() => (life.pending -= 1))
      .catch(ofTheDead)
  }

  /** Who asks once more under the same key is answered once more. */
  #unanswered(id: string, isKnown: boolean, error: unknown): undefined {
    if (!(error instanceof UnlostError)) throw error
    if (isKnown && error.code === 'UNLOST_NO_REPLY')
      this.#failure ??= new ViolationError('reply', `${id}: ${error}`)
    return undefined
  }

  #feed(id: string, key: string): void {
    const life = this.#life
    this.book.openFeeds.set(id, key)
    life.pending += 1
    life.runtime
      ?.producer(feed, { id: `feeder ${life.number} ${id}`.replaceAll(' ', '-') })
      .send({ id, key }, { messageId: id })
      .then(() => {
        if (life.isOver || this.disk.isCrashed) return undefined
        this.book.openFeeds.delete(id)
        this.book.fed.add(id)
        this.book.counts.fed += 1
        return undefined
      }, rejected)
      .finally(() => (life.pending -= 1))
      .catch(ofTheDead)
  }

  /** A promise: takes a while, and runs again after a crash. */
  #work(input: string, id: string): Promise<unknown> {
    const life = this.#life
    const ids = this.book.effects.get(input) ?? new Set<string>()
    this.book.effects.set(input, ids.add(id))
    return new Promise((resolve) => {
      life.clock.schedule(30, () => resolve(input))
    })
  }

  #tell(what: string, { key, id, life }: Omit<Told, 'what'>): void {
    if (this.#life.isOver || this.disk.isCrashed) return
    this.book.counts.told += 1
    this.book.told.push({ what, key, id, life })
  }

  async #openRuntime(): Promise<void> {
    const before = this.#life
    before.isOver = true
    const life = new Life(before.number + 1, before.number === 0 ? undefined : before.clock.nowMs() + 5)
    this.#life = life
    const opening = async (): Promise<void> => {
      life.runtime = await this.#open('simulated', {
        clock: life.clock,
        random: new SimulatedRandom(life.number),
        actors: [this.#actors, this.#second],
        store: () =>
          Promise.resolve().then(() => new JournalStore(openJournal(this.#deaths.diskOf(life), life.number))),
        limits: {
          segmentBytes: 64 * 1024,
          upkeepMs: 150,
          batchBytes: 4_096,
          recentBytes: 2_048,
          activeActors: 2,
        },
      })
      this.#furnish(life, life.runtime)
      await life.clock.executor.settle()
    }
    await this.#deaths.attempt(opening, (error) => {
      throw new ViolationError('false-refusal', String(error), error)
    })
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure
  }

  #furnish(life: Life, runtime: Runtime): void {
    for (const name of [
      'gap',
      'duplicate',
      'step-back',
      'corruption',
      'data-loss',
      'interceptor-error',
    ] as const) {
      runtime.on(name, (event) => {
        if (!life.isOver && !this.disk.isCrashed)
          this.#failure ??= new ViolationError(name, JSON.stringify(event))
      })
    }
    runtime.on('actor-failed', ({ error }) => {
      if (error instanceof RangeError || life.isOver || this.disk.isCrashed) return
      this.#failure ??= new ViolationError('failed', String(error), error)
    })
    for (const key of keys()) {
      runtime.actor(this.#actors, key).on('*', (event) => this.#tell('emit', event as unknown as Told))
    }
    const consumer = runtime.consumer(out, { group: 'reader' })
    consumer
      .run(({ value: { id, life: taken }, offset }) => {
        if (life.isOver || this.disk.isCrashed) return
        // Delivered anew after a crash: counted once by its place.
        if (this.#places.has(offset)) return
        this.#places.add(offset)
        this.book.published.push({ what: 'published', key: '', id, life: taken })
      })
      .catch(ofTheDead)
  }

  readonly #places = new Set<number>()

  async #close(): Promise<void> {
    const { runtime, clock } = this.#life
    const closing = runtime?.close()
    closing?.catch(ofTheDead)
    await clock.advance(4_000)
    if (!this.disk.isCrashed) await closing
  }
}

function keys(): string[] {
  return Array.from({ length: KEYS }, (_, i) => `k${i}`)
}

function rejected(error: unknown): undefined {
  if (error instanceof UnlostError) return undefined
  throw error
}

function ofTheDead(): void {}
