/**
 * The host of one definition's actors: takes their mail in, turn after turn.
 *
 * Owns: the loop, what is taken next, and what a batch of turns leads to. Leaves turns to `actor-turns.ts`, timers,
 * effects and waiters to their files, mail of slow actors to `actor-lags.ts`, and durability to the broker.
 *
 * How it lies on the journal: the mail of all actors of a definition is one mailbox, in one order. The host reads it
 * in that order without a lease a message. A batch of turns is one unit: one `turn` event for each actor that changed
 * (state, timers, effects, actions, replies), `consumed` for how far the mailbox was taken in, and everything that the
 * turns sent, as messages. An actor that cannot take its mail now lags: it has a place of its own in the mailbox and
 * catches up from there, and the others go on. Timers that fall due become mail, in a batch with the note that they did.
 *
 * AH1. One batch at a time, and the state in memory is swapped only after it is on disk: a batch that fails or is
 *     refused leaves no trace.
 * AH2. Every mail of an actor is taken once, in the order of its mailbox, whatever crashes.
 * AH3. A mail that cannot be taken holds up nobody but its actor.
 * AH4. After a crash, what may have caused it is tried alone and counted on disk before, so that only the guilty mail
 *     uses up its attempts.
 * AH5. A batch that is refused is taken again mail by mail, so that only the guilty one is held to account.
 */
import type { LoadedState } from '../actors/index.ts'
import { BrokenError, UnlostError } from '../persistence/index.ts'
import type { ActorLedgerEvent } from './actor-event.ts'
import { ActorIntake } from './actor-intake.ts'
import { ActorLags } from './actor-lags.ts'
import type { AfterTurns } from './actor-after.ts'
import type { HostParts } from './actor-parts.ts'
import { ActorTimers, type DueTimer } from './actor-timers.ts'
import { systemText } from './actor-mail.ts'
import { TurnBatch, type Tries } from './actor-turns.ts'
import type { AfterCommit } from './actor-work.ts'
import { DueAlarm } from './due-alarm.ts'
import { wordsOf } from './errors.ts'
import type { DraftedRun } from './fresh-letters.ts'
import { Fifo } from './fifo.ts'
import type { Outgoing } from './outgoing.ts'
import type { StoredLetter } from './record.ts'
import { StateCache } from './state-cache.ts'
import { TurnUnit } from './turn-unit.ts'

const TIMERS_AT_ONCE = 512

/** What one batch of turns takes, and what to do if it is refused. */
export interface Pass {
  readonly batch: TurnBatch
  /** Its one mail, if it has only one. */
  readonly only: { readonly message: StoredLetter; readonly tries: Tries } | undefined
  /** What is marked besides the turns; depends on how they went. */
  readonly marks: (batch: TurnBatch) => readonly ActorLedgerEvent[]
  /** From now on mail by mail. */
  readonly slowDown: () => void
}

/** What goes into one batch. */
export interface Written {
  readonly events: readonly ActorLedgerEvent[]
  readonly sends: readonly Outgoing[]
}

/** What was asked for by a person: done between two batches. */
export interface Request {
  readonly make: () => Written | Promise<Written>
  readonly done: (error?: UnlostError) => void
}

export class ActorHost {
  readonly parts: HostParts
  readonly cache: StateCache
  readonly timers: ActorTimers
  readonly #lags: ActorLags
  readonly #intake: ActorIntake
  readonly #after: AfterTurns
  readonly #alarm: DueAlarm
  readonly #requests = new Fifo<Request>()
  /** Custom actions that ran: noted with the next batch. */
  #acted = new Map<string, string[]>()
  #isWaking = false
  #isBusy = false
  #isOver = false
  #round = 0
  #onIdle: (() => void)[] = []

  constructor(parts: HostParts, after: (host: ActorHost) => AfterTurns) {
    this.parts = parts
    const { kind, clock, dueClock, limits, wasCrashed } = parts
    this.cache = new StateCache(limits.activeActors)
    this.timers = new ActorTimers(kind)
    this.#after = after(this)
    this.#lags = new ActorLags(this, wasCrashed)
    this.#alarm = new DueAlarm(clock, dueClock, () => this.wake())
    this.#intake = new ActorIntake(this)
  }

  /** What was left by an earlier run goes on. */
  start(): void {
    this.#after.recover()
    this.wake()
  }

  /** Looks for work, once after this turn. */
  wake(): void {
    if (this.#isWaking || this.#isBusy || this.#isOver) return
    this.#isWaking = true
    this.parts.clock.defer(() => {
      this.#isWaking = false
      this.#look()
    })
  }

  request(request: Request): void {
    const { failure } = this.parts.broker
    if (failure !== undefined) return request.done(failure)
    this.#requests.push(request)
    this.wake()
  }

  /** A custom action ran. */
  acted(key: string, id: string): void {
    const ids = this.#acted.get(key)
    if (ids === undefined) this.#acted.set(key, [id])
    else ids.push(id)
    this.wake()
  }

  /** Takes no further mail; resolves when what is under way is on disk. */
  close(): Promise<void> {
    this.#isOver = true
    this.#alarm.close()
    this.#after.close()
    if (!this.#isBusy) return Promise.resolve()
    return new Promise((resolve) => this.#onIdle.push(resolve))
  }

  ended(error: UnlostError): void {
    this.#isOver = true
    this.#after.ended(error)
    for (const { done } of this.#requests.drain()) done(error)
    this.#free()
  }

  #look(): void {
    if (this.#isBusy || this.#isOver) return
    this.#round += 1
    const ways = [() => this.#serve(), () => this.#fire(), () => this.#lags.step(), () => this.#intake.step()]
    for (let i = 0; i < ways.length; i += 1) {
      if (ways[(this.#round + i) % ways.length]?.() === true) return
    }
    if (this.#acted.size > 0) return this.submit({ events: this.takeActed(), sends: [] }, () => {})
    const nextMs = Math.min(this.timers.nextDueMs, this.#lags.nextDueMs)
    this.#alarm.set(nextMs)
  }

  #serve(): boolean {
    const request = this.#requests.shift()
    if (request === undefined) return false
    this.#isBusy = true
    this.parts.hub.background(this.#carryOut(request))
    return true
  }

  async #carryOut({ make, done }: Request): Promise<void> {
    try {
      const written = await make()
      for (const event of written.events) if (event.kind === 'restarted') this.#restarting(event.key)
      this.submit(written, () => this.#demanded(done), done)
    } catch (error) {
      done(error instanceof UnlostError ? error : new BrokenError(wordsOf(error), { cause: error }))
      this.#free()
      this.wake()
    }
  }

  #demanded(done: () => void): void {
    this.#lags.changed()
    done()
  }

  #restarting(key: string): void {
    this.cache.delete(key)
    this.#after.restarting(key)
  }

  /** Due timers become mail. */
  #fire(): boolean {
    const { dueClock, kind } = this.parts
    const due = this.timers.takeDue(dueClock.nowMs(), TIMERS_AT_ONCE)
    if (due.length === 0) return false
    const sends = due.map((one) => this.#mailOf(one))
    const timers = due.map(({ key, timer }) => [key, timer.timer, timer.generation] as const)
    const putBack = (): void => due.forEach(({ key, timer }) => this.timers.add(key, timer))
    this.submit({ sends, events: [{ kind: 'fired', actors: kind.number, timers }] }, () => {}, putBack)
    return true
  }

  #mailOf({ key, timer }: DueTimer): ReturnType<HostParts['post']['mail']> {
    const { post, kind } = this.parts
    const { timer: name, generation } = timer
    const text = systemText({ kind: 'timer', timer: name, generation })
    return post.mail({ actor: kind.name, key }, text)
  }

  /** Hands the runs from `offset` on to `then`: at once when they are in memory. */
  withRuns(offset: number, then: (runs: readonly DraftedRun[]) => void): void {
    const { reader, mailbox, unreadable } = this.parts
    const runs = reader.runs(mailbox.mailbox, offset)
    if (!(runs instanceof Promise)) return then(runs)
    this.#isBusy = true
    runs.then(
      (read) => this.#hasRead(() => then(read)),
      (error: unknown) => this.#hasRead(() => unreadable(offset, error)),
    )
  }

  #hasRead(then: () => void): void {
    this.#free()
    if (!this.#isOver) then()
  }

  /** Gives the turn back without work. */
  #free(): void {
    this.#isBusy = false
    const waiting = this.#onIdle
    this.#onIdle = []
    for (const resolve of waiting) resolve()
  }

  newBatch(): TurnBatch {
    const { kind, logic, shape, supervision, dueClock, random, post, hub } = this.parts
    const cache = this.cache
    return new TurnBatch({
      kind,
      logic,
      shape,
      supervision,
      nowMs: dueClock.nowMs(),
      fraction: () => random.fraction(),
      cached: (key): LoadedState | undefined => cache.get(key),
      mail: (to, text) => post.mail(to, text),
      publish: (effect, from) => post.publish(effect, from),
      isShown: hub.inspection.isOn,
      unconfirmed: (after: AfterCommit) => this.#after.unconfirmed(after),
    })
  }

  /** Makes a pass durable; what it leads to comes after. */
  commit(pass: Pass): void {
    const { batch, marks } = pass
    try {
      const events = [...batch.events(), ...marks(batch), ...this.takeActed()]
      const done = (): void => {
        for (const { key, state } of batch.changed) if (state !== undefined) this.cache.set(key, state)
        for (const event of events) {
          if (event.kind === 'turn')
            event.changes?.armed?.forEach((timer) => this.timers.add(event.key, timer))
        }
        this.#lags.changed()
        this.#after.committed(batch)
      }
      this.submit({ sends: batch.sends, events }, done, (error) => this.#refused(pass, error))
    } catch (error) {
      this.#refused(pass, error)
    }
  }

  /** Nothing of it was written: mail by mail it shows which one is to blame. */
  #refused({ only, marks, slowDown }: Pass, error: unknown): void {
    if (this.#isOver || this.parts.broker.failure !== undefined) return
    if (only === undefined) {
      slowDown()
      return this.wake()
    }
    const batch = this.newBatch()
    batch.fail(only.message, only.tries, error)
    this.commit({ batch, only: undefined, marks, slowDown })
  }

  takeActed(): ActorLedgerEvent[] {
    const { number: actors } = this.parts.kind
    const events = [...this.#acted].map(([key, ids]) => ({ kind: 'acted', actors, key, ids }) as const)
    this.#acted = new Map()
    return events
  }

  /** Writes; `done` and `failed` are called before the host looks for more. */
  submit(what: Written, done: () => void, failed: (error: UnlostError) => void = () => {}): void {
    this.#isBusy = true
    const unit = new TurnUnit({
      ...what,
      done: () => {
        this.#free()
        done()
        this.#look()
      },
      failed: (error) => {
        this.#free()
        failed(error)
        this.wake()
      },
    })
    this.parts.broker.submit(unit)
  }
}
