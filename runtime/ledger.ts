/**
 * The durable state of the runtime: a fold over journaled events.
 *
 * Owns: topics, mailboxes, producers, message ids and groups, and what each event does to them.
 * Leaves actors to `actor-states.ts`, deciding which events happen to the broker, and messages' bytes to the store.
 *
 * LG1. `apply` is the only way the state changes: the same code runs when an event is committed and when it is recovered.
 * LG2. `restore(image())` gives the same state; a checkpoint plus the events after it equals all events.
 * LG3. It is never ahead of the disk: an event is applied after its commit. Only declarations (topic, producer, group)
 *     are applied when they are asked for, and again with their commit, which then changes nothing.
 */
import assert from 'node:assert/strict'
import type { ActorLedgerEvent } from './actor-event.ts'
import { readActors, writeActors } from './actor-image.ts'
import { ActorStates } from './actor-states.ts'
import { ByteReader, ByteWriter } from './bytes.ts'
import { Lane, type LaneImage } from './lane.ts'
import type {
  Advanced,
  GroupDeclared,
  Identified,
  LedgerEvent,
  ProducerOpened,
  TopicDeclared,
  Trimmed,
} from './ledger-event.ts'
import { MailboxState, type MailboxImage } from './mailbox-state.ts'

export interface TopicState {
  readonly topic: number
  readonly name: string
  readonly codec: string
  readonly mailboxes: readonly MailboxState[]
  readonly messageIds: Map<string, Identified>
  /** How many message ids are remembered; set by the topic's declaration. */
  messageIdsMax: number
}

/** How far a producer came in one mailbox. */
export interface Progress {
  epoch: number
  sequence: number
}

export interface ProducerState {
  readonly producer: number
  readonly topic: number
  readonly name: string
  epoch: number
  readonly progress: Map<number, Progress>
}

export interface GroupState {
  readonly group: number
  readonly topic: number
  readonly name: string
  readonly lanes: readonly Lane[]
}

interface LedgerImage {
  readonly topics: readonly {
    readonly declared: TopicDeclared
    readonly mailboxes: readonly MailboxImage[]
    readonly messageIds: readonly Identified[]
  }[]
  readonly producers: readonly {
    readonly opened: ProducerOpened
    readonly progress: readonly [number, Progress][]
  }[]
  readonly groups: readonly { readonly declared: GroupDeclared; readonly lanes: readonly LaneImage[] }[]
}

/** The first byte of an image that has actors: JSON with its length, then the actors. Without any it is JSON alone. */
const WITH_ACTORS = 1

export class Ledger {
  readonly topics = new Map<number, TopicState>()
  readonly producers = new Map<number, ProducerState>()
  readonly groups = new Map<number, GroupState>()
  readonly mailboxes = new Map<number, MailboxState>()
  readonly actors = new ActorStates()

  apply(event: LedgerEvent, atMs: number): void {
    switch (event.kind) {
      case 'topic':
        return this.#declareTopic(event)
      case 'producer':
        return this.#openProducer(event)
      case 'advance':
        return this.#advance(event)
      case 'identified':
        return this.#identify(event)
      case 'group':
        return this.#declareGroup(event)
      case 'trim':
        return this.#trim(event)
      case 'turn':
      case 'consumed':
      case 'actors':
      case 'shape':
      case 'tried':
      case 'lagged':
      case 'caught-up':
      case 'undelivered':
      case 'letters-gone':
      case 'fired':
      case 'acted':
      case 'restarted':
        return this.#applyToActors(event)
      default:
        return applyToLane(this.lane(event.group, event.mailbox), event, atMs)
    }
  }

  #applyToActors(event: ActorLedgerEvent): void {
    this.actors.apply(event, (topic) => this.topic(topic).mailboxes[0]?.mailbox ?? 0)
  }

  lane(group: number, mailbox: number): Lane {
    const lane = this.group(group).lanes[this.mailbox(mailbox).partition]
    assert(lane !== undefined && lane.mailbox === mailbox, 'a group has a lane for each mailbox of its topic')
    return lane
  }

  mailbox(mailbox: number): MailboxState {
    const state = this.mailboxes.get(mailbox)
    assert(state !== undefined, `mailbox ${mailbox} was declared`)
    return state
  }

  group(group: number): GroupState {
    const state = this.groups.get(group)
    assert(state !== undefined, `group ${group} was declared`)
    return state
  }

  topic(topic: number): TopicState {
    const state = this.topics.get(topic)
    assert(state !== undefined, `topic ${topic} was declared`)
    return state
  }

  groupsOf(topic: number): GroupState[] {
    return [...this.groups.values()].filter((group) => group.topic === topic)
  }

  /**
   * The first offset of a mailbox that is kept. Without a retention rule of its own a message goes when all groups
   * are done with it; with one, or without a group, only by a trim. Mail of actors goes when they took it.
   */
  firstOf(mailbox: MailboxState, isRetained: boolean): number {
    const actors = this.actors.ofTopic(mailbox.topic)
    if (actors !== undefined) return Math.max(mailbox.first, actors.low)
    const groups = this.groupsOf(mailbox.topic)
    if (isRetained || groups.length === 0) return mailbox.first
    const lows = groups.map((group) => group.lanes[mailbox.partition]?.low ?? 0)
    return Math.max(mailbox.first, Math.min(...lows))
  }

  /** Everything, as a checkpoint keeps it. */
  image(): Uint8Array {
    const image: LedgerImage = {
      topics: [...this.topics.values()].map((topic) => ({
        declared: topicEvent(topic),
        mailboxes: topic.mailboxes.map((mailbox) => mailbox.image()),
        messageIds: [...topic.messageIds.values()],
      })),
      producers: [...this.producers.values()].map((state) => ({
        opened: { kind: 'producer', ...pick(state) },
        progress: [...state.progress],
      })),
      groups: [...this.groups.values()].map((state) => ({
        declared: groupEvent(state),
        lanes: state.lanes.map((lane) => lane.image()),
      })),
    }
    const json = JSON.stringify(image)
    if (this.actors.kinds.size === 0) return Buffer.from(json, 'utf8')
    const writer = new ByteWriter(2 * json.length)
    writer.u8(WITH_ACTORS)
    writer.text(json)
    writeActors(writer, this.actors)
    return writer.take()
  }

  /** Reads a checkpoint into an empty ledger. */
  restore(bytes: Uint8Array): void {
    const reader = new ByteReader(bytes)
    const hasActors = bytes[0] === WITH_ACTORS
    if (hasActors) reader.skip(1)
    const json = hasActors ? reader.text() : reader.bytes(bytes.length).toString('utf8')
    // Written by `image`, and under the frame's checksum since.
    const image = JSON.parse(json) as LedgerImage
    for (const topic of image.topics) this.#restoreTopic(topic)
    for (const { opened, progress } of image.producers) {
      this.#openProducer(opened)
      const state = this.producers.get(opened.producer)
      for (const [mailbox, reached] of progress) state?.progress.set(mailbox, reached)
    }
    for (const { declared, lanes } of image.groups) {
      this.#declareGroup(declared)
      lanes.forEach((lane, partition) => this.group(declared.group).lanes[partition]?.restore(lane))
    }
    if (hasActors) readActors(reader, this.actors)
  }

  #restoreTopic(image: LedgerImage['topics'][number]): void {
    this.#declareTopic(image.declared)
    const topic = this.topic(image.declared.topic)
    image.mailboxes.forEach((mailbox, partition) => topic.mailboxes[partition]?.restore(mailbox))
    for (const identified of image.messageIds) this.#identify(identified)
  }

  #declareTopic(event: TopicDeclared): void {
    if (this.topics.has(event.topic)) return
    const mailboxes = Array.from(
      { length: event.partitions },
      (_, partition) => new MailboxState(event.mailbox + partition, event.topic, partition),
    )
    for (const mailbox of mailboxes) this.mailboxes.set(mailbox.mailbox, mailbox)
    const { topic, name, codec } = event
    const messageIdsMax = Number.POSITIVE_INFINITY
    this.topics.set(topic, { topic, name, codec, mailboxes, messageIds: new Map(), messageIdsMax })
  }

  #openProducer(event: ProducerOpened): void {
    const known = this.producers.get(event.producer)
    if (known !== undefined) known.epoch = Math.max(known.epoch, event.epoch)
    else {
      const { producer, topic, name, epoch } = event
      this.producers.set(producer, { producer, topic, name, epoch, progress: new Map() })
    }
  }

  /** How far a producer came in a mailbox; the same object for ever. */
  progress(producer: number, mailbox: number): Progress {
    const progress = this.producers.get(producer)?.progress
    assert(progress !== undefined, 'a producer is declared before it advances')
    const known = progress.get(mailbox) ?? { epoch: 0, sequence: 0 }
    progress.set(mailbox, known)
    return known
  }

  #advance(event: Advanced): void {
    const known = this.progress(event.producer, event.mailbox)
    known.epoch = event.epoch
    known.sequence = event.sequence
    this.mailbox(event.mailbox).advance(event.next, event.bytes)
  }

  #identify(event: Identified): void {
    const { messageIds, messageIdsMax } = this.topic(event.topic)
    messageIds.set(event.messageId, event)
    for (const oldest of messageIds.keys()) {
      if (messageIds.size <= messageIdsMax) return
      messageIds.delete(oldest)
    }
  }

  #declareGroup(event: GroupDeclared): void {
    const { group, topic, name, starts } = event
    if (this.groups.has(group)) return
    const { mailboxes } = this.topic(topic)
    const lanes = mailboxes.map(({ mailbox, first }, partition) => {
      const lane = new Lane(group, mailbox, starts[partition] ?? 0)
      lane.trim(first)
      return lane
    })
    this.groups.set(group, { group, topic, name, lanes })
  }

  #trim(event: Trimmed): void {
    const mailbox = this.mailbox(event.mailbox)
    mailbox.trim(event.first)
    for (const group of this.groupsOf(mailbox.topic)) group.lanes[mailbox.partition]?.trim(event.first)
  }
}

type LaneEvent = Extract<LedgerEvent, { readonly group: number; readonly mailbox: number }>

function applyToLane(lane: Lane, event: LaneEvent, atMs: number): void {
  switch (event.kind) {
    case 'lease':
      return lane.lease(event.ranges, event.attempt, atMs)
    case 'ack':
      return lane.ack(event.ranges)
    case 'retry':
      return lane.retry(event)
    case 'dead':
      return lane.die(event)
    case 'redrive':
      return lane.redrive(event.offsets)
    case 'purge':
      return lane.purge(event.offsets)
    case 'seek':
      return lane.seek(event.offset)
  }
}

function topicEvent(topic: TopicState): TopicDeclared {
  const { name, codec, mailboxes } = topic
  const mailbox = mailboxes[0]?.mailbox ?? 0
  return { kind: 'topic', topic: topic.topic, name, codec, partitions: mailboxes.length, mailbox }
}

function groupEvent(state: GroupState): GroupDeclared {
  const starts = state.lanes.map((lane) => lane.floor)
  return { kind: 'group', group: state.group, topic: state.topic, name: state.name, starts }
}

function pick(state: ProducerState): Omit<ProducerOpened, 'kind'> {
  const { producer, topic, name, epoch } = state
  return { producer, topic, name, epoch }
}
