/**
 * Actors of the user's in a simulated process: opened in each life, sent events, looked at in the end.
 *
 * Owns: what a run of them consists of, and gathering the facts of it. Leaves lives and crashes to `simulation.ts`, and
 * judging to `actor-checkers.ts`.
 *
 * AS1. Each life has definitions of its own where the user makes them by a function, as a process would.
 * AS2. At the end time goes on until no mail waits, and then from timer to timer.
 */
import { MigrationError, UnfitStateError } from '../../actors/index.ts'
import type { ActorDefinition, ActorLogic } from '../../actors/index.ts'
import type { Runtime, Topic } from '../../runtime/index.ts'
import { CheckUsageError, RefusedError } from './errors.ts'
import { fedMail, isKnown } from './fed-mail.ts'
import type { ActorFacts } from './actor-facts.ts'
import { ActorLog } from './actor-log.ts'
import { ActorOrders } from './actor-orders.ts'
import type { Letter } from './actor-orders.ts'
import { ActorWatch } from './actor-watch.ts'
import type { Case } from './arbitraries.ts'
import { PureWorld } from './pure-world.ts'
import { pureRun } from './pure-run.ts'
import type { PureActor } from './pure-run.ts'
import { jsonText, spell } from './json.ts'
import type { Life } from './life.ts'
import type { Driver, Program, RunResult, RunSettings, Scenario } from './scenario.ts'
import { Simulation } from './simulation.ts'
import { watched } from './watched-actor.ts'
import { wordsOf } from './words.ts'
import type { World } from './world.ts'

/** One thing that a step does. */
export type ActorItem =
  | ({ readonly do: 'event' } & Omit<Letter, 'input'>)
  /** So many at once that they do not fit into one batch; to all keys in turn. */
  | {
      readonly do: 'burst'
      readonly definition: string
      readonly events: readonly Letter['event'][]
      readonly count: number
    }
  /** To a topic that feeds actors. */
  | { readonly do: 'message'; readonly topic: string; readonly value: unknown }
  /** The process ends, and the next one has the new version. */
  | { readonly do: 'upgrade' }
  /** Goes to `shortMs` before the next timer is due, or to it. */
  | { readonly do: 'due'; readonly shortMs: number }

export interface ActorPlan {
  /** The definitions of one life; the first is the one that is sent events. */
  readonly make: (world: World) => readonly ActorDefinition[]
  /** What the first one was before an upgrade. */
  readonly older?: ((world: World) => ActorDefinition) | undefined
  readonly topics?: ReadonlyMap<string, Topic<unknown>>
  readonly keys: readonly string[]
  readonly input: unknown
  readonly invariant: ActorFacts['invariant']
  /** How long the process lives on before it ends, in milliseconds: what code left to a timer in memory shows. */
  readonly lingerMs?: number
}

/** What a run left, with its facts. */
export interface ActorRunResult extends RunResult {
  readonly facts: ActorFacts
}

const JUMP_MS = 30_000
const FIRINGS_MAX = 24
/** So many turns of a run are taken by code that is made for them alone. */
const MADE_MAX = 60
const BATCH_BYTES = [1024 * 1024, 4_096, 16_384] as const

export async function runActors(
  plan: ActorPlan,
  item: Case<ActorItem>,
  settings: RunSettings,
): Promise<ActorRunResult> {
  const actors = new ActorScenario(plan, item)
  const result = await Simulation.run(actors.scenario(), settings)
  return { ...result, facts: actors.facts(result) }
}

class ActorScenario {
  readonly #plan: ActorPlan
  readonly #item: Case<ActorItem>
  readonly #snapshots = new Map<string, string | undefined>()
  #isOlder: boolean
  #watch: ActorWatch | undefined
  #orders: ActorOrders | undefined
  #definitions: readonly ActorDefinition[] = []
  #runtime: Runtime | undefined
  #driver: Driver | undefined

  constructor(plan: ActorPlan, item: Case<ActorItem>) {
    this.#plan = plan
    this.#item = item
    this.#isOlder = plan.older !== undefined
  }

  scenario(): Scenario {
    return {
      maxDeliveries: 10,
      opening: (world, life) => this.#opening(world, life),
      begin: (driver, runtime) => this.#begin(driver, runtime),
      main: () => ({ view: () => this.#look() }) satisfies Program,
      waiting: () => this.#waiting(),
      workload: (driver) => this.#work(driver),
    }
  }

  #opening(world: World, life: Life): ReturnType<NonNullable<Scenario['opening']>> {
    const log = this.#watch ?? new ActorWatch(new ActorLog(life.log))
    this.#watch = log
    life.byHand = (name, text) => log.byHand(name, text)
    if (log.isEndless) throw new RefusedError('the turns of its actors had no end')
    this.#definitions = this.#made(world).map((definition) => watched(definition, life, log))
    const batchBytes = BATCH_BYTES[this.#item.chance % BATCH_BYTES.length] ?? 4_096
    const limits = {
      segmentBytes: 256 * 1024,
      activeActors: this.#item.chance % 4 < 2 ? 2 : 4,
      recentBytes: 2_048,
      upkeepMs: 500,
      batchBytes,
    }
    return { actors: this.#definitions, limits }
  }

  /** The definitions of a process: the first may still be the older one. */
  #made(world: World): readonly ActorDefinition[] {
    const made = this.#plan.make(world)
    const older = this.#isOlder ? this.#plan.older?.(world) : undefined
    return older === undefined ? made : [older, ...made.slice(1)]
  }

  #begin(driver: Driver, runtime: Runtime): void {
    const { life, log } = driver
    const watch = this.#watch ?? new ActorWatch(new ActorLog(log))
    this.#driver = driver
    this.#runtime = runtime
    this.#orders ??= new ActorOrders(watch, (actor, offset) => log.next(`~actors/${actor}`, 0) > offset)
    for (const definition of this.#definitions)
      for (const key of this.#plan.keys) this.#listen(life, { runtime, definition, key, watch })
    runtime.on('actor-failed', ({ actor, key, next, error }) => {
      life.tell({ kind: 'note', who: `${actor}/${key}`, text: `fails (${next}): ${wordsOf(error)}` })
    })
    this.#orders.begin(life, runtime, this.#definitions)
  }

  #listen(
    life: Life,
    {
      runtime,
      definition,
      key,
      watch,
    }: {
      readonly runtime: Runtime
      readonly definition: ActorDefinition
      readonly key: string
      readonly watch: ActorWatch
    },
  ): void {
    const actor = definition.name
    const ref = runtime.actor(definition, key)
    ref.on('*', (event) => {
      const text = spell(JSON.parse(jsonText(event)))
      life.tell({ kind: 'note', who: `${actor}/${key}`, text: `emits ${text}` })
      watch.note(life, { what: 'emitted', actor, key, text })
    })
    ref.subscribe((view) => watch.note(life, { what: 'state', actor, key, text: spell(view) }))
  }

  async #work(driver: Driver): Promise<void> {
    const { steps, chance } = this.#item
    for (const { values, waitMs } of steps) {
      await driver.step(async (life) => {
        for (const item of values) await this.#do(driver, life, item)
        await driver.settle()
        if (waitMs > 0) await driver.advance(waitMs)
      })
      this.#demandSound()
    }
    if (this.#isOlder) await driver.step((life) => this.#upgrade(life))
    await this.#fireAll(driver)
    if (this.#plan.lingerMs !== undefined) await driver.advance(this.#plan.lingerMs)
    if (chance % 2 === 0) return
    await this.#restart(driver)
    await driver.step((life) => this.#orders?.askAgain(life))
    await this.#fireAll(driver)
  }

  async #do(driver: Driver, life: Life, item: ActorItem): Promise<void> {
    if (item.do === 'event') return this.#orders?.add(life, { ...item, input: this.#plan.input })
    if (item.do === 'message') return this.#publish(driver, life, item)
    if (item.do === 'upgrade') return this.#upgrade(life)
    if (item.do === 'burst') return this.#burst(life, item)
    await driver.settle()
    const [next] = this.#watch?.log.timers() ?? []
    if (next !== undefined && !life.isDead) await this.#goTo(driver, next.dueMs - item.shortMs)
  }

  #publish({ orders }: Driver, life: Life, { topic, value }: Extract<ActorItem, { do: 'message' }>): void {
    const known = this.#plan.topics?.get(topic)
    if (known !== undefined) orders.add(life, { topic: known, value })
  }

  #upgrade(life: Life): void {
    if (!this.#isOlder) return
    this.#isOlder = false
    life.diedAt = 'to begin anew with the new version'
    life.dieNow()
  }

  #burst(life: Life, { definition, events, count }: Extract<ActorItem, { do: 'burst' }>): void {
    const { keys, input } = this.#plan
    for (let i = 0; i < count; i += 1) {
      const event = events[i % events.length]
      const key = keys[Math.floor(i / events.length) % keys.length]
      if (event === undefined || key === undefined) return
      this.#orders?.add(life, { definition, key, event, mode: 'send', input })
    }
  }

  /** The process ends between two steps, with all that it holds in memory. */
  async #restart(driver: Driver): Promise<void> {
    await driver.step((life) => {
      life.diedAt = 'between two system calls, to see what its successor finds'
      life.dieNow()
    })
  }

  /** From timer to timer, until none waits, or they go on for ever. */
  async #fireAll(driver: Driver): Promise<void> {
    for (let i = 0; i < FIRINGS_MAX; i += 1) {
      await driver.step(() => driver.advance(200))
      const [next] = this.#watch?.log.timers() ?? []
      if (next === undefined) return
      await driver.step(() => this.#goTo(driver, next.dueMs))
    }
  }

  async #goTo(driver: Driver, dueMs: number): Promise<void> {
    const { clock } = driver.life
    const waitMs = dueMs - clock.nowMs()
    if (waitMs > JUMP_MS) clock.jumpWall(waitMs - JUMP_MS)
    await driver.advance(Math.max(0, Math.min(waitMs, JUMP_MS)))
  }

  #demandSound(): void {
    const error = this.#orders?.refused
    if (error === undefined) return
    throw new CheckUsageError(`the event cannot be sent to the actor: ${wordsOf(error)}`, { cause: error })
  }

  #waiting(): number {
    const { log } = this.#watch ?? {}
    this.#orders?.place(this.#driver?.life as Life)
    const mail = this.#definitions.reduce((sum, { name }) => sum + (log?.waiting(name) ?? 0), 0)
    return mail + (this.#orders?.unconfirmed ?? 0)
  }

  /** What a user is shown at the end. */
  async #look(): Promise<unknown> {
    const seen: Record<string, unknown> = {}
    for (const name of this.#actors()) {
      const [actor, key] = splitName(name)
      const definition = this.#definitions.find((each) => each.name === actor)
      if (definition === undefined || this.#runtime === undefined) continue
      const view = await this.#runtime.actor(definition, key).snapshot().catch(unlessUnfit)
      if (view === UNFIT) continue
      this.#snapshots.set(name, view === undefined ? undefined : spell(view))
      seen[name] = view
    }
    return seen
  }

  /** All that have mail. */
  #actors(): string[] {
    const names = this.#definitions.flatMap(({ name }) =>
      (this.#watch?.log.mailOf(name) ?? []).map(({ key }) => `${name}/${key}`),
    )
    return [...new Set(names)]
  }

  facts({ history }: RunResult): ActorFacts {
    const watch = this.#watch
    const orders = this.#orders
    const log = watch?.log
    if (watch === undefined || orders === undefined || log === undefined) {
      throw new CheckUsageError('the process of the actors never began')
    }
    const world = new PureWorld()
    const making = (): Map<string, ActorDefinition> =>
      new Map(this.#plan.make(world.world()).map((each) => [each.name, each]))
    const definitions = making()
    const names = this.#actors()
    const olderOne = this.#plan.older?.(world.world())
    let left = MADE_MAX
    const anew = (): Map<string, ActorDefinition> => ((left -= 1) < 0 ? definitions : making())
    const run = (name: string, isLinted: boolean): readonly [string, PureActor] => {
      const [actor, key] = splitName(name)
      const logic = (): ActorLogic => logicOf(isLinted ? definitions : anew(), actor)
      const parkedAt = log.parkedAt(actor, key) ?? Infinity
      const mail = log.mailOf(actor).filter((each) => each.key === key && each.offset < parkedAt)
      const dead = (offset: number): boolean => log.dead.has(`${actor}@${offset}`)
      const older =
        actor === olderOne?.name
          ? { logic: olderOne.logic, until: log.beganAt(actor, key, logic()) }
          : undefined
      return [name, pureRun({ logic, older, isLinted, actor, key, mail, dead, acted: () => world.acted() })]
    }
    const pure = new Map(names.map((name) => run(name, true)))
    const again = new Map(names.toReversed().map((name) => run(name, false)))
    placeAll(orders, log)
    const fed = fedMail(definitions.values(), log.messages, () => world.acted())
    const strange = [...definitions.values()].filter((each) => !isKnown(each)).map(({ name }) => name)
    return {
      ...{
        log,
        pure,
        again,
        posted: orders.posted,
        seen: watch.seen,
        ends: watch.ends,
        faults: [...watch.faults, ...fed.faults.map((fault) => ({ ...fault, index: -1 }))],
      },
      ...{ snapshots: this.#snapshots, selfSent: watch.selfSent, fed: fed.mail, strange: new Set(strange) },
      remembers: (actor) => definitions.get(actor)?.idempotencyCount ?? 10_000,
      invariant: this.#plan.invariant,
      indexOf: (actor, key, turn) => watch.indexOf(actor, key, turn),
      isClockSteady: !history.some((event) => event.kind === 'fault' && event.text.includes('set back')),
      crashes: history.flatMap(({ kind }, index) => (kind === 'crashed' ? [index] : [])),
      endMs: history.at(-1)?.nowMs ?? 0,
      lastLife: history.at(-1)?.life ?? 0,
      last: history.length - 1,
    }
  }
}

/** A state that no version here can take: judged as a failed migration. */
const UNFIT = Symbol('unfit')

function unlessUnfit(error: unknown): typeof UNFIT {
  if (error instanceof UnfitStateError || error instanceof MigrationError) return UNFIT
  throw error
}

function logicOf(definitions: ReadonlyMap<string, ActorDefinition>, actor: string): ActorLogic {
  const { logic } = definitions.get(actor) ?? {}
  if (logic === undefined) throw new CheckUsageError(`the second making of the actors has no '${actor}'`)
  return logic
}

/** Where events lie of whose place their caller was not told. */
function placeAll(orders: ActorOrders, log: ActorLog): void {
  for (const posted of orders.posted) {
    const id = `${posted.key}\n${posted.id}`
    posted.offset ??= log.mailOf(posted.actor).find(({ messageId }) => messageId === id)?.offset
  }
}

function splitName(name: string): readonly [string, string] {
  const at = name.indexOf('/')
  return [name.slice(0, at), name.slice(at + 1)]
}
