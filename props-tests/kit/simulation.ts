/**
 * One run of a whole machine, from an empty disk to the end: lives over one disk, and the outside around them.
 *
 * Owns: opening, the steps of the workload, mishaps inside of them, dying and coming back, draining, looking at what
 * is left. Leaves judging to `judge.ts`, and drawing mishaps to `arbitraries.ts`.
 *
 * SM1. The same scenario with the same settings gives the same history, byte for byte.
 * SM2. A mishap ends with its step. At the end all faults are off, and time goes on until nothing moves.
 * SM3. What the workload sends it sends again after each failure, under the same message id, until it is confirmed.
 */
import { inlineStores } from '../../persistence/index.ts'
import { openRuntime } from '../../runtime/index.ts'
import type { Runtime, Topic } from '../../runtime/index.ts'
import { ChoiceTape } from '../choices.ts'
import { DurableLog } from '../durable-log.ts'
import { Recorder } from '../recorder.ts'
import { SimulatedClock } from '../simulated-clock.ts'
import { SimulatedDisk } from '../simulated-disk.ts'
import type { CrashKind } from '../simulated-disk.ts'
import { SimulatedExecutor } from '../simulated-executor.ts'
import { SimulatedRandom } from '../simulated-random.ts'
import { UNCAUGHT_MAX } from './abandoned.ts'
import { auditGroup, audit } from './audit.ts'
import { drain } from './draining.ts'
import { CheckUsageError, RefusedError, couldNot } from './errors.ts'
import { fencedStore } from './fenced-store.ts'
import { spell } from './json.ts'
import { Life } from './life.ts'
import type { Death, Mishap } from './mishap.ts'
import { context } from './notes.ts'
import type { Notes } from './notes.ts'
import { Orders } from './orders.ts'
import { OutsideWorld } from './outside.ts'
import { recordedRuntime } from './recorded-runtime.ts'
import type { Driver, Outcome, Program, RunResult, RunSettings, Scenario, StepSize } from './scenario.ts'
import type { World } from './world.ts'
import { codeOf, ordinal, wordsOf } from './words.ts'

const DIRECTORY = '/data'
const BETWEEN_LIVES_MS = 5
const OPEN_LIMIT_MS = 60_000
/** Time for what `main` does beside its loops. */
const START_MS = 500
const QUIET_MS = 45_000
const SPACE_RETURNS_MS = 1_500

export class Simulation implements Driver {
  readonly disk = new SimulatedDisk()
  readonly log = new DurableLog(this.disk, DIRECTORY)
  readonly recorder = new Recorder()
  readonly notes: Notes = {
    runs: new Map(),
    effects: [],
    loops: [],
    idle: [],
    uncaught: [],
    slow: [],
    tables: new Map(),
  }
  readonly topics = new Map<string, Topic<unknown>>()
  readonly orders = new Orders()
  readonly #scenario: Scenario
  readonly #settings: RunSettings
  readonly #random: SimulatedRandom
  readonly #outside: OutsideWorld
  readonly #sizes: StepSize[] = []
  #life: Life
  #program: Program | undefined
  #plainRuntime: Runtime | undefined
  #lives = 0
  #steps = 0
  #crashes = 0
  #faults = 0
  #isReal = false

  constructor(scenario: Scenario, settings: RunSettings) {
    this.#scenario = scenario
    this.#settings = settings
    this.#random = new SimulatedRandom(settings.chance)
    this.#outside = new OutsideWorld(this.notes, this.#random.fork())
    this.#life = this.#newLife(undefined)
  }

  /** Runs `scenario` to its end. */
  static async run(scenario: Scenario, settings: RunSettings): Promise<RunResult> {
    const simulation = new Simulation(scenario, settings)
    try {
      await simulation.#comeBack(undefined)
      await scenario.workload(simulation)
      await simulation.#finish()
    } catch (error) {
      // Its history says what was refused; the invariants judge it.
      if (!(error instanceof RefusedError)) throw error
    }
    return simulation.#result()
  }

  get life(): Life {
    return this.#life
  }

  /** One step of the workload, with its mishap. `work` begins things; they go on when it is over. */
  async step(work: (life: Life) => Promise<void> | void): Promise<void> {
    const mishap = this.#settings.mishapAt(this.#steps)
    this.#steps += 1
    const life = this.#life
    const before = { calls: this.disk.changes, steps: life.steps, effects: this.#outside.calls }
    this.orders.place(life)
    this.#arm(mishap)
    await work(life)
    await this.settle()
    const [calls, steps] = [this.disk.changes - before.calls, life.steps - before.steps]
    this.#sizes.push({ calls, steps, effects: this.#outside.calls - before.effects })
    await this.#disarm(mishap)
  }

  /** Lets all that is ready happen, and everything that the real world still does for a handler. */
  async settle(): Promise<void> {
    const life = this.#life
    await life.clock.executor.settle()
    while (!life.isDead && life.open.size > 0 && (await this.#settings.patience.wait())) {
      this.#isReal = true
      await life.clock.executor.settle()
    }
  }

  /** Time goes on by `ms`. */
  async advance(ms: number): Promise<void> {
    await this.#life.clock.advance(ms)
    await this.settle()
  }

  /** Runs code as the process's own. */
  within<Result>(work: () => Result): Result {
    return context.run({ life: this.#life, run: undefined }, work)
  }

  /** Waits for a promise of the process, in simulated time; undefined when it died or took longer than `limitMs`. */
  async until<Result>(
    promise: Promise<Result>,
    limitMs: number,
    isEnough: () => boolean = () => false,
  ): Promise<Outcome<Result> | undefined> {
    const life = this.#life
    let outcome: Outcome<Result> | undefined
    promise.then(
      (value) => (outcome = { ok: true, value }),
      (error: unknown) => (outcome = { ok: false, error }),
    )
    const told = (): Outcome<Result> | undefined => outcome
    await this.settle()
    const waits = (): boolean => told() === undefined && !life.isDead && !isEnough()
    for (let waitedMs = 0; waits() && waitedMs < limitMs; waitedMs += 100) await this.advance(100)
    return told()
  }

  #arm(mishap: Mishap | undefined): void {
    const life = this.#life
    if (mishap === undefined) return
    switch (mishap.do) {
      case 'crash':
        return this.#armDeath(mishap.death)
      case 'handler-crash':
        return life.dieAtStep(mishap.nth)
      case 'disk-error':
        this.#tellFault(`the ${ordinal(mishap.nth)} ${mishap.call} from here fails with EIO`)
        return this.disk.addFault({ call: mishap.call, nth: mishap.nth, code: 'EIO', effect: mishap.effect })
      case 'disk-full':
        this.#tellFault(`the disk is full but for ${mishap.freeBytes} bytes`)
        this.disk.quotaBytes = this.disk.usedBytes + mishap.freeBytes
        return
      case 'clock-jump':
        this.#tellFault(`the clock is set ${mishap.ms > 0 ? 'forward' : 'back'} by ${Math.abs(mishap.ms)} ms`)
        return life.clock.jumpWall(mishap.ms)
      case 'effect':
        return this.#outside.strike(mishap.nth, mishap.how)
    }
  }

  #tellFault(text: string): void {
    this.#faults += 1
    this.#life.tell({ kind: 'fault', text })
  }

  #armDeath({ call, moment }: Death): void {
    this.disk.crashAt(this.disk.changes + call, moment, 'changes')
  }

  async #disarm(mishap: Mishap | undefined): Promise<void> {
    this.#outside.heal()
    if (mishap?.do === 'crash') return this.#die(mishap.death, mishap.again)
    if (mishap?.do === 'handler-crash') return this.#die(mishap, undefined)
    this.disk.clearFaults()
    if (mishap?.do === 'disk-full') this.disk.quotaBytes = Infinity
    // The workload, or an error of its own, may have ended the process.
    if (mishap?.do === 'disk-full' && !this.#life.isDead) {
      this.#life.tell({ kind: 'fault', text: 'the disk has space again' })
      await this.advance(SPACE_RETURNS_MS)
    }
    await this.#mourn()
  }

  /** The process of a broken runtime ends, as a user's would, and so did one that died of itself; another begins. */
  async #mourn(): Promise<void> {
    const life = this.#life
    if (!life.isBroken && !life.isDead) return
    if (this.notes.uncaught.length > UNCAUGHT_MAX) throw new RefusedError('each new process dies of itself')
    if (!life.isDead) life.diedAt = 'as its runtime was broken, to begin anew'
    await this.#die({ kind: 'kill', tape: [] }, undefined)
  }

  /** The process is dead, or dies now; another one begins. */
  async #die(
    { kind, tape }: { readonly kind: CrashKind; readonly tape: readonly number[] },
    again: Death | undefined,
  ): Promise<void> {
    const life = this.#life
    const call = life.diedAt ?? this.disk.diedAt ?? 'between two system calls'
    this.disk.crash()
    life.isOver = true
    this.#crashes += 1
    this.recorder.tell({ life: life.number, nowMs: life.clock.nowMs() }, { kind: 'crashed', how: kind, call })
    this.disk.restart(kind, this.#settings.choices ?? new ChoiceTape(tape))
    await this.#comeBack(again)
  }

  async #comeBack(again: Death | undefined): Promise<void> {
    if (this.#lives > 0) this.#life = this.#newLife(this.#life.clock.nowMs() + BETWEEN_LIVES_MS)
    this.#lives += 1
    if (again !== undefined) this.#armDeath(again)
    await this.#open()
    if (again !== undefined) await this.#die(again, undefined)
    else await this.#mourn()
  }

  #newLife(startMs: number | undefined): Life {
    const executor = new SimulatedExecutor({ choices: new ChoiceTape(this.#settings.tape), isManual: true })
    const clock = new SimulatedClock({ executor, ...(startMs === undefined ? {} : { startMs }) })
    const { disk, recorder, notes, log } = this
    return new Life({ number: this.#lives + 1, clock, disk, recorder, notes, log })
  }

  async #open(): Promise<void> {
    const life = this.#life
    const random = this.#random.fork()
    const open = inlineStores({ disk: this.disk, random, nowMs: () => life.clock.nowMs() })
    const own = this.#scenario.opening?.(this.#world(life), life) ?? {}
    const opening = openRuntime(DIRECTORY, {
      ...(own.actors !== undefined && { actors: own.actors }),
      clock: life.clock,
      random,
      store: fencedStore(open, () => life.isDead),
      interceptors: [
        { name: 'history', onSettle: (message, group, how) => life.settled(message, group, how) },
      ],
      limits: { segmentBytes: 64 * 1024, drainTimeoutMs: 2_000, ...own.limits },
    })
    const opened = await this.until(opening, OPEN_LIMIT_MS)
    if (opened?.ok === true) return this.#begin(life, opened.value)
    if (life.isDead) return
    const text = opened === undefined ? 'opening never ended' : wordsOf(opened.error)
    life.tell({ kind: 'refused-opening', code: codeOf(opened?.error), text })
    throw new RefusedError(text)
  }

  async #begin(life: Life, runtime: Runtime): Promise<void> {
    const { leasesReturned, bytesSetAside } = runtime.recovery
    life.tell({ kind: 'opened', leasesReturned, setAsideBytes: bytesSetAside })
    this.#plainRuntime = runtime
    life.listen(runtime)
    life.runtime = recordedRuntime(life, runtime, (topic) => this.#watch(topic))
    for (const topic of this.topics.values()) this.#watch(topic)
    this.#scenario.begin?.(this, runtime)
    await this.#start(life)
    this.orders.begin(life, runtime)
    this.orders.place(life)
    await this.settle()
  }

  /** Runs `main` to its end, or until it is in a loop over a consumer, which may never end. */
  async #start(life: Life): Promise<void> {
    this.#program = undefined
    const main = this.within(async () => this.#scenario.main(this.#world(life)))
    const untilMs = life.clock.monotonicMs() + START_MS
    const isIn = (): boolean => life.isLooping && life.clock.monotonicMs() >= untilMs
    const started = await this.until(main, OPEN_LIMIT_MS, isIn)
    if (started?.ok === true) this.#program = started.value
    else if (life.isDead || life.isBroken) return
    else if (started === undefined && life.isLooping) {
      const take = (program: Program | undefined): unknown => this.#life === life && (this.#program = program)
      main.then(take, life.uncaught)
    } else {
      throw couldNot('the process could not start', started?.error ?? 'it never began')
    }
  }

  /** Keeps every message of a topic until the end, so that what lies in it can be told. */
  #watch(topic: Topic<unknown>): void {
    this.topics.set(topic.name, topic)
    if (this.#life.isDead) return
    this.#plainRuntime?.consumer(topic, { group: auditGroup })
  }

  /** The process as its own code has it. */
  get world(): World {
    return this.#world(this.#life)
  }

  #world(life: Life): World {
    return {
      life: life.number,
      get runtime() {
        if (life.runtime !== undefined) return life.runtime
        throw new CheckUsageError('the process has no runtime yet')
      },
      clock: life.clock,
      random: this.#random.fork(),
      sleep: (ms) => life.pause(ms),
      outside: (name, options) => this.#outside.outside(life, name, options),
      table: (name) => this.#outside.table(life, name),
    }
  }

  /** Faults are over; time goes on until nothing moves; what is left is read. */
  async #finish(): Promise<void> {
    let waiting = await this.#waitForAll()
    if (waiting === 0) {
      // What a handler left running behind its back comes to its end too.
      await this.advance(QUIET_MS)
      await this.#mourn()
      waiting = await this.#waitForAll()
    }
    if (waiting === 0) await audit(this, this.#plainRuntime)
    const view = await this.#view()
    this.notes.idle.push(...this.#life.idle)
    this.#life.tell({ kind: 'drained', waiting, view })
    await this.#close(waiting)
  }

  #waitForAll(): Promise<number> {
    const { history } = this.recorder
    return drain({
      advance: async (ms) => {
        await this.advance(ms)
        await this.#mourn()
        this.orders.place(this.#life)
      },
      waiting: () => this.#waiting(),
      get eventCount() {
        return history.length
      },
    })
  }

  async #waiting(): Promise<number> {
    const life = this.#life
    await this.settle()
    let total = Math.max(this.orders.unconfirmed, 0)
    for (const { consumer } of life.consumers) {
      const lag = await this.until(consumer.lag(), OPEN_LIMIT_MS)
      total += lag?.ok === true ? lag.value.total : 1
    }
    total += this.#scenario.waiting?.(this) ?? 0
    return Math.max(total, life.open.size)
  }

  async #view(): Promise<string | undefined> {
    const view = this.#program?.view
    if (view === undefined) return undefined
    const seen = await this.until(
      this.within(async () => view()),
      OPEN_LIMIT_MS,
    )
    if (seen?.ok === true) return spell(seen.value)
    throw couldNot('view failed', seen?.error ?? 'it never settled')
  }

  async #close(waiting: number): Promise<void> {
    const runtime = this.#plainRuntime
    if (runtime === undefined || waiting > 0) return
    this.#life.isClosing = true
    const closed = await this.until(runtime.close(), OPEN_LIMIT_MS)
    if (closed?.ok === true) this.#life.tell({ kind: 'closed' })
    else
      this.#life.tell({ kind: 'event', name: 'close', text: wordsOf(closed?.error ?? 'close never settled') })
  }

  #result(): RunResult {
    const groups = this.#life.groupsOf(this.topics.keys())
    return {
      history: this.recorder.history,
      notes: this.notes,
      terms: { groups, maxDeliveries: this.#scenario.maxDeliveries, lists: true, asks: true },
      crashes: this.#crashes,
      faults: this.#faults + this.#outside.failures,
      isReal: this.#isReal,
      sizes: this.#sizes,
    }
  }
}
