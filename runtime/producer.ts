/**
 * A producer: the sending side of one topic, under one id.
 *
 * Owns: the two forms of send over one path, admission (as `producerMachine` decides), deadlines and signals.
 * Leaves making the message to the binding, numbering to the batch, writing to the broker.
 *
 * PR1. A send is told its receipt only after its message is on disk (G1).
 * PR2. Sends of one producer are written in the order of their calls, also when a schema answers late.
 * PR3. Every send settles: by its deadline at the latest (G8).
 * PR4. A newer producer of the same id fences this one: it confirms nothing afterwards (G4).
 */
import { createRunner, perform, producerMachine } from '../actors/index.ts'
import type { ActionTable, ProducerEvent, Ending as Why } from '../actors/index.ts'
import { ClosedError, FencedError, UnlostError } from '../persistence/index.ts'
import type { Sender, Writing } from './binding.ts'
import type { Broker, BrokerListener } from './broker.ts'
import type { Clock } from './clock.ts'
import { Deadlines } from './deadlines.ts'
import { AbortedError, BackpressureError, InvalidValueError, TimeoutError } from './errors.ts'
import type { EventHub } from './events.ts'
import { Fifo } from './fifo.ts'
import type { Hooks } from './interceptor.ts'
import type { Limits } from './limits.ts'
import type { Outgoing } from './outgoing.ts'
import type { Receipt } from './receipt.ts'
import {
  checkBatchOptions,
  checkSendOptions,
  NO_OPTIONS,
  type BatchOptions,
  type SendOptions,
} from './send-options.ts'
import { SendUnit } from './send-unit.ts'
import { Window } from './window.ts'

/** Called once, with an error or a receipt. */
export type SendCallback = (error: UnlostError | null, receipt?: Receipt) => void

export interface ProducerParts {
  readonly id: string
  readonly epoch: number
  readonly deliveryTimeoutMs: number
  readonly sender: Sender
  readonly broker: Broker
  readonly clock: Clock
  readonly hub: EventHub
  readonly hooks: Hooks
  readonly limits: Limits
  readonly producerName: (producer: number) => string
  readonly closed: () => void
}

type Told = (error: UnlostError | undefined, receipts: Receipt[]) => void

export class Producer<Input> implements BrokerListener {
  readonly #binding: Writing<Input>
  readonly #parts: ProducerParts
  readonly #runner = createRunner(producerMachine)
  readonly #table: ActionTable<typeof producerMachine>
  readonly #window: Window
  readonly #waiting = new Fifo<SendUnit>()
  readonly #pending = new Set<SendUnit>()
  readonly #deadlines: Deadlines<SendUnit>
  #holding = false
  #ending: UnlostError | undefined
  #refusal: UnlostError | undefined
  #gate: Promise<void> | undefined
  #onRoom: (() => void)[] = []
  #onClosed: Promise<void> | undefined
  #drained: () => void = () => {}

  /** @internal */
  constructor(binding: Writing<Input>, parts: ProducerParts) {
    this.#binding = binding
    this.#parts = parts
    this.#window = new Window(parts.limits)
    this.#deadlines = new Deadlines(parts.clock, this.#pending, (unit) => this.#overdue(unit))
    this.#table = {
      admitWaiting: () => this.#admitWaiting(),
      holdAdmission: () => void (this.#holding = true),
      rejectWaiting: ({ why }) => this.#rejectWaiting(why),
      announceStalled: ({ cause }) => this.#announceStalled(cause),
      announceFlowing: () => {},
      unexpected: ({ event }) => this.#unexpected(event),
    }
    parts.broker.listen(this)
  }

  get id(): string {
    return this.#parts.id
  }

  get topic(): string {
    return this.#binding.name
  }

  get epoch(): number {
    return this.#parts.epoch
  }

  /**
   * Sends one message. The promise (or the callback) is told after the message is on disk.
   *
   * @throws InvalidValueError, InvalidOptionError, TooLargeError, BackpressureError: nothing was written.
   * @throws TimeoutError, AbortedError, DiskFullError, ClosedError, FencedError, BrokenError: see `outcome`.
   * @example
   * const { offset } = await producer.send(order, { messageId: order.id })
   * producer.send(order, (error, receipt) => report(error ?? receipt))
   */
  send(value: Input, options?: SendOptions): Promise<Receipt>
  send(value: Input, callback: SendCallback): void
  send(value: Input, options: SendOptions, callback: SendCallback): void
  send(
    value: Input,
    first?: SendOptions | SendCallback,
    second?: SendCallback,
  ): Promise<Receipt> | undefined {
    const callback = typeof first === 'function' ? first : second
    const options = typeof first === 'object' ? first : NO_OPTIONS
    if (callback === undefined) return this.#sendOne(value, options)
    this.#sendOne(value, options).then(
      (receipt) => this.#parts.hub.guarded(() => callback(null, receipt)),
      (error: UnlostError) => this.#parts.hub.guarded(() => callback(error)),
    )
    return undefined
  }

  /**
   * Sends messages as one: all of them are on disk or none is.
   *
   * @throws as `send`; `TooLargeError` when they do not fit one batch.
   */
  sendBatch(values: readonly Input[], options: BatchOptions = NO_OPTIONS): Promise<Receipt[]> {
    return new Promise((resolve, reject) => {
      this.#start(options, tellPromise(resolve, reject), () => {
        checkBatchOptions(options, `sendBatch to '${this.topic}'`)
        if (!Array.isArray(values)) throw new InvalidValueError('sendBatch takes an array of values')
        const made = values.map((value) => this.#binding.outgoing(this.#parts.sender, value, options))
        return made.some((message) => message instanceof Promise) ? Promise.all(made) : (made as Outgoing[])
      })
    })
  }

  /** Resolves when a send would not have to wait. */
  ready(): Promise<void> {
    if (this.#ending !== undefined) return Promise.reject(this.#ending)
    if (!this.#holding) return Promise.resolve()
    return new Promise((resolve, reject) => {
      this.#onRoom.push(() => (this.#ending === undefined ? resolve() : reject(this.#ending)))
    })
  }

  /** Waits for every send, then ends. A later send is refused. */
  close(): Promise<void> {
    this.#onClosed ??= this.#close()
    return this.#onClosed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #sendOne(value: Input, options: SendOptions): Promise<Receipt> {
    return new Promise((resolve, reject) => {
      const told: Told = (error, [receipt]) => (receipt === undefined ? reject(error) : resolve(receipt))
      this.#start(options, told, () => {
        checkSendOptions(options, `send to '${this.topic}'`)
        const made = this.#binding.outgoing(this.#parts.sender, value, options)
        return made instanceof Promise ? made.then((message) => [message]) : [made]
      })
    })
  }

  /** The one path of all sends. */
  #start(
    options: SendOptions,
    told: Told,
    make: () => readonly Outgoing[] | Promise<readonly Outgoing[]>,
  ): void {
    try {
      if (this.#ending !== undefined) throw this.#ending
      const made = make()
      if (options.signal?.aborted === true) throw aborted(options.signal, 'not-written')
      const unit = this.#newUnit(options, told)
      if (made instanceof Promise || this.#gate !== undefined) this.#queueAtGate(unit, made)
      else this.#enter(unit, made)
    } catch (error) {
      told(asSendError(error), [])
    }
  }

  #newUnit(options: SendOptions, told: Told): SendUnit {
    const { clock, deliveryTimeoutMs } = this.#parts
    const { signal } = options
    const abort = (): void => signal && unit.giveUp(aborted(signal, unit.outcome))
    const unit: SendUnit = new SendUnit({
      deadlineMs: clock.monotonicMs() + (options.deliveryTimeoutMs ?? deliveryTimeoutMs),
      left: (left) => this.#left(left),
      tell: (error, messages) => {
        signal?.removeEventListener('abort', abort)
        if (unit.withdrawn || error !== undefined) this.#pending.delete(unit)
        if (error === undefined) told(undefined, this.#receipts(messages))
        else told(error, [])
        this.#checkDrained()
      },
    })
    signal?.addEventListener('abort', abort, { once: true })
    this.#pending.add(unit)
    this.#deadlines.watch(unit)
    return unit
  }

  #receipts(messages: readonly Outgoing[]): Receipt[] {
    const { hooks, hub, producerName } = this.#parts
    return messages.map((message) => {
      const receipt = message.receipt(producerName)
      for (const interceptor of hooks.onConfirm) {
        try {
          interceptor.onConfirm?.(message, receipt)
        } catch (error) {
          hub.emit('interceptor-error', { interceptor: interceptor.name, hook: 'onConfirm', error })
        }
      }
      return receipt
    })
  }

  /** A schema answers later: this send and those after it keep their order. */
  #queueAtGate(unit: SendUnit, made: readonly Outgoing[] | Promise<readonly Outgoing[]>): void {
    const before = this.#gate ?? Promise.resolve()
    const checked = Promise.resolve(made).then(
      (messages) => ({ messages, error: undefined }),
      (error: unknown) => ({ messages: undefined, error: asSendError(error) }),
    )
    const gate = before.then(async () => {
      const { messages, error } = await Promise.race([checked, unit.told])
      if (error !== undefined) unit.giveUp(error)
      else if (messages !== undefined && !unit.isTold) this.#enter(unit, messages)
      if (this.#gate === gate) this.#gate = undefined
    })
    this.#gate = gate
  }

  #enter(unit: SendUnit, messages: readonly Outgoing[]): void {
    unit.load(messages)
    if (!this.#holding) return this.#admit(unit)
    if (!this.#window.mayWait(unit)) return unit.giveUp(this.#tooMany())
    this.#window.wait(unit)
    unit.isWaiting = true
    this.#waiting.push(unit)
  }

  #admit(unit: SendUnit): void {
    unit.isAdmitted = true
    this.#window.admit(unit)
    this.#parts.broker.submit(unit)
    if (this.#window.isFull && !this.#holding) this.#step({ type: 'FILLED' })
  }

  #admitWaiting(): void {
    this.#holding = false
    while (!this.#isHolding()) {
      const unit = this.#waiting.shift()
      if (unit === undefined) break
      this.#stopWaiting(unit)
      if (!unit.isTold) this.#admit(unit)
    }
    if (!this.#isHolding()) this.#tellRoom()
  }

  /** Admitting may fill the window, which a check of the field alone would not see. */
  #isHolding(): boolean {
    return this.#holding
  }

  #left(unit: SendUnit): void {
    this.#pending.delete(unit)
    if (unit.isAdmitted) this.#window.leave(unit)
    this.#stopWaiting(unit)
    if (this.#holding && this.#window.hasRoom) this.#step({ type: 'ROOM' })
  }

  #stopWaiting(unit: SendUnit): void {
    if (unit.isWaiting) this.#window.unwait(unit)
    unit.isWaiting = false
  }

  #rejectWaiting(why: Why): void {
    const error = why === 'disk-full' ? this.#refusal : this.#ending
    const units = this.#waiting.drain()
    for (const unit of units) unit.giveUp(error ?? new ClosedError('the producer was closed', NOT_WRITTEN))
    this.#tellRoom()
  }

  #tellRoom(): void {
    const waiting = this.#onRoom
    this.#onRoom = []
    for (const tell of waiting) tell()
  }

  #overdue(unit: SendUnit): void {
    this.#pending.delete(unit)
    unit.giveUp(unit.outcome === 'not-written' ? (this.#refusal ?? timedOut(unit)) : timedOut(unit))
  }

  #announceStalled(
    cause: Parameters<ActionTable<typeof producerMachine>['announceStalled']>[0]['cause'],
  ): void {
    this.#parts.hub.emit('stalled', { cause, topic: this.topic, producer: this.id, stalledMs: 0 })
  }

  messagesRefused(error: UnlostError): void {
    this.#refusal = error
    this.#step({ type: 'REFUSED', code: 'disk-full' })
  }

  messagesTaken(): void {
    this.#refusal = undefined
    if (this.#window.hasRoom) this.#step({ type: 'ROOM' })
    this.#step({ type: 'ACCEPTED' })
  }

  arrived(): void {}

  ended(error: UnlostError): void {
    this.#ending ??= error
    this.#step({ type: error instanceof FencedError ? 'FENCED' : 'FAILED' })
  }

  /** A newer producer has our id. What is being written may still be confirmed; nothing else is. */
  fence(): void {
    const error = new FencedError(
      `producer '${this.id}' of topic '${this.topic}' was opened again`,
      NOT_WRITTEN,
    )
    this.#ending ??= error
    for (const unit of [...this.#pending]) if (unit.outcome === 'not-written') unit.giveUp(error)
    this.#step({ type: 'FENCED' })
  }

  async #close(): Promise<void> {
    this.#ending ??= new ClosedError(`producer '${this.id}' of topic '${this.topic}' was closed`, NOT_WRITTEN)
    this.#step({ type: 'CLOSE' })
    if (this.#pending.size > 0) await new Promise<void>((resolve) => (this.#drained = resolve))
    this.#step({ type: 'DRAINED' })
    this.#deadlines.close()
    this.#parts.broker.unlisten(this)
    this.#parts.closed()
  }

  #checkDrained(): void {
    if (this.#pending.size === 0) this.#drained()
  }

  #step(event: ProducerEvent): void {
    perform(this.#table, this.#runner.step(event))
  }

  #tooMany(): BackpressureError {
    return new BackpressureError(
      `producer '${this.id}' of topic '${this.topic}': too many sends are waiting; ` +
        'await earlier sends or ready(), or raise limits.waitingCount and limits.waitingBytes',
      NOT_WRITTEN,
    )
  }

  #unexpected(event: string): void {
    this.#parts.hub.guarded(() => {
      throw new InvalidValueError(`a producer got ${event} unexpectedly: please report this`)
    })
  }
}

const NOT_WRITTEN = { outcome: 'not-written' } as const

function tellPromise(resolve: (receipts: Receipt[]) => void, reject: (error: UnlostError) => void): Told {
  return (error, receipts) => (error === undefined ? resolve(receipts) : reject(error))
}

function aborted(signal: AbortSignal, outcome: SendUnit['outcome']): AbortedError {
  return new AbortedError(`the send was aborted; the message is ${wordFor(outcome)}`, {
    cause: signal.reason,
    outcome,
  })
}

function timedOut(unit: SendUnit): TimeoutError {
  const { outcome } = unit
  return new TimeoutError(`the send took longer than its time; the message is ${wordFor(outcome)}`, {
    outcome,
  })
}

function wordFor(outcome: SendUnit['outcome']): string {
  return outcome === 'unknown' ? 'being written and may still appear' : 'not written'
}

function asSendError(error: unknown): UnlostError {
  if (error instanceof UnlostError) return error
  return new InvalidValueError(`the value cannot be sent: ${String(error)}`, [], error)
}
