/**
 * The hosts of all definitions that a runtime was opened with.
 *
 * Owns: putting a host together for each, who is woken by which mailbox, and feeding topics to actors.
 * Leaves turns to the host.
 *
 * HS1. A definition has one host; references and mail of its actors all go to it.
 * HS2. A message of a topic that an actor subscribes to becomes mail in one batch with its ack: exactly once. One that
 *     concerns no actor is done without mail.
 */
import {
  checkEvent,
  type ActorDefinition,
  type ActorTypes,
  type ActorSubscription,
  type TopicMessage,
  type TypedEvent,
} from '../actors/index.ts'
import type { UnlostError } from '../persistence/index.ts'
import { CorruptError } from '../persistence/index.ts'
import { AfterTurns } from './actor-after.ts'
import { checkDefinition, EFFECT_TIMEOUT_MS, IDEMPOTENCY_COUNT, supervisionOf } from './actor-definition.ts'
import { ActorDoor, type Addressed } from './actor-door.ts'
import { ActorHost } from './actor-host.ts'
import { ActorLetters } from './actor-letters.ts'
import { letterText } from './actor-mail.ts'
import type { HostParts, Post } from './actor-parts.ts'
import { ActorPost, checkKey, unknownActor } from './actor-post.ts'
import { ActorRef } from './actor-ref.ts'
import type { BrokerListener } from './broker.ts'
import type { Consumer } from './consumer.ts'
import { InvalidOptionError } from './errors.ts'
import type { HandOver } from './handler-context.ts'
import type { Handler } from './handler-mode.ts'
import type { Hooks } from './interceptor.ts'
import type { Ledger, TopicState } from './ledger.ts'
import type { Message } from './message.ts'
import { anything, checkOptions } from './option-check.ts'
import { Producer } from './producer.ts'
import type { StoredLetter } from './record.ts'
import type { Registry } from './registry.ts'
import { DELIVERY_TIMEOUT_MS } from './runtime-options.ts'
import { checkTopic, defineTopic, type Topic } from './topic.ts'

type Shared = Pick<
  HostParts,
  'broker' | 'clock' | 'dueClock' | 'random' | 'hub' | 'limits' | 'reader' | 'epoch' | 'wasCrashed'
>

export interface HostsParts extends Shared {
  readonly registry: Registry
  readonly ledger: Ledger
  readonly hooks: Hooks
  readonly checkOpen: () => void
  /** A consumer whose staged sends are made by `handOver`. */
  readonly consumer: (topic: Topic<unknown>, group: string, handOver: HandOver) => Consumer<unknown>
}

interface Hosted {
  readonly definition: ActorDefinition
  readonly host: ActorHost
  readonly after: AfterTurns
  readonly door: Producer<Addressed>
}

/** How many messages of a subscribed topic are on their way at once. */
export const FEED_CONCURRENCY = 256

interface Fed {
  readonly key: string
  readonly text: string
}

/** The subscriptions of a definition to one topic: each gets every message of it. */
interface Fan {
  readonly topic: unknown
  readonly subscriptions: readonly ActorSubscription[]
}

/** Stands for the mailbox in a staged send. */
const MAILBOX = defineTopic<Fed>('actors')

export class ActorHosts implements BrokerListener {
  readonly #parts: HostsParts
  readonly #post: Post
  readonly #byName = new Map<string, Hosted>()
  readonly #byMailbox = new Map<number, ActorHost>()
  readonly #feeds: { readonly consumer: Consumer<unknown>; readonly handle: Handler<unknown> }[] = []
  #isClosed = false

  constructor(parts: HostsParts, definitions: readonly ActorDefinition[]) {
    this.#parts = parts
    this.#post = new ActorPost(parts)
    if (definitions.length === 0) return
    for (const definition of definitions) this.#add(definition)
    parts.broker.listen(this)
  }

  /** What was left by the last run goes on, and topics are fed, once whoever opened the runtime listens. */
  start(): void {
    if (this.#byName.size > 0) this.#parts.clock.defer(() => this.#start())
  }

  #start(): void {
    if (this.#isClosed) return
    for (const { host } of this.#byName.values()) host.start()
    for (const { consumer, handle } of this.#feeds) this.#parts.hub.background(consumer.run(handle))
  }

  ref<Types extends ActorTypes>(
    definition: unknown,
    key: unknown,
    options: { readonly input?: unknown },
  ): ActorRef<Types> {
    const hosted = this.#hosted(definition)
    const where = `actor of '${hosted.definition.name}'`
    checkKey(key, where)
    // What JSON would change in an input is refused by the send that brings it, with its path.
    checkOptions(options, { input: anything }, where)
    const { checkOpen } = this.#parts
    return new ActorRef<Types>({ actor: hosted.definition.name, key }, options.input, {
      ...hosted,
      checkOpen,
    })
  }

  letters(definition: unknown): ActorLetters {
    return new ActorLetters(this.#hosted(definition).host)
  }

  #hosted(definition: unknown): Hosted {
    checkDefinition(definition, 'the definition of an actor')
    const hosted = this.#byName.get(definition.name)
    if (hosted === undefined) throw unknownActor(definition.name)
    if (hosted.definition === definition) return hosted
    throw new InvalidOptionError(
      `'${definition.name}' is another definition than the one given to openRuntime`,
    )
  }

  #add(definition: ActorDefinition): void {
    const { registry, broker, clock, hub, hooks, limits } = this.#parts
    const { name } = definition
    if (this.#byName.has(name))
      throw new InvalidOptionError(`openRuntime: actors '${name}' are defined twice`)
    const { topic, after, host } = this.#hostOf(definition)
    const { epoch, sender } = registry.openProducer(topic, 'refs')
    const door = new Producer<Addressed>(new ActorDoor(definition, limits, hooks.onSend.length === 1), {
      id: 'refs',
      epoch,
      sender,
      deliveryTimeoutMs: DELIVERY_TIMEOUT_MS,
      broker,
      clock,
      hub,
      hooks,
      limits,
      producerName: (producer) => registry.producerName(producer),
      closed: () => {},
    })
    this.#byName.set(name, { definition, host, after, door })
    this.#byMailbox.set(host.parts.kind.mailbox, host)
    for (const all of byTopic(definition.subscriptions)) this.#feed(definition, all)
  }

  #hostOf(definition: ActorDefinition): { topic: TopicState; host: ActorHost; after: AfterTurns } {
    const { registry } = this.#parts
    const { logic } = definition
    const count = definition.idempotencyCount ?? IDEMPOTENCY_COUNT
    const { kind, topic } = registry.actors(definition.name, count)
    kind.repliesMax = count
    const mailbox = this.#parts.ledger.mailbox(kind.mailbox)
    const parts: HostParts = {
      ...this.#parts,
      kind,
      logic,
      mailbox,
      shape: registry.shape(kind, logic.version, logic.hash),
      supervision: supervisionOf(definition),
      effectTimeoutMs: definition.effectTimeoutMs ?? EFFECT_TIMEOUT_MS,
      post: this.#post,
      fetched: (reader, first, messages) => this.#fetched(topic, reader, { first, messages }),
      unreadable: (offset, error) => this.#unreadable(topic, offset, error),
    }
    let after: AfterTurns | undefined
    const host = new ActorHost(parts, (port) => (after = new AfterTurns(parts, port)))
    return { topic, host, after: after ?? new AfterTurns(parts, host) }
  }

  /** The checking interceptor holds every producer to its numbers here too (G3). */
  #fetched(
    topic: TopicState,
    reader: object,
    { first, messages }: { first: StoredLetter; messages: number },
  ): void {
    const { hooks, hub, registry } = this.#parts
    const fetched = {
      reader,
      group: 'actors',
      topic: topic.name,
      partition: 0,
      producer: { id: registry.producerName(first.producer), epoch: first.epoch },
      firstSequence: first.sequence,
      firstOffset: first.offset,
      count: messages,
    }
    for (const interceptor of hooks.onFetch) {
      try {
        interceptor.onFetch?.(fetched)
      } catch (error) {
        hub.emit('interceptor-error', { interceptor: interceptor.name, hook: 'onFetch', error })
      }
    }
  }

  #unreadable(topic: TopicState, offset: number, error: unknown): void {
    const { hub } = this.#parts
    if (error instanceof CorruptError) hub.emit('corruption', error)
    const at = { topic: topic.name, group: 'actors', partition: 0, offset }
    hub.emit('stalled', { cause: 'unreadable', ...at, stalledMs: 0 })
  }

  /** Messages of a topic become mail, each with its ack. */
  #feed(definition: ActorDefinition, { topic, subscriptions }: Fan): void {
    checkTopic(topic, `a subscription of '${definition.name}'`)
    const { name } = definition
    const handOver = ((_: unknown, fed: Fed) =>
      this.#post.mail({ actor: name, key: fed.key }, fed.text)) as HandOver
    const consumer = this.#parts.consumer(topic as Topic<unknown>, `actors:${name}`, handOver)
    const handle: Handler<unknown> = (message, { send }) => {
      const seen = subscribed(message)
      for (const { key, event } of subscriptions) {
        const mail: TypedEvent | undefined = event(seen as never)
        if (mail === undefined) continue
        checkEvent(mail, `a subscription of '${name}'`)
        send(MAILBOX, { key: key(seen as never), text: letterText({ event: mail }) })
      }
    }
    this.#feeds.push({ consumer, handle })
  }

  /** Feeds end first, then hosts, then those who wait. */
  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all(this.#feeds.map(({ consumer }) => consumer.close()))
    const all = [...this.#byName.values()]
    await Promise.all(all.map(({ host }) => host.close()))
    await Promise.all(all.map(({ door }) => door.close()))
    this.#parts.broker.unlisten(this)
  }

  arrived(mailboxes: Iterable<number>): void {
    for (const mailbox of mailboxes) this.#byMailbox.get(mailbox)?.wake()
  }

  messagesRefused(): void {}

  messagesTaken(): void {}

  ended(error: UnlostError): void {
    for (const { host } of this.#byName.values()) host.ended(error)
  }
}

/** By name: two that are declared differently are refused where a consumer is made. */
function byTopic(all: readonly ActorSubscription[]): Fan[] {
  return [...new Set(all.map(topicName))].flatMap((name) => {
    const subscriptions = all.filter((each) => topicName(each) === name)
    return subscriptions.slice(0, 1).map(({ topic }) => ({ topic, subscriptions }))
  })
}

function topicName({ topic }: ActorSubscription): unknown {
  return Reflect.get(topic, 'name')
}

function subscribed(message: Message<unknown>): TopicMessage<unknown> {
  const { value, key, headers, topic, partition, offset, timestamp } = message
  return { value, key, headers, topic, partition, offset, timestamp }
}
