/**
 * The whole runtime on a simulated disk: one command after another, with crashes at system calls inside of them.
 *
 * Owns: opening, producers and groups, carrying commands out, dying and coming back, draining.
 * Leaves judging to `runtime-book.ts`, handlers to `runtime-life.ts`, and which commands to the properties.
 *
 * RR1. The same commands on the same bug make the same calls: one seed replays a run.
 * RR2. After a crash nothing of the dead life reaches the disk or the book.
 * RR3. After a crash the runtime opens by itself; a refusal is a violation (`false-refusal`).
 */
import { JournalStore } from '../../persistence/internal.ts'
import type { Disk, Store } from '../../persistence/index.ts'
import { openRuntime, UnlostError } from '../../runtime/index.ts'
import type { Handler, Message, Receipt, Runtime } from '../../runtime/index.ts'
import { ChoiceTape, SimulatedCrash, SimulatedDisk, SimulatedRandom } from '../index.ts'
import { watchDisk } from './disk-wrapper.ts'
import { ViolationError } from './journal-run.ts'
import type { Crash } from './journal-run.ts'
import { openJournal } from './journal-subject.ts'
import { MAX_DELIVERIES, RuntimeBook } from './runtime-book.ts'
import type { Sent } from './runtime-book.ts'
import { handlerOf, invoices, Life, orders } from './runtime-life.ts'
import type { Value } from './runtime-life.ts'

/** A message to send. */
export interface Plan {
  readonly key: number
  readonly padBytes: number
  readonly delayMs: number
}

export type RuntimeWork =
  | { readonly do: 'send'; readonly producer: number; readonly plans: readonly Plan[] }
  | { readonly do: 'batch'; readonly producer: number; readonly plans: readonly Plan[] }
  /** Sends once more, under their ids, what nobody knows the fate of. */
  | { readonly do: 'resend' }
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'seek' }
  | { readonly do: 'redrive' }
  | { readonly do: 'pause'; readonly group: number }
  | { readonly do: 'resume'; readonly group: number }
  /** Opens a producer's id again: the earlier one is fenced. */
  | { readonly do: 'renew'; readonly producer: number }
  | { readonly do: 'restart' }

export interface RuntimeCommand {
  readonly work: RuntimeWork
  /** The first death, and those that strike the recoveries after it. */
  readonly crashes?: readonly Crash[]
}

/** What a seeded bug does wrong. */
export interface Bug {
  readonly name: string
  /** The guarantees that it breaks, one of which a run must name. Default: any. */
  readonly breaks?: RegExp
  readonly onDisk?: (disk: Disk) => Disk
  /** Wraps what is opened; `life` counts openings. */
  readonly onStore?: (store: Store) => Store
}

interface Settled {
  readonly message: Message<unknown>
  readonly group: string
  readonly how: string
}

const GROUPS = ['plain', 'moving', 'books'] as const
const DRAIN_STEP_MS = 400
const DRAIN_STEPS_MAX = 400
const BETWEEN_LIVES_MS = 5
const PRODUCERS = ['left', 'right', 'clerk'] as const

export class RuntimeRun {
  readonly disk = new SimulatedDisk()
  readonly book = new RuntimeBook()
  readonly #bug: Bug
  #life = new Life(undefined)
  #lives = 0
  #calls = 0
  #failure: ViolationError | undefined

  private constructor(bug: Bug) {
    this.#bug = bug
  }

  static async begin(bug: Bug = { name: 'none' }): Promise<RuntimeRun> {
    const run = new RuntimeRun(bug)
    await run.#comeBack([])
    return run
  }

  /** Carries a command out, and what follows from it. Throws `ViolationError`. */
  async step({ work, crashes }: RuntimeCommand): Promise<void> {
    const [crash, ...nested] = crashes ?? []
    if (crash !== undefined) this.disk.crashAt(this.disk.changes + crash.call, crash.moment, 'changes')
    await this.#attempt(() => this.#perform(work))
    await this.#attempt(() => this.#life.clock.executor.settle())
    if (crash !== undefined) await this.#die(crash, nested)
    else if (work.do === 'restart') await this.#comeBack([])
  }

  /** Lets everything come to its end, without faults, and closes the book. */
  async finish(): Promise<void> {
    for (const group of GROUPS) this.#life.consumers.get(group)?.resume()
    await this.step({ work: { do: 'resend' } })
    for (let i = 0; ; i += 1) {
      await this.#attempt(() => this.#life.clock.advance(DRAIN_STEP_MS))
      if ((await this.#lag()) === 0 && this.#life.pendingSends === 0) break
      if (i === DRAIN_STEPS_MAX)
        throw new ViolationError('stuck', `${await this.#lag()} messages wait for ever`)
    }
    await this.#list(orders, ['plain', 'moving'])
    await this.#list(invoices, ['books'])
    this.book.finish()
    await this.step({ work: { do: 'restart' } })
    if ((await this.#lag()) !== 0)
      throw new ViolationError('forgotten-ack', 'messages are back after closing')
  }

  async #list(topic: typeof orders, groups: readonly string[]): Promise<void> {
    for (const group of groups) {
      const letters = (await this.#life.runtime?.deadLetters(topic, { group }).list()) ?? []
      for (const { value, history } of letters) {
        this.book.listed(group, value?.id ?? '', history)
      }
    }
  }

  async #lag(): Promise<number> {
    let total = 0
    for (const consumer of this.#life.consumers.values()) total += (await consumer.lag()).total
    return total
  }

  /** Runs `work`; what goes wrong counts only in a process that lives. */
  async #attempt(work: () => unknown): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (error instanceof ViolationError) throw error
      if (!this.disk.isCrashed) throw new ViolationError('untyped-error', String(error), error)
    }
    this.#throwFailure()
  }

  async #die(crash: Crash, nested: readonly Crash[]): Promise<void> {
    this.disk.crash()
    this.book.crashed()
    await this.#bury()
    this.disk.restart(crash.kind, new ChoiceTape(crash.tape))
    await this.#comeBack(nested)
  }

  /** Lets the dead life's promises settle where nothing of it can do harm. */
  async #bury(): Promise<void> {
    const life = this.#life
    life.isOver = true
    await life.clock.executor.settle().catch(() => {})
  }

  async #comeBack(nested: readonly Crash[]): Promise<void> {
    for (const crash of nested) {
      this.disk.crashAt(this.disk.changes + crash.call, crash.moment, 'changes')
      await this.#open()
      this.disk.crash()
      this.book.crashed()
      await this.#bury()
      this.disk.restart(crash.kind, new ChoiceTape(crash.tape))
    }
    await this.#open()
  }

  async #open(): Promise<void> {
    this.#lives += 1
    this.#life.isOver = true
    const life = new Life(this.#lives === 1 ? undefined : this.#life.clock.nowMs() + BETWEEN_LIVES_MS)
    this.#life = life
    try {
      life.runtime = await openRuntime('simulated', {
        clock: life.clock,
        random: new SimulatedRandom(this.#lives),
        store: () => Promise.resolve().then(() => this.#store(life)),
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
      this.#furnish(life, life.runtime)
      await life.clock.executor.settle()
    } catch (error) {
      if (error instanceof ViolationError) throw error
      if (!this.disk.isCrashed) throw new ViolationError('false-refusal', String(error), error)
    }
    this.#throwFailure()
  }

  #store(life: Life): Store {
    const own = watchDisk(this.disk, () => {
      if (life.isOver) throw new SimulatedCrash('a life that is over')
    })
    const store = new JournalStore(openJournal(this.#bug.onDisk?.(own) ?? own, this.#lives))
    return this.#bug.onStore?.(store) ?? store
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
      runtime.on(name, (event) => this.#note(life, () => fail(name, JSON.stringify(event))))
    }
    runtime.on('broken', (error) => this.#note(life, () => fail('broken', String(error))))
    runtime.on('dead-letter', (event) =>
      this.#note(life, () => this.book.died(event.group, event, event.attempts)),
    )
    for (const id of PRODUCERS) this.#employ(life, runtime, id)
    const terms = { maxDeliveries: MAX_DELIVERIES, retry: { minDelayMs: 10, maxDelayMs: 200 } }
    life.consumers.set('plain', runtime.consumer(orders, { group: 'plain', concurrency: 4, ...terms }))
    life.consumers.set('moving', runtime.consumer(orders, { group: 'moving', concurrency: 2, ...terms }))
    life.consumers.set('books', runtime.consumer(invoices, { group: 'books', concurrency: 8, ...terms }))
    for (const [group, consumer] of life.consumers) {
      consumer.run(this.#handler(life, group)).catch((error: unknown) => {
        this.#note(life, () => fail('untyped-error', String(error)))
      })
    }
  }

  #employ(life: Life, runtime: Runtime, id: (typeof PRODUCERS)[number]): void {
    life.producers.set(id, runtime.producer(id === 'clerk' ? invoices : orders, { id }))
  }

  /** Hears only the living; keeps the first violation for the step to throw. */
  #note(life: Life, tell: () => void): void {
    if (life.isOver || this.disk.isCrashed) return
    try {
      tell()
    } catch (error) {
      this.#failure ??=
        error instanceof ViolationError ? error : new ViolationError('listener', String(error), error)
    }
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure
  }

  #settled(life: Life, { message, group, how }: Settled): void {
    const { id } = message.value as Value
    if (how === 'ack') this.#note(life, () => this.book.acked(group, id))
    if (how === 'nack') this.#note(life, () => this.book.nacked(group, id, message.attempt))
  }

  #handler(life: Life, group: string): Handler<Value> {
    const isDead = (): boolean => life.isOver || this.disk.isCrashed
    return handlerOf(life, group, { isDead, tell: (tell) => this.#note(life, () => tell(this.book)) })
  }

  async #perform(work: RuntimeWork): Promise<void> {
    const life = this.#life
    switch (work.do) {
      case 'send':
        for (const plan of work.plans) this.#send(life, work.producer, plan)
        return
      case 'batch':
        return this.#batch(life, work.producer, work.plans)
      case 'resend':
        for (const sent of this.book.unconfirmed) if (sent.batch === undefined) this.#submit(life, sent, '')
        return
      case 'advance':
        return life.clock.advance(work.ms)
      case 'seek':
        this.book.forgive('moving')
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
    }
  }

  #redrive(life: Life): void {
    // Its counts and its order begin anew, as after a seek; the other groups are held to theirs.
    this.book.forgive('moving')
    life.runtime?.deadLetters(orders, { group: 'moving' }).redrive().catch(ofTheDead)
  }

  async #close(life: Life): Promise<void> {
    const closing = life.runtime?.close()
    closing?.catch(() => {})
    await life.clock.advance(4_000)
    if (!this.disk.isCrashed) await closing
    if (!this.disk.isCrashed && life.pendingSends > 0) fail('hang', `${life.pendingSends} sends never settle`)
    this.book.crashed()
  }

  #planned(life: Life, name: string, { plan, batch }: { plan: Plan; batch?: string }): Sent {
    this.#calls += 1
    const sent: Sent = {
      id: `m${this.#calls}`,
      topic: name === 'clerk' ? 'invoices' : 'orders',
      key: `${name}-${plan.key}`,
      producer: name,
      call: this.#calls,
      dueMs: plan.delayMs === 0 ? 0 : life.clock.nowMs() + plan.delayMs,
      batch,
    }
    this.book.sending(sent)
    return sent
  }

  #send(life: Life, producer: number, plan: Plan): void {
    this.#submit(
      life,
      this.#planned(life, PRODUCERS[producer] ?? 'left', { plan }),
      'x'.repeat(plan.padBytes),
    )
  }

  #submit(life: Life, sent: Sent, pad: string): void {
    const options = { messageId: sent.id, ...(sent.dueMs === 0 ? {} : { deliverAt: sent.dueMs }) }
    if (pad === '') this.book.sending({ ...sent, call: -1 })
    const sending = life.producers.get(sent.producer)?.send({ id: sent.id, key: sent.key, pad }, options)
    void this.#hear(
      life,
      [sent.id],
      sending?.then((receipt) => [receipt]),
    )
  }

  #batch(life: Life, producer: number, plans: readonly Plan[]): void {
    const name = `b${this.#calls}`
    const all = plans.map((plan) =>
      this.#planned(life, PRODUCERS[producer] ?? 'left', { plan: { ...plan, delayMs: 0 }, batch: name }),
    )
    const values = all.map(({ id, key }, i) => ({ id, key, pad: 'y'.repeat(plans[i]?.padBytes ?? 0) }))
    const sending = life.producers.get(PRODUCERS[producer] ?? 'left')?.sendBatch(values)
    void this.#hear(
      life,
      all.map(({ id }) => id),
      sending,
    )
  }

  /** Waits for the end of a send, and tells it to the book. */
  async #hear(life: Life, ids: readonly string[], sending: Promise<Receipt[]> | undefined): Promise<void> {
    life.pendingSends += 1
    try {
      for (const [i, receipt] of ((await sending) ?? []).entries()) {
        const { topic, partition, offset, producer, sequence } = receipt
        this.#note(life, () =>
          this.book.confirmed(ids[i] ?? '', { topic, partition, offset, producer, sequence }),
        )
      }
    } catch (error) {
      this.#refused(life, error)
    }
    life.pendingSends -= 1
  }

  #refused(life: Life, error: unknown): void {
    this.#note(life, () => {
      // A producer that was opened again fences the one before.
      if (!(error instanceof UnlostError) || error.code !== 'UNLOST_FENCED') fail('refused', String(error))
    })
  }
}

/** A command whose life ended; what it did is judged by what is seen afterwards. */
function ofTheDead(): void {}

function fail(invariant: string, text: string): never {
  throw new ViolationError(invariant, text)
}
