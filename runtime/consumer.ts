/**
 * A consumer: the receiving side of one topic for one group.
 *
 * Owns: the two ways to consume, pause and seek, lag, and its end. Leaves leases to the desk, runs to sessions.
 *
 * CN1. One run or loop at a time; several consumers may serve one group.
 * CN2. `close` waits for what runs, then nothing of it is left behind.
 */
import type { UnlostError } from '../persistence/index.ts'
import type { Reading } from './binding.ts'
import type { Broker, BrokerListener } from './broker.ts'
import type { Desk } from './desk.ts'
import { InvalidOptionError } from './errors.ts'
import { HandlerMode, type Handler } from './handler-mode.ts'
import type { HandOver } from './handler-context.ts'
import { Iteration } from './iteration.ts'
import { measureLag, type Lag } from './lag.ts'
import type { MailboxReader } from './mailbox-reader.ts'
import type { Message } from './message.ts'
import { abortSignal, callable, checkOptions } from './option-check.ts'
import { seekGroup, type SeekTarget } from './seek.ts'
import { Session, type Mode, type SessionOptions } from './session.ts'

export interface RunOptions {
  /** Ends the run: what is being handled comes to its end, then the promise resolves. */
  readonly signal?: AbortSignal
}

export interface ConsumerParts<Value> {
  readonly binding: Reading<Value>
  readonly desk: Desk
  readonly broker: Broker
  readonly reader: MailboxReader
  readonly options: SessionOptions
  readonly handOver: HandOver
  readonly firstOf: (partition: number) => number
  readonly closed: () => void
}

export class Consumer<Value> implements BrokerListener, AsyncIterable<Message<Value>> {
  readonly #parts: ConsumerParts<Value>
  #session: Session | undefined
  #iteration: Iteration<Value> | undefined
  #isPaused = false
  #onClosed: Promise<void> | undefined

  /** @internal */
  constructor(parts: ConsumerParts<Value>) {
    this.#parts = parts
    parts.broker.listen(this)
  }

  get topic(): string {
    return this.#parts.binding.name
  }

  get group(): string {
    return this.#parts.desk.parts.group
  }

  /**
   * Handles messages until `signal` is aborted or the consumer is closed; then resolves once drained.
   * Return is ack, throw is nack with back-off.
   *
   * @throws BrokenError, FencedError when nothing can be committed any more.
   * @example
   * await consumer.run(async (message, { send }) => { send(invoices, toInvoice(message.value)) }, { signal })
   */
  run(handler: Handler<Value>, options: RunOptions = {}): Promise<void> {
    try {
      callable(handler, `run on '${this.topic}': the handler`)
      checkOptions(options, { signal: abortSignal }, `run on '${this.topic}'`)
      const { desk, binding, handOver } = this.#parts
      const session = this.#begin((made) => new HandlerMode({ desk, binding, handOver }, made, handler))
      const stop = (): void => session.drain()
      options.signal?.addEventListener('abort', stop, { once: true })
      if (options.signal?.aborted === true) stop()
      return session.done.finally(() => options.signal?.removeEventListener('abort', stop))
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /**
   * Messages one by one. Each must be settled by the loop; leaving the loop, by `break` or by an error, gives the others
   * back and counts no attempt for them. A message at which the loop throws therefore comes again without end: catch the
   * error and call `message.nack({ reason: String(error) })`, or use `run`, which does as much by itself.
   *
   * @example
   * for await (const message of consumer) {
   *   await print(message.value)
   *   await message.ack()
   * }
   */
  [Symbol.asyncIterator](): AsyncIterator<Message<Value>, undefined> {
    const { desk, binding } = this.#parts
    let iteration: Iteration<Value> | undefined
    const session = this.#begin((made) => (iteration = new Iteration(desk, binding, made)))
    // The loop is told by its own `next`; this promise must not surface beside it.
    session.done.catch(() => {})
    if (iteration === undefined) throw new InvalidOptionError('a consumer could not begin')
    this.#iteration = iteration
    return iteration
  }

  /** No further message is handed out until `resume`. */
  pause(): void {
    this.#isPaused = true
    this.#session?.pause()
  }

  resume(): void {
    this.#isPaused = false
    this.#session?.resume()
  }

  /**
   * Moves the whole group, or its place in one partition: deliveries under way there are lost (their verbs are
   * `StaleLeaseError`), attempts are forgotten. Dead letters stay dead letters: a replay passes over them.
   * Resolves when the move is on disk.
   *
   * @example
   * await consumer.seek({ time: Date.now() - 3_600_000 })
   */
  seek(target: SeekTarget): Promise<void> {
    return seekGroup({ ...this.#parts, target })
  }

  /** What is waiting, by partition. */
  lag(): Promise<Lag> {
    return measureLag(this.#parts.desk, this.#parts.reader)
  }

  /** Waits for what is being handled (up to `limits.drainTimeoutMs`), gives back the rest, and ends. */
  close(): Promise<void> {
    this.#onClosed ??= this.#close()
    return this.#onClosed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  arrived(): void {}

  messagesRefused(): void {}

  messagesTaken(): void {}

  ended(error: UnlostError): void {
    this.#session?.fail(error)
  }

  #begin(makeMode: (session: Session) => Mode): Session {
    const { failure } = this.#parts.broker
    if (failure !== undefined) throw failure
    if (this.#onClosed !== undefined) {
      throw new InvalidOptionError(`the consumer of '${this.topic}' was closed; make another`)
    }
    if (this.#session?.isEnded === false) {
      throw new InvalidOptionError(
        `the consumer of '${this.topic}' is in use; end its run or loop, or make another`,
      )
    }
    const session = new Session(this.#parts.desk, this.#parts.options, makeMode)
    this.#session = session
    session.start()
    if (this.#isPaused) session.pause()
    return session
  }

  async #close(): Promise<void> {
    const session = this.#session
    if (session !== undefined && !session.isEnded) {
      session.drain()
      if (this.#parts.broker.failure === undefined) await this.#iteration?.giveBackWaiting()
      await session.done.catch(() => {})
    }
    this.#parts.broker.unlisten(this)
    this.#parts.closed()
  }
}
