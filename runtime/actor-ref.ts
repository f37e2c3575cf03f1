/**
 * One actor, as its users hold it: a name, not the actor itself.
 *
 * Owns: what can be asked of an actor from outside. Leaves mail to the door, waiting to the waiters, turns to the host.
 *
 * AR1. A reference may be made before its actor exists, and outlives it: the actor is made by its first mail.
 * AR2. `send` resolves when the mail is on disk, or when its turn is; `ask` when the answer is. Both settle (G8).
 * AR3. The same idempotency key again is the same mail: it is taken once, and answered once more.
 */
import type { ActorTypes, Address, LoadedState, ReplyTo, TypedEvent } from '../actors/index.ts'
import type { UnlostError } from '../persistence/index.ts'
import type { AfterTurns } from './actor-after.ts'
import type { Addressed } from './actor-door.ts'
import type { ActorLedgerEvent } from './actor-event.ts'
import type { ActorHost } from './actor-host.ts'
import { unpacked, type Lag } from './actor-states.ts'
import { abortSignal, callable, checkOptions, oneOf, text, wholeNumber, type Rules } from './option-check.ts'
import type { Producer } from './producer.ts'
import type { Receipt } from './receipt.ts'
import type { SendOptions } from './send-options.ts'

export interface ActorSendOptions {
  /** When the promise resolves: the mail is on disk (`stored`, the default), or what its turn made of it (`processed`). */
  readonly until?: 'stored' | 'processed'
  /** The business's own id of this event: sent again, it is the same mail. */
  readonly idempotencyKey?: string
  /** How long to wait. Default 30,000 ms. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

export type AskOptions = Omit<ActorSendOptions, 'until'>

export interface ActorReceipt {
  readonly actor: string
  readonly key: string
  /** In the mailbox of the definition. */
  readonly offset: number
  /** This idempotency key was there already; the receipt is that of the first mail. */
  readonly duplicate: boolean
}

type TypeOf<Emitted> = Emitted extends { readonly type: infer Type extends string } ? Type : string

/** What a reference needs of its runtime. */
export interface RefParts {
  readonly host: ActorHost
  readonly after: AfterTurns
  readonly door: Producer<Addressed>
  readonly checkOpen: () => void
}

const SEND_RULES: Rules = {
  until: oneOf('stored', 'processed'),
  idempotencyKey: text,
  timeoutMs: wholeNumber(1),
  signal: abortSignal,
}
const { until: _, ...ASK_RULES } = SEND_RULES

const WAIT_MS = 30_000
const NO_OPTIONS = Object.freeze({})

export class ActorRef<Types extends ActorTypes = ActorTypes> {
  readonly address: Address<Types['event']>
  readonly #parts: RefParts
  readonly #input: unknown

  /** @internal */
  constructor(address: Address<Types['event']>, input: unknown, parts: RefParts) {
    this.address = address
    this.#input = input
    this.#parts = parts
  }

  get key(): string {
    return this.address.key
  }

  /**
   * Sends an event. Resolves when it is on disk, or with `until: 'processed'` when what its turn made of it is.
   *
   * @throws InvalidValueError, InvalidOptionError, TooLargeError, BackpressureError: nothing was written.
   * @throws TimeoutError, AbortedError, DiskFullError, ClosedError, BrokenError: see `outcome`.
   * @throws TurnFailedError when it had to be processed, and is in the dead letters now.
   * @example
   * await alice.send({ type: 'DEPOSIT', amount: 10 }, { until: 'processed' })
   */
  send(event: Types['event'], options: ActorSendOptions = NO_OPTIONS): Promise<ActorReceipt> {
    try {
      this.#check(options, SEND_RULES)
      const isProcessed = options.until === 'processed'
      return isProcessed ? this.#process(event, options) : this.#post(this.#letter(event), options)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /**
   * Sends an event and resolves with the answer that its turn gives, once that is on disk.
   *
   * @throws as `send`; TurnFailedError, NoReplyError when there is no answer.
   * @example
   * const balance = await alice.ask({ type: 'BALANCE' }, { timeoutMs: 1000 })
   */
  ask<Event extends Types['event']>(
    event: Event,
    options: AskOptions = NO_OPTIONS,
  ): Promise<ReplyTo<Types, Event>> {
    try {
      this.#check(options, ASK_RULES)
      return this.#ask(event, options)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  async #ask<Event extends Types['event']>(
    event: Event,
    options: AskOptions,
  ): Promise<ReplyTo<Types, Event>> {
    const ask = this.#parts.after.waiters.nextAsk()
    const json = await this.#waitFor({ ...this.#letter(event), ask }, options, {
      ask: ask[1],
      placed: () => {},
    })
    // What the turn gave, as JSON keeps it.
    return JSON.parse(json ?? 'null') as ReplyTo<Types, Event>
  }

  /** The last committed state; undefined while there is none. */
  async snapshot(): Promise<Types['view'] | undefined> {
    this.#parts.checkOpen()
    const state = this.#committed()
    return state === undefined ? undefined : this.#parts.host.parts.logic.view(state)
  }

  /** Calls `listener` with each state from the next commit on, until the answer is called. */
  subscribe(listener: (view: Types['view']) => void): () => void {
    callable(listener, `subscribe to actor '${this.key}'`)
    this.#parts.checkOpen()
    return this.#parts.after.listeners.watch(this.key, listener)
  }

  /** Calls `listener` with what the actor emits (`'*'`: anything), after its commit, until the answer is called. */
  on(type: TypeOf<Types['emitted']> | '*', listener: (event: Types['emitted']) => void): () => void {
    callable(listener, `on '${type}' of actor '${this.key}'`)
    this.#parts.checkOpen()
    return this.#parts.after.listeners.onEmit(this.key, type, listener)
  }

  /** Why it takes no mail, if it does not: since which mail, after how many attempts. */
  get lag(): Lag | undefined {
    return this.#parts.host.parts.kind.lags.get(this.key)
  }

  /** Lets a parked actor try its mail again, with fresh attempts. */
  resume(): Promise<void> {
    return this.#demand((lag) => (lag === undefined ? [] : [this.#lagged(lag.at)]))
  }

  /** Puts the mail that a lagging actor cannot take into the dead letters, and goes on behind it. */
  skip(): Promise<void> {
    return this.#demand((lag, nowMs) => {
      if (lag === undefined) return []
      const { at: offset, history } = lag
      const { number: actors } = this.#parts.host.parts.kind
      const skipped = { kind: 'undelivered', actors, key: this.key, offset, atMs: nowMs } as const
      return [{ ...skipped, reason: 'skipped', history }, this.#lagged(offset + 1)]
    })
  }

  /** Gives the state up: the next mail makes the actor anew. What waits in its mailbox is taken by the new one. */
  restart(): Promise<void> {
    const { number: actors } = this.#parts.host.parts.kind
    const restarted = { kind: 'restarted', actors, key: this.key } as const
    return this.#demand((lag) => (lag === undefined ? [restarted] : [restarted, this.#lagged(lag.at)]))
  }

  #lagged(at: number): ActorLedgerEvent {
    const { number: actors } = this.#parts.host.parts.kind
    return { kind: 'lagged', actors, key: this.key, at, attempt: 0, dueMs: 0, parked: undefined, history: [] }
  }

  #demand(make: (lag: Lag | undefined, nowMs: number) => ActorLedgerEvent[]): Promise<void> {
    const { host, checkOpen } = this.#parts
    return new Promise((resolve, reject) => {
      checkOpen()
      host.request({
        make: () => ({ events: make(this.lag, host.parts.dueClock.nowMs()), sends: [] }),
        done: (error) => (error === undefined ? resolve() : reject(error)),
      })
    })
  }

  #committed(): LoadedState | undefined {
    const { kind, logic } = this.#parts.host.parts
    const record = kind.records.get(this.key)
    if (record === undefined) return undefined
    const { version, hash } = kind.shapes[record.shape] ?? { version: 0, hash: '' }
    return (
      this.#parts.host.cache.get(this.key) ?? logic.load({ version, hash, text: unpacked(record.packed) })
    )
  }

  async #process(event: unknown, options: ActorSendOptions): Promise<ActorReceipt> {
    let receipt: ActorReceipt | undefined
    const placed = (found: ActorReceipt): void => void (receipt = found)
    await this.#waitFor(this.#letter(event), options, { ask: undefined, placed })
    return receipt ?? this.#receipt({ offset: -1, duplicate: false })
  }

  #letter(unknownEvent: unknown): Addressed {
    // The door refuses what is no event.
    const event = unknownEvent as TypedEvent
    const isNew = this.#input !== undefined && !this.#parts.host.parts.kind.records.has(this.key)
    return isNew ? { key: this.key, event, input: this.#input } : { key: this.key, event }
  }

  #check(options: ActorSendOptions, rules: Rules): void {
    if (options !== NO_OPTIONS) checkOptions(options, rules, `actor '${this.key}' of '${this.address.actor}'`)
    this.#parts.checkOpen()
  }

  #post(letter: Addressed, options: ActorSendOptions): Promise<ActorReceipt> {
    const { door } = this.#parts
    const sent = options === NO_OPTIONS ? door.send(letter) : door.send(letter, this.#sendOptions(options))
    return sent.then((receipt) => this.#receipt(receipt))
  }

  #sendOptions({ idempotencyKey, signal, timeoutMs }: ActorSendOptions): SendOptions {
    return {
      ...(idempotencyKey !== undefined && { messageId: messageIdOf(this.key, idempotencyKey) }),
      ...(signal !== undefined && { signal }),
      ...(timeoutMs !== undefined && { deliveryTimeoutMs: timeoutMs }),
    }
  }

  #receipt({ offset, duplicate }: Pick<Receipt, 'offset' | 'duplicate'>): ActorReceipt {
    return { actor: this.address.actor, key: this.key, offset, duplicate }
  }

  /** Sends, and waits for what becomes of it; `ask` is the number of the question, if it is one. */
  #waitFor(
    letter: Addressed,
    options: ActorSendOptions,
    { ask, placed }: { ask: number | undefined; placed: (receipt: ActorReceipt) => void },
  ): Promise<string | undefined> {
    const { waiters } = this.#parts.after
    const { timeoutMs = WAIT_MS, signal } = options
    return new Promise((resolve, reject) => {
      const wish = { key: this.key, ask, timeoutMs, signal }
      const waiter = waiters.wait(wish, (error, json) =>
        error === undefined ? resolve(json) : reject(error),
      )
      const known = (receipt: ActorReceipt): void => {
        placed(receipt)
        waiters.placed(waiter, receipt.offset)
      }
      this.#post(letter, { ...options, timeoutMs }).then(known, (error: UnlostError) => waiter.tell(error))
    })
  }
}

/** One actor's keys are never another's, whatever line feeds are in either. */
function messageIdOf(key: string, idempotencyKey: string): string {
  const plain = key.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
  return `${plain}\n${idempotencyKey}`
}
