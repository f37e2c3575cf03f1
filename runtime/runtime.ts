/**
 * The composition root: one open data directory.
 *
 * Owns: opening, putting the parts together, and closing in order. Leaves every decision to the parts.
 *
 * RT1. At open, every lease of an earlier owner is back at once: there is no time-out to wait for.
 * RT2. `close` lets running handlers and waiting sends end, settles every promise, and gives the directory up.
 */
import { InvalidOptionError } from './errors.ts'
import {
  ClosedError,
  openStore,
  type OpenStore,
  type RecoveryReport,
  type Store,
} from '../persistence/index.ts'
import type { ActorDefinition, ActorTypes } from '../actors/index.ts'
import { ActorHosts, FEED_CONCURRENCY } from './actor-hosts.ts'
import type { ActorLetters } from './actor-letters.ts'
import type { ActorRef } from './actor-ref.ts'
import { Broker } from './broker.ts'
import { systemClock, type Clock } from './clock.ts'
import { Consumer } from './consumer.ts'
import { continuity } from './continuity.ts'
import { DeadLetters } from './dead-letters.ts'
import type { Desk } from './desk.ts'
import { Desks } from './desks.ts'
import { DueClock } from './due-clock.ts'
import { EventHub, type RuntimeEventName, type RuntimeEvents } from './events.ts'
import type { HandOver } from './handler-context.ts'
import type { Inspector } from './inspection.ts'
import { collectHooks, type Interceptor } from './interceptor.ts'
import { Ledger, type TopicState } from './ledger.ts'
import { recoverLedger } from './ledger-recovery.ts'
import { resolveLimits, type Limits } from './limits.ts'
import { MailboxReader } from './mailbox-reader.ts'
import { numbering } from './numbering.ts'
import { checkName, checkOptions } from './option-check.ts'
import { Producer } from './producer.ts'
import { systemRandom, type Random } from './random.ts'
import { RecentRuns } from './recent-runs.ts'
import { Registry } from './registry.ts'
import {
  CONSUMER_RULES,
  DELIVERY_TIMEOUT_MS,
  PRODUCER_RULES,
  RUNTIME_RULES,
  sessionOptions,
  type ConsumerOptions,
  type ProducerOptions,
  type RuntimeOptions,
} from './runtime-options.ts'
import { checkSendOptions } from './send-options.ts'
import { checkTopic, type Topic } from './topic.ts'
import { Upkeep } from './upkeep.ts'
import { UpkeepRounds } from './upkeep-rounds.ts'

/** What the last end of the process left behind, and what was done about it. */
export interface RuntimeRecovery extends RecoveryReport {
  /** Deliveries that were under way and are ready again. */
  readonly leasesReturned: number
}

/**
 * Opens a data directory, or makes it, and becomes its owner.
 *
 * @throws LockedError when another owner is alive, CorruptError, NewerFormatError, DirectoryError, DiskFullError,
 *   InvalidOptionError; then nothing was changed.
 * @example
 * const runtime = await openRuntime('./data')
 */
export async function openRuntime(directory: string, options: RuntimeOptions = {}): Promise<Runtime> {
  if (typeof directory !== 'string' || directory === '') {
    throw new InvalidOptionError('openRuntime: the directory must be a path')
  }
  checkOptions(options, RUNTIME_RULES, 'openRuntime')
  const limits = resolveLimits(options.limits)
  const open: OpenStore = options.store ?? openStore
  const store = await open(directory, {
    segmentBytes: limits.segmentBytes,
    takeover: options.takeover ?? false,
  })
  try {
    return new Runtime(store, limits, options)
  } catch (error) {
    await store.release()
    throw error
  }
}

export class Runtime {
  readonly recovery: RuntimeRecovery
  readonly #limits: Limits
  readonly #clock: Clock
  readonly #random: Random
  readonly #dueClock: DueClock
  readonly #hub: EventHub
  readonly #ledger = new Ledger()
  readonly #reader: MailboxReader
  readonly #broker: Broker
  readonly #registry: Registry
  readonly #desks: Desks
  readonly #rounds: UpkeepRounds
  readonly #hooks: ReturnType<typeof collectHooks>
  readonly #producers = new Map<string, { fence(): void; close(): Promise<void> }>()
  readonly #consumers = new Set<{ close(): Promise<void> }>()
  readonly #hosts: ActorHosts
  #autoCount = 0
  #onClosed: Promise<void> | undefined

  /** @internal */
  constructor(store: Store, limits: Limits, options: RuntimeOptions) {
    this.#limits = limits
    this.#clock = options.clock ?? systemClock
    this.#random = options.random ?? systemRandom
    this.#dueClock = new DueClock(this.#clock)
    this.#hub = new EventHub(this.#clock)
    const leasesReturned = recoverLedger(this.#ledger, store, this.#dueClock)
    this.recovery = Object.freeze({ ...store.recovered.report, leasesReturned })
    this.#hooks = collectHooks([
      ...(options.interceptors ?? []),
      ...this.#builtIn(options.continuity ?? true),
    ])
    const recent = new RecentRuns(limits.recentBytes)
    this.#reader = new MailboxReader(store, recent)
    const upkeep = new Upkeep({
      store,
      ledger: this.#ledger,
      retentionOf: (topic) => this.#registry.retentionOf(topic),
      keepsDone: (topic) => this.#registry.keepsDone(topic),
    })
    const shared = {
      clock: this.#clock,
      dueClock: this.#dueClock,
      random: this.#random,
      hub: this.#hub,
      hooks: this.#hooks,
      limits,
    }
    this.#broker = new Broker({ ...shared, store, ledger: this.#ledger, recent, upkeep })
    this.#broker.listen(upkeep)
    const { upkeepMs } = limits
    this.#rounds = new UpkeepRounds({ ...shared, broker: this.#broker, upkeep, upkeepMs })
    this.#registry = new Registry({ ...shared, ledger: this.#ledger, broker: this.#broker })
    const producerName = (producer: number): string => this.#registry.producerName(producer)
    this.#desks = new Desks({ ...shared, broker: this.#broker, reader: this.#reader, producerName })
    const { epoch, previous } = store.recovered.report
    this.#hosts = new ActorHosts(
      {
        ...{ ...shared, broker: this.#broker, reader: this.#reader },
        ...{ registry: this.#registry, ledger: this.#ledger },
        epoch,
        wasCrashed: previous === 'crashed',
        checkOpen: () => this.#checkOpen(),
        consumer: (topic, group, handOver) =>
          this.#consumer(topic, { group, concurrency: FEED_CONCURRENCY }, handOver),
      },
      options.actors ?? [],
    )
    this.#hosts.start()
    this.#rounds.start()
  }

  /**
   * A producer of a topic. Opening the same id again fences the earlier one.
   *
   * @throws InvalidOptionError, ClosedError, BrokenError.
   */
  producer<Input, Value>(topic: Topic<Input, Value>, options: ProducerOptions = {}): Producer<Input> {
    this.#checkOpen()
    checkTopic(topic, 'producer of a topic')
    checkOptions(options, PRODUCER_RULES, `producer of '${topic.name}'`)
    if (options.id !== undefined) checkName(options.id, `the id of a producer of '${topic.name}'`)
    const binding = this.#registry.bind(topic)
    const id = options.id ?? this.#autoId(binding.state)
    const key = `${binding.state.topic}/${id}`
    this.#producers.get(key)?.fence()
    const { epoch, sender } = this.#registry.openProducer(binding.state, id)
    const producer: Producer<Input> = new Producer(binding, {
      id,
      epoch,
      sender,
      deliveryTimeoutMs: options.deliveryTimeoutMs ?? DELIVERY_TIMEOUT_MS,
      broker: this.#broker,
      clock: this.#clock,
      hub: this.#hub,
      hooks: this.#hooks,
      limits: this.#limits,
      producerName: (number) => this.#registry.producerName(number),
      closed: () => {
        if (this.#producers.get(key) === producer) this.#producers.delete(key)
      },
    })
    this.#producers.set(key, producer)
    return producer
  }

  /**
   * A consumer of a topic. A new group starts at the earliest message kept.
   *
   * @throws InvalidOptionError, ClosedError, BrokenError.
   */
  consumer<Input, Value>(topic: Topic<Input, Value>, options: ConsumerOptions): Consumer<Value> {
    this.#checkOpen()
    checkTopic(topic, 'consumer of a topic')
    checkOptions(options, CONSUMER_RULES, `consumer of '${topic.name}'`)
    checkName(options?.group, `the group of a consumer of '${topic.name}'`)
    return this.#consumer(topic, options, this.#handOver(`~${topic.name}/${options.group}`))
  }

  #consumer<Input, Value>(
    topic: Topic<Input, Value>,
    options: ConsumerOptions,
    handOver: HandOver,
  ): Consumer<Value> {
    const binding = this.#registry.bind(topic)
    const desk = this.#desk(binding.state, options.group)
    const consumer: Consumer<Value> = new Consumer({
      binding,
      desk,
      broker: this.#broker,
      reader: this.#reader,
      options: sessionOptions(options, this.#limits),
      handOver,
      firstOf: (partition) => this.#firstOf(binding.state, partition),
      closed: () => void this.#consumers.delete(consumer),
    })
    this.#consumers.add(consumer)
    return consumer
  }

  /** The dead letters of a group. */
  deadLetters<Input, Value>(
    topic: Topic<Input, Value>,
    options: { readonly group: string },
  ): DeadLetters<Value> {
    this.#checkOpen()
    checkTopic(topic, 'dead letters of a topic')
    checkOptions(options, { group: CONSUMER_RULES['group'] ?? (() => {}) }, `deadLetters of '${topic.name}'`)
    checkName(options?.group, `the group of dead letters of '${topic.name}'`)
    const binding = this.#registry.bind(topic)
    if (this.#registry.findGroup(binding.state, options.group) === undefined) {
      throw new InvalidOptionError(`topic '${topic.name}' has no group '${options.group}'`)
    }
    return new DeadLetters({
      binding,
      desk: this.#desk(binding.state, options.group),
      broker: this.#broker,
      reader: this.#reader,
    })
  }

  /**
   * A reference to one actor. The actor is made by its first mail; `input` goes to its first state.
   *
   * @throws InvalidOptionError, UnknownActorError, ClosedError, BrokenError.
   * @example
   * const alice = runtime.actor(account, 'alice')
   * await alice.send({ type: 'DEPOSIT', amount: 10 })
   */
  actor<Types extends ActorTypes>(
    definition: ActorDefinition<Types>,
    key: string,
    options: { readonly input?: Types['input'] } = {},
  ): ActorRef<Types> {
    this.#checkOpen()
    return this.#hosts.ref<Types>(definition, key, options)
  }

  /** The dead letters of a definition's actors. */
  actorLetters(definition: ActorDefinition): ActorLetters {
    this.#checkOpen()
    return this.#hosts.letters(definition)
  }

  /** Listens for an event. A listener that throws disturbs nothing; its error surfaces as an uncaught one. */
  on<Name extends RuntimeEventName>(name: Name, listener: (event: RuntimeEvents[Name]) => void): this {
    this.#hub.on(name, listener)
    return this
  }

  off<Name extends RuntimeEventName>(name: Name, listener: (event: RuntimeEvents[Name]) => void): this {
    this.#hub.off(name, listener)
    return this
  }

  /**
   * Shows the machines of the runtime and its actors at work, in the form of XState's inspection events, until the answer
   * is called. A turn of an actor is shown after its commit. Costs nothing while nobody looks.
   *
   * @param inspector a function, or an observer such as the `inspect` of an inspector of `@statelyai/inspect`.
   * @throws InvalidOptionError for anything else.
   * @example
   * const stop = runtime.inspect((event) => console.log(event.type, event.actorRef.id))
   */
  inspect(inspector: Inspector): () => void {
    return this.#hub.inspection.inspect(inspector)
  }

  /** Ends consumers and producers, writes what waits, and gives the directory up. Idempotent. */
  close(): Promise<void> {
    this.#onClosed ??= this.#close()
    return this.#onClosed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(): Promise<void> {
    this.#rounds.close()
    await Promise.all([...this.#consumers].map((consumer) => consumer.close()))
    await this.#hosts.close()
    await Promise.all([...this.#producers.values()].map((producer) => producer.close()))
    this.#desks.close()
    await this.#broker.close()
  }

  /** The next name that nobody here sends under: an `auto-1` of the user's own is not fenced. */
  #autoId(topic: TopicState): string {
    for (;;) {
      const id = `auto-${++this.#autoCount}`
      if (!this.#producers.has(`${topic.topic}/${id}`)) return id
    }
  }

  #checkOpen(): void {
    const { failure } = this.#broker
    if (failure !== undefined) throw failure
    if (this.#onClosed !== undefined)
      throw new ClosedError('the runtime was closed; open the directory again')
  }

  #builtIn(isOn: boolean): Interceptor[] {
    if (!isOn) return []
    return [numbering(), continuity((found) => this.#hub.emit(found.kind, found))]
  }

  #desk(topic: TopicState, group: string): Desk {
    return this.#desks.deskOf(topic, this.#registry.group(topic, group))
  }

  #handOver(sender: string): HandOver {
    return (topic, value, options) => {
      checkTopic(topic, 'send to a topic')
      checkSendOptions(options, `send to '${topic.name}'`)
      const binding = this.#registry.bind(topic)
      return binding.outgoing(this.#registry.handOverSender(binding.state, sender), value, options)
    }
  }

  #firstOf(state: TopicState, partition: number): number {
    const mailbox = state.mailboxes[partition]
    return mailbox === undefined ? 0 : this.#ledger.firstOf(mailbox, this.#registry.keepsDone(state.name))
  }
}
