/**
 * The whole runtime on a simulated disk: one command after another, with crashes at system calls inside of them.
 *
 * Owns: opening, producers and groups, carrying commands out, draining. Leaves dying and coming back to `deaths.ts`,
 * telling and judging to `runtime-book.ts`, sends to `runtime-sends.ts`, handlers to `runtime-life.ts`, and which
 * commands to the properties.
 *
 * RR1. The same commands on the same bug make the same calls: one seed replays a run.
 * RR2. After a crash nothing of the dead life reaches the disk or the book.
 * RR3. After a crash the runtime opens by itself; a refusal is a violation (`false-refusal`).
 */
import assert from 'node:assert/strict'
import { JournalStore } from '../../persistence/internal.ts'
import type { Journal } from '../../persistence/internal.ts'
import type { Store } from '../../persistence/index.ts'
import { openRuntime, UnlostError } from '../../runtime/index.ts'
import type { Handler, Message, Runtime } from '../../runtime/index.ts'
import { SimulatedDisk, SimulatedRandom } from '../index.ts'
import { bury, Deaths } from './deaths.ts'
import { ViolationError } from './journal-run.ts'
import type { Crash } from './journal-run.ts'
import { DurableLog } from '../durable-log.ts'
import { directory, openJournal } from './journal-subject.ts'
import { readOut } from './read-out.ts'
import { MAX_DELIVERIES, RuntimeBook, wordsOf } from './runtime-book.ts'
import type { Value } from './runtime-book.ts'
import { handlerOf, invoices, Life, orders } from './runtime-life.ts'
import { PRODUCERS, RuntimeSends } from './runtime-sends.ts'
import type { Plan } from './runtime-sends.ts'
import type { Bug, RuntimeCommand, RuntimeWork } from './runtime-words.ts'

export type { Plan } from './runtime-sends.ts'
export type { Bug, RuntimeCommand, RuntimeWork } from './runtime-words.ts'

interface Settled {
  readonly message: Message<unknown>
  readonly group: string
  readonly how: string
}

const GROUPS = ['plain', 'moving', 'books'] as const
const DRAIN_STEP_MS = 400
const DRAIN_STEPS_MAX = 400
const BETWEEN_LIVES_MS = 5
const ZOMBIE_MS = 60

export class RuntimeRun {
  readonly disk = new SimulatedDisk()
  readonly log = new DurableLog(this.disk, directory)
  readonly book = new RuntimeBook(this.log)
  readonly #bug: Bug
  #life = new Life(0, undefined)
  readonly #sends: RuntimeSends
  readonly #deaths = new Deaths(this.disk, {
    present: () => this.#life,
    open: () => this.#open(),
    crashed: (crash) => this.#tellCrash(crash),
    throwFailure: () => this.#throwFailure(),
  })
  #lives = 0
  #failure: ViolationError | undefined

  private constructor(bug: Bug) {
    this.#bug = bug
    this.#sends = new RuntimeSends(this.book, (life, tell) => this.#note(life, tell))
  }

  static async begin(bug: Bug = { name: 'none' }): Promise<RuntimeRun> {
    const run = new RuntimeRun(bug)
    await run.#deaths.comeBack([])
    return run
  }

  /** Carries a command out, and what follows from it. Throws `ViolationError`. */
  async step({ work, crashes }: RuntimeCommand): Promise<void> {
    const died = await this.#deaths.during(crashes, () => this.#perform(work))
    if (!died && work.do === 'restart') await this.#deaths.comeBack([])
  }

  /** Lets everything come to its end, without faults, and closes the book. */
  async finish(): Promise<void> {
    for (const group of GROUPS) this.#life.consumers.get(group)?.resume()
    await this.step({ work: { do: 'resend' } })
    for (let i = 0; ; i += 1) {
      await this.#deaths.attempt(() => this.#life.clock.advance(DRAIN_STEP_MS))
      const isQuiet = (await this.#lag()) === 0 && this.#life.pendingSends === 0
      if (isQuiet || i === DRAIN_STEPS_MAX) break
    }
    this.book.tell({ kind: 'drained', waiting: await this.#lag(), view: undefined })
    await this.#deaths.attempt(() => this.#readOut(this.#life))
    await this.#list(orders, ['plain', 'moving'])
    await this.#list(invoices, ['books'])
    await this.#tellBacklogs()
    await this.step({ work: { do: 'restart' } })
    await this.#tellBacklogs()
    this.book.judge()
  }

  async #list(topic: typeof orders, groups: readonly string[]): Promise<void> {
    for (const group of groups) {
      const letters = (await this.#life.runtime?.deadLetters(topic, { group }).list()) ?? []
      for (const letter of letters) this.book.listed(group, letter, letter.history)
    }
  }

  async #lag(): Promise<number> {
    let total = 0
    for (const consumer of this.#life.consumers.values()) total += (await consumer.lag()).total
    return total
  }

  async #tellBacklogs(): Promise<void> {
    for (const [group, consumer] of this.#life.consumers) {
      const topic = group === 'books' ? 'invoices' : 'orders'
      this.book.tell({ kind: 'backlog', group, topic, waiting: (await consumer.lag()).total })
    }
  }

  async #open(): Promise<void> {
    this.#lives += 1
    this.#life.isOver = true
    await this.#begin(this.#newLife(), (life) => this.#journal(life))
  }

  #newLife(): Life {
    const startMs = this.#lives === 1 ? undefined : this.#life.clock.nowMs() + BETWEEN_LIVES_MS
    return new Life(this.#lives, startMs)
  }

  async #begin(life: Life, journal: (life: Life) => Journal): Promise<void> {
    this.#life = life
    this.#speak(life)
    const opening = async (): Promise<void> => {
      life.runtime = await openRuntime('simulated', {
        clock: life.clock,
        random: new SimulatedRandom(life.number),
        store: () => Promise.resolve().then(() => this.#store(life, journal(life))),
        interceptors: [
          { name: 'book', onSettle: (message, group, how) => this.#settled(life, { message, group, how }) },
        ],
        limits: {
          segmentBytes: 64 * 1024,
          upkeepMs: 150,
          drainTimeoutMs: 2_000,
          batchBytes: 4_096,
          recentBytes: 2_048,
        },
      })
      this.#tellOpening(life, life.runtime)
      this.#furnish(life, life.runtime)
      await life.clock.executor.settle()
    }
    await this.#deaths.attempt(opening, (error) => this.#tellRefusal(error))
  }

  #tellCrash(crash: Crash): void {
    this.book.tell({ kind: 'crashed', how: crash.kind, call: `${crash.moment} change ${crash.call}` })
  }

  #tellOpening(life: Life, { recovery }: Runtime): void {
    const { leasesReturned, bytesSetAside } = recovery
    this.#note(life, () => {
      this.book.tell({ kind: 'opened', leasesReturned, setAsideBytes: bytesSetAside })
    })
  }

  #tellRefusal(error: unknown): never {
    const code = error instanceof UnlostError ? error.code : 'none'
    this.book.tell({ kind: 'refused-opening', code, text: String(error) })
    this.book.judge()
    throw new ViolationError('false-refusal', String(error), error)
  }

  #journal(life: Life): Journal {
    const own = this.#deaths.diskOf(life)
    return openJournal(this.#bug.onDisk?.(own) ?? own, life.number)
  }

  async #store(life: Life, journal: Journal): Promise<Store> {
    const plain = new JournalStore(journal)
    const store = this.#bug.onStore?.(plain) ?? plain
    life.store = store
    await this.#readOut(life, store.recovered.mailboxes)
    return store
  }

  /** Tells what lies in the partitions: at an opening as far as the store says, else as far as it gives. */
  async #readOut(life: Life, ranges?: Store['recovered']['mailboxes']): Promise<void> {
    if (life.store === undefined || life.isOver || this.disk.isCrashed) return
    const { log } = this
    const topics = { orders: 3, invoices: 2 }
    const told = await readOut({ store: life.store, log, topics, ranges, wordsOf })
    this.#note(life, () => {
      for (const happening of told) this.book.tell(happening)
    })
  }

  #furnish(life: Life, runtime: Runtime): void {
    for (const name of ['gap', 'duplicate', 'step-back', 'corruption', 'data-loss'] as const) {
      runtime.on(name, (event) => this.#tellEvent(life, name, JSON.stringify(event)))
    }
    runtime.on('broken', (error) => {
      if (!life.isReplaced) this.#tellEvent(life, 'broken', String(error))
    })
    runtime.on('interceptor-error', ({ error }) => this.#note(life, () => fail('listener', String(error))))
    runtime.on('dead-letter', (event) => {
      const at = { ...event, attempt: event.attempts }
      this.#note(life, () => this.book.settled(event.group, at, 'dead-letter'))
    })
    for (const id of PRODUCERS) this.#employ(life, runtime, id)
    const terms = { maxDeliveries: MAX_DELIVERIES, retry: { minDelayMs: 10, maxDelayMs: 200 } }
    life.consumers.set('plain', runtime.consumer(orders, { group: 'plain', concurrency: 4, ...terms }))
    life.consumers.set('moving', runtime.consumer(orders, { group: 'moving', concurrency: 2, ...terms }))
    life.consumers.set('books', runtime.consumer(invoices, { group: 'books', concurrency: 8, ...terms }))
    for (const [group, consumer] of life.consumers) {
      consumer.run(this.#handler(life, group)).catch((error: unknown) => {
        this.#note(life, () => life.isReplaced || fail('untyped-error', String(error)))
      })
    }
  }

  #employ(life: Life, runtime: Runtime, id: (typeof PRODUCERS)[number]): void {
    life.producers.set(id, runtime.producer(id === 'clerk' ? invoices : orders, { id }))
  }

  #tellEvent(life: Life, name: string, text: string): void {
    this.#note(life, () => this.book.tell({ kind: 'event', name, text }))
  }

  /** Hears only the living; keeps the first violation for the step to throw. */
  #note(life: Life, tell: () => void): void {
    if (life.isOver || this.disk.isCrashed) return
    this.#speak(life)
    try {
      tell()
    } catch (error) {
      this.#failure ??=
        error instanceof ViolationError ? error : new ViolationError('listener', String(error), error)
    } finally {
      this.#speak(this.#life)
    }
  }

  /** What is told from now on is told by this process. */
  #speak(life: Life): void {
    this.book.life = life.number
    this.book.nowMs = life.nowMs
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure
    this.book.judgeAlarm()
  }

  #settled(life: Life, { message, group, how }: Settled): void {
    if (how !== 'ack' && how !== 'nack') return
    this.#note(life, () => this.book.settled(group, message, how))
  }

  #handler(life: Life, group: string): Handler<Value> {
    const isDead = (): boolean => life.isOver || this.disk.isCrashed
    return handlerOf(life, group, { isDead, tell: (tell) => this.#note(life, () => tell(this.book)) })
  }

  async #perform(work: RuntimeWork): Promise<void> {
    const life = this.#life
    switch (work.do) {
      case 'send':
        for (const plan of work.plans) this.#sends.send(life, work.producer, plan)
        return
      case 'batch':
        return this.#sends.batch(life, work.producer, work.plans)
      case 'resend':
        return this.#sends.resend(life)
      case 'advance':
        return life.clock.advance(work.ms)
      case 'jump':
        this.book.tell({ kind: 'fault', text: `clock ${work.ms > 0 ? '+' : ''}${work.ms} ms` })
        return life.clock.jumpWall(work.ms)
      case 'seek':
        this.book.tell({ kind: 'moved', group: 'moving', topic: 'orders', how: 'seek', backwards: true })
        life.consumers.get('moving')?.seek('earliest').catch(ofTheDead)
        return
      case 'redrive':
        return this.#redrive(life)
      case 'pause':
        return life.consumers.get(GROUPS[work.group] ?? 'plain')?.pause()
      case 'resume':
        return life.consumers.get(GROUPS[work.group] ?? 'plain')?.resume()
      case 'renew':
        if (life.runtime !== undefined) this.#employ(life, life.runtime, PRODUCERS[work.producer] ?? 'left')
        return
      case 'restart':
        return this.#close(life)
      case 'takeover':
        return this.#takeOver(life, work)
    }
  }

  async #takeOver(
    life: Life,
    { call, plans, late }: Extract<RuntimeWork, { do: 'takeover' }>,
  ): Promise<void> {
    let heir: { readonly life: Life; readonly journal: Journal } | undefined
    const claim = (): void => {
      this.#lives += 1
      const next = this.#newLife()
      heir = { life: next, journal: this.#journal(next) }
      life.isReplaced = true
    }
    this.disk.pauseAt(this.disk.changes + call, claim, 'changes')
    for (const plan of plans) this.#sends.send(life, 0, plan)
    await life.clock.executor.settle()
    this.disk.pauseAt(Infinity, () => {})
    if (heir === undefined) claim()
    const { life: next, journal } = heir ?? assert.fail('claimed')
    await this.#begin(next, () => journal)
    await this.#goOn(life, late)
  }

  /** A replaced owner works on, knowing nothing; then it dies. */
  async #goOn(life: Life, late: readonly Plan[]): Promise<void> {
    this.#speak(life)
    for (const plan of late) this.#sends.send(life, 0, plan)
    this.#speak(this.#life)
    await life.clock.executor.settle()
    await life.clock.advance(ZOMBIE_MS)
    const call = 'replaced, and ended'
    this.#note(life, () => this.book.tell({ kind: 'crashed', how: 'kill', call }))
    await bury(life)
  }

  #redrive(life: Life): void {
    // Its counts and its order begin anew, as after a seek; the other groups are held to theirs.
    this.book.tell({ kind: 'moved', group: 'moving', topic: 'orders', how: 'redrive' })
    life.runtime?.deadLetters(orders, { group: 'moving' }).redrive().catch(ofTheDead)
  }

  async #close(life: Life): Promise<void> {
    await this.#readOut(life)
    const closing = life.runtime?.close()
    closing?.catch(() => {})
    await life.clock.advance(4_000)
    if (!this.disk.isCrashed) await closing
    this.#note(life, () => this.book.tell({ kind: 'closed' }))
  }
}

/** A command whose life ended; what it did is judged by what is seen afterwards. */
function ofTheDead(): void {}

function fail(invariant: string, text: string): never {
  throw new ViolationError(invariant, text)
}
