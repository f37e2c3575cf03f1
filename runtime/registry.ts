/**
 * Names to numbers: topics, producers and groups as the journal knows them.
 *
 * Owns: declaring what is new, and refusing what contradicts what is stored.
 * Leaves the state itself to the ledger.
 *
 * RG1. A declaration joins a batch before anything that needs it.
 * RG2. A producer's epoch is higher each time it is opened; the newest is the only one that may send.
 * RG3. A declaration that contradicts what is stored, or another of this run that keeps messages by another rule, is
 *     refused and changes nothing.
 */
import type { ActorKind } from './actor-states.ts'
import { RecordPad } from './record-pad.ts'
import { EventUnit } from './unit.ts'
import { Binding, type Check, type Sender } from './binding.ts'
import type { Broker } from './broker.ts'
import type { DueClock } from './due-clock.ts'
import { InvalidOptionError } from './errors.ts'
import type { GroupState, Ledger, TopicState } from './ledger.ts'
import type { LedgerEvent } from './ledger-event.ts'
import type { Limits } from './limits.ts'
import type { Slot } from './outgoing.ts'
import type { Retention, Topic } from './topic.ts'
import { codecName } from './value-codec.ts'

/** What of a declaration does not depend on the type of its values. */
type Declared = Pick<Topic<unknown>, 'name' | 'partitions' | 'retain' | 'messageIdCount'> & {
  readonly codec: unknown
}

const MAIL_CODEC = 'actor-mail'

export interface RegistryParts {
  readonly ledger: Ledger
  readonly broker: Broker
  readonly dueClock: DueClock
  readonly limits: Limits
}

export class Registry {
  readonly #parts: RegistryParts
  readonly #topics = new Map<string, Declared>()
  readonly #bound = new Map<string, Topic<unknown>>()
  readonly #senders = new Map<string, Sender>()

  constructor(parts: RegistryParts) {
    this.#parts = parts
  }

  /** @param check refuses values that the codec would take. */
  bind<Input, Value>(topic: Topic<Input, Value>, check?: Check): Binding<Input, Value> {
    const state = this.#topicState(topic)
    // What is sent to it by name is checked by its own schema.
    this.#bound.set(topic.name, topic as unknown as Topic<unknown>)
    const { dueClock, limits } = this.#parts
    return new Binding(topic, state, {
      dueClock,
      limits,
      producerName: (producer) => this.producerName(producer),
      check,
    })
  }

  retentionOf(topic: string): Retention | undefined {
    return this.#topics.get(topic)?.retain
  }

  keepsDone(topic: string): boolean {
    return !this.#topics.has(topic) || this.retentionOf(topic) !== undefined
  }

  producerName(producer: number): string {
    return this.#parts.ledger.producers.get(producer)?.name ?? `#${producer}`
  }

  /** Opens a producer under its next epoch. */
  openProducer(topic: TopicState, name: string): { readonly epoch: number; readonly sender: Sender } {
    const { ledger } = this.#parts
    const known = [...ledger.producers.values()].find(
      (state) => state.topic === topic.topic && state.name === name,
    )
    const producer = known?.producer ?? nextId(ledger.producers)
    const epoch = (known?.epoch ?? 0) + 1
    this.#declare({ kind: 'producer', producer, topic: topic.topic, name, epoch })
    return { epoch, sender: this.#sender(topic, { number: producer, id: name, epoch }) }
  }

  /** The sender of a group's hand-overs to a topic: opened once a run. */
  handOverSender(topic: TopicState, name: string): Sender {
    const key = `${topic.topic}/${name}`
    const known = this.#senders.get(key)
    if (known !== undefined) return known
    const { sender } = this.openProducer(topic, name)
    this.#senders.set(key, sender)
    return sender
  }

  /** The actors of a definition, and the topic of their mail: no topic of a user's can have its name. */
  actors(name: string, messageIdCount: number): { readonly kind: ActorKind; readonly topic: TopicState } {
    const { ledger } = this.#parts
    const mail = {
      name: `~actors/${name}`,
      partitions: 1,
      codec: MAIL_CODEC,
      retain: undefined,
      messageIdCount,
    }
    const topic = this.#topicState(mail)
    const known = ledger.actors.named(name)
    if (known !== undefined) return { kind: known, topic }
    const actors = nextId(ledger.actors.kinds)
    this.#declare({ kind: 'actors', actors, name, topic: topic.topic })
    return { kind: ledger.actors.kind(actors), topic }
  }

  /** The number of a form of stored states. */
  shape(kind: ActorKind, version: number, hash: string): number {
    const known = kind.shapes.findIndex((shape) => shape.version === version && shape.hash === hash)
    if (known >= 0) return known
    const shape = kind.shapes.length
    this.#declare({ kind: 'shape', actors: kind.number, shape, version, hash })
    return shape
  }

  /** A topic that was declared in this run. */
  declared(name: string): Topic<unknown> | undefined {
    return this.#bound.get(name)
  }

  group(topic: TopicState, name: string): GroupState {
    const known = this.findGroup(topic, name)
    if (known !== undefined) return known
    const { ledger } = this.#parts
    const group = nextId(ledger.groups)
    const keeps = this.keepsDone(topic.name)
    const starts = topic.mailboxes.map((mailbox) => ledger.firstOf(mailbox, keeps))
    this.#declare({ kind: 'group', group, topic: topic.topic, name, starts })
    return ledger.group(group)
  }

  findGroup(topic: TopicState, name: string): GroupState | undefined {
    return this.#parts.ledger.groupsOf(topic.topic).find((state) => state.name === name)
  }

  #topicState(topic: Declared): TopicState {
    const { ledger } = this.#parts
    const known = [...ledger.topics.values()].find((state) => state.name === topic.name)
    if (known !== undefined) refuseContradiction(topic, known)
    refuseSecondRule(topic, this.#topics.get(topic.name))
    const state = known ?? this.#declareTopic(topic)
    state.messageIdsMax = topic.messageIdCount
    this.#topics.set(topic.name, topic)
    return state
  }

  #declareTopic(topic: Declared): TopicState {
    const { ledger } = this.#parts
    const id = nextId(ledger.topics)
    const mailbox = nextId(ledger.mailboxes)
    const { name, partitions } = topic
    this.#declare({ kind: 'topic', topic: id, name, partitions, codec: codecName(topic.codec), mailbox })
    return ledger.topic(id)
  }

  #declare(event: LedgerEvent): void {
    const { ledger, broker, dueClock } = this.#parts
    ledger.apply(event, dueClock.nowMs())
    // What cannot be declared cannot be used either: whoever waits for a send or a lease is told.
    broker.submit(
      new EventUnit(
        (draft) => draft.event(event),
        () => {},
        // Names are ASCII. The longest declaration, of a group of 1,024 partitions, fits the smallest segment's batch.
        64 + JSON.stringify(event).length,
      ),
    )
  }

  #sender(topic: TopicState, producer: Slot['producer']): Sender {
    const { ledger } = this.#parts
    const slots = topic.mailboxes.map((mailbox): Slot => ({
      topic,
      mailbox,
      producer,
      progress: ledger.progress(producer.number, mailbox.mailbox),
    }))
    let turn = 0
    return {
      pad: new RecordPad(),
      slot(partition) {
        const slot = slots[partition]
        if (slot === undefined)
          throw new InvalidOptionError(`topic '${topic.name}' has no partition ${partition}`)
        return slot
      },
      nextPartition: () => turn++ % slots.length,
    }
  }
}

function nextId(table: ReadonlyMap<number, unknown>): number {
  let highest = 0
  for (const id of table.keys()) highest = Math.max(highest, id)
  return highest + 1
}

/** Two declarations in one program: which messages are kept must not hang on which of them came last. */
function refuseSecondRule(topic: Declared, other: Declared | undefined): void {
  if (other === undefined || other === topic) return
  const isSame =
    topic.messageIdCount === other.messageIdCount &&
    topic.retain?.ms === other.retain?.ms &&
    topic.retain?.bytes === other.retain?.bytes &&
    topic.retain?.evenIfUnread === other.retain?.evenIfUnread &&
    (topic.retain === undefined) === (other.retain === undefined)
  if (isSame) return
  throw new InvalidOptionError(
    `topic '${topic.name}' is declared twice, with different retain or messageIdCount; share one declaration`,
  )
}

function refuseContradiction(topic: Declared, known: TopicState): void {
  const partitions = known.mailboxes.length
  if (topic.partitions !== partitions) {
    throw new InvalidOptionError(
      `topic '${topic.name}' was stored with ${partitions} partitions and is declared with ${topic.partitions}; ` +
        'the number is fixed, because keys belong to partitions: declare it as before, or use another name',
    )
  }
  const codec = codecName(topic.codec)
  if (codec === known.codec) return
  throw new InvalidOptionError(
    `topic '${topic.name}' was stored with codec '${known.codec}' and is declared with '${codec}'`,
  )
}
