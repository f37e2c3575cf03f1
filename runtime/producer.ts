/**
 * A producer: the sending side of one topic, under one id.
 *
 * Owns: the two forms of send over one path, signals, and the order of sends whose schema answers late.
 * Leaves making the message to the binding, the window and deadlines to the admission, numbering and writing to the
 * broker.
 *
 * PR1. A send is told its receipt only after its message is on disk (G1).
 * PR2. Sends of one producer are written in the order of their calls, also when a schema answers late.
 * PR3. Every send settles, in both forms, exactly once (G8).
 * PR4. A newer producer of the same id fences this one: it confirms nothing afterwards (G4).
 */
import type { StallCause } from '../actors/index.ts'
import { UnlostError } from '../persistence/index.ts'
import { Admission } from './admission.ts'
import type { Sender, Writing } from './binding.ts'
import type { Broker } from './broker.ts'
import type { Clock } from './clock.ts'
import { AbortedError, InvalidOptionError, InvalidValueError, wordsOf } from './errors.ts'
import type { EventHub } from './events.ts'
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
import { SendUnit, type SendKeeper } from './send-unit.ts'

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

/** What came of making the messages of a send; nothing when its caller was told meanwhile. */
interface Checked {
  readonly messages: Made | undefined
  readonly error: UnlostError | undefined
}

/** The message of a send, or those of a batch. */
type Made = Outgoing | readonly Outgoing[]

/** The functions of the promise that was made last: so no closure is made for each. */
const last: { resolve: (receipt: Receipt) => void; reject: (error: UnlostError) => void } = {
  resolve() {},
  reject() {},
}

function keepLast(resolve: (receipt: Receipt) => void, reject: (error: UnlostError) => void): void {
  last.resolve = resolve
  last.reject = reject
}

export class Producer<Input> {
  readonly #binding: Writing<Input>
  readonly #parts: ProducerParts
  readonly #admission: Admission
  readonly #where: string
  readonly #keeper: SendKeeper
  #gate: Promise<void> | undefined
  #onClosed: Promise<void> | undefined

  /** @internal */
  constructor(binding: Writing<Input>, parts: ProducerParts) {
    this.#binding = binding
    this.#parts = parts
    this.#where = `send to '${binding.name}'`
    const admission = new Admission({
      who: `producer '${parts.id}' of topic '${binding.name}'`,
      broker: parts.broker,
      clock: parts.clock,
      hub: parts.hub,
      limits: parts.limits,
      readyTimeoutMs: parts.deliveryTimeoutMs,
      stalled: (cause) => this.#announceStalled(cause),
    })
    this.#admission = admission
    this.#keeper = {
      told: (unit, error) => {
        this.#tell(unit, error)
        admission.told(unit)
      },
      left: (unit) => admission.left(unit),
      missed: (unit) => unit.messages.forEach((message) => this.#receipt(message)),
      get over() {
        return admission.over
      },
    }
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
    const options = typeof first === 'function' || first === undefined ? NO_OPTIONS : first
    if (callback === undefined) return this.#sendOne(value, options)
    if (typeof callback !== 'function') return this.#refuseCallback()
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
      try {
        this.#checkOpen()
        checkBatchOptions(options, `sendBatch to '${this.topic}'`)
        refuseAborted(options.signal)
        if (!Array.isArray(values)) throw new InvalidValueError('sendBatch takes an array of values')
        const unit = this.#unit(options, reject)
        unit.resolveAll = resolve
        this.#start(unit, this.#makeAll(values, options), options.signal)
      } catch (error) {
        reject(asSendError(error))
      }
    })
  }

  /** Resolves when a send would not have to wait; rejects after the producer's delivery timeout, or at its end. */
  ready(): Promise<void> {
    return this.#admission.ready()
  }

  /** Waits for every send, then ends. A later send is refused. */
  close(): Promise<void> {
    this.#onClosed ??= this.#close()
    return this.#onClosed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #refuseCallback(): Promise<never> {
    const words = `${this.#where}: the callback must be a function`
    return Promise.reject(new InvalidOptionError(words, { outcome: 'not-written' }))
  }

  #sendOne(value: Input, options: SendOptions): Promise<Receipt> {
    const promise = new Promise<Receipt>(keepLast)
    const { resolve, reject } = last
    try {
      this.#checkOpen()
      checkSendOptions(options, this.#where)
      refuseAborted(options.signal)
      const made = this.#binding.outgoing(this.#parts.sender, value, options)
      const unit = this.#unit(options, reject)
      unit.resolveOne = resolve
      this.#start(unit, made, options.signal)
    } catch (error) {
      reject(asSendError(error))
    }
    return promise
  }

  #makeAll(
    values: readonly Input[],
    options: BatchOptions,
  ): readonly Outgoing[] | Promise<readonly Outgoing[]> {
    const made: (Outgoing | Promise<Outgoing>)[] = []
    try {
      for (const value of values) made.push(this.#binding.outgoing(this.#parts.sender, value, options))
    } catch (error) {
      // The others may still fail, and nobody will ask them.
      for (const message of made) if (message instanceof Promise) message.catch(() => {})
      throw error
    }
    return allMade(made)
  }

  #checkOpen(): void {
    if (this.#admission.ending !== undefined) throw this.#admission.ending
  }

  #unit(options: SendOptions, reject: (error: UnlostError) => void): SendUnit {
    return new SendUnit(this.#keeper, reject, options.deliveryTimeoutMs ?? this.#parts.deliveryTimeoutMs)
  }

  #tell(unit: SendUnit, error: UnlostError | undefined): void {
    if (error !== undefined) return unit.reject(error)
    if (unit.one !== undefined) unit.resolveOne?.(this.#receipt(unit.one))
    else unit.resolveAll?.(unit.messages.map((message) => this.#receipt(message)))
  }

  /** The one path of all sends. */
  #start(unit: SendUnit, made: Made | Promise<Made>, signal: AbortSignal | undefined): void {
    if (signal !== undefined) giveUpWhenAborted(unit, signal)
    this.#admission.watch(unit)
    if (made instanceof Promise || this.#gate !== undefined) this.#queueAtGate(unit, made)
    else this.#enter(unit, made)
  }

  #receipt(message: Outgoing): Receipt {
    const { hooks, hub, producerName } = this.#parts
    const receipt = message.receipt(producerName)
    for (const interceptor of hooks.onConfirm) {
      try {
        interceptor.onConfirm?.(message, receipt)
      } catch (error) {
        hub.emit('interceptor-error', { interceptor: interceptor.name, hook: 'onConfirm', error })
      }
    }
    return receipt
  }

  /** A schema answers later: this send and those after it keep their order. */
  #queueAtGate(unit: SendUnit, made: Made | Promise<Made>): void {
    if (!(made instanceof Promise)) unit.load(made)
    const { bytes } = unit
    if (!this.#admission.prepare(bytes)) {
      if (made instanceof Promise) made.catch(() => {})
      return this.#admission.refuseAsTooMany(unit)
    }
    const before = this.#gate ?? Promise.resolve()
    const checked = Promise.resolve(made).then(
      (messages) => ({ messages, error: undefined }),
      (error: unknown) => ({ messages: undefined, error: asSendError(error) }),
    )
    const gate = this.#passGate(unit, before, checked).finally(() => {
      this.#admission.prepared(bytes)
      if (this.#gate === gate) this.#gate = undefined
    })
    this.#gate = gate
  }

  async #passGate(unit: SendUnit, before: Promise<void>, checked: Promise<Checked>): Promise<void> {
    await before
    const { messages, error } = await Promise.race([checked, unit.told])
    if (error !== undefined) unit.giveUp(error)
    else if (messages !== undefined && !unit.isTold) this.#enter(unit, messages)
  }

  #enter(unit: SendUnit, messages: Made): void {
    unit.load(messages)
    this.#admission.enter(unit)
  }

  #announceStalled(cause: StallCause): void {
    this.#parts.hub.emit('stalled', { cause, topic: this.topic, producer: this.id, stalledMs: 0 })
  }

  /** @internal A newer producer has our id. */
  fence(): void {
    this.#admission.fence()
  }

  async #close(): Promise<void> {
    await this.#admission.close()
    this.#parts.closed()
  }
}

function isMade(message: Outgoing | Promise<Outgoing>): message is Outgoing {
  return !(message instanceof Promise)
}

/** At once when every message is made, as a promise when a schema answers later. */
function allMade(made: (Outgoing | Promise<Outgoing>)[]): readonly Outgoing[] | Promise<Outgoing[]> {
  return made.every(isMade) ? made : Promise.all(made.map((message) => Promise.resolve(message)))
}

function refuseAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw aborted(signal, 'not-written')
}

function giveUpWhenAborted(unit: SendUnit, signal: AbortSignal): void {
  const abort = (): void => unit.giveUp(aborted(signal, unit.outcome))
  signal.addEventListener('abort', abort, { once: true })
  unit.unlisten = () => signal.removeEventListener('abort', abort)
}

function aborted(signal: AbortSignal, outcome: SendUnit['outcome']): AbortedError {
  const words = outcome === 'unknown' ? 'being written and may still appear' : 'not written'
  return new AbortedError(`the send was aborted; the message is ${words}`, { cause: signal.reason, outcome })
}

function asSendError(error: unknown): UnlostError {
  if (error instanceof UnlostError) return error
  return new InvalidValueError(`the value cannot be sent: ${wordsOf(error)}`, [], error)
}
