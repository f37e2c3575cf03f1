/**
 * The desks of all groups, and who is told when messages arrive.
 *
 * Owns: one desk a group, made of one feed a partition. Leaves serving to the desk.
 *
 * DS1. A group has one desk, however many consumers it has.
 */
import assert from 'node:assert/strict'
import type { Run } from '../persistence/index.ts'
import type { BrokerListener } from './broker.ts'
import { Desk, type DeskParts } from './desk.ts'
import { Feed } from './feed.ts'
import type { FetchedRun } from './interceptor.ts'
import type { GroupState, TopicState } from './ledger.ts'
import type { Limits } from './limits.ts'
import type { MailboxReader } from './mailbox-reader.ts'
import { Quarantine } from './quarantine.ts'
import type { StoredMessage } from './record.ts'
import { CorruptError } from '../persistence/index.ts'

export interface DesksParts extends Omit<DeskParts, 'topic' | 'group' | 'feeds' | 'quarantine'> {
  readonly reader: MailboxReader
  readonly limits: Limits
  readonly producerName: (producer: number) => string
}

interface Place {
  readonly topic: TopicState
  readonly group: GroupState
  readonly partition: number
}

interface Fetch {
  readonly token: object
  readonly run: Run
  readonly messages: readonly StoredMessage[]
}

/** Messages read ahead of need, per partition. */
const READ_AHEAD_COUNT = 2_048

export class Desks implements BrokerListener {
  readonly #parts: DesksParts
  readonly #byGroup = new Map<number, Desk>()
  readonly #byMailbox = new Map<number, Desk[]>()
  readonly #quarantine = new Quarantine()

  constructor(parts: DesksParts) {
    this.#parts = parts
    parts.broker.listen(this)
  }

  deskOf(topic: TopicState, group: GroupState): Desk {
    const known = this.#byGroup.get(group.group)
    if (known !== undefined) return known
    const desk: Desk = new Desk({
      ...this.#parts,
      topic: topic.name,
      group: group.name,
      quarantine: this.#quarantine,
      feeds: group.lanes.map((_, partition) => this.#feed({ topic, group, partition }, () => desk)),
    })
    this.#byGroup.set(group.group, desk)
    for (const { mailbox } of topic.mailboxes) {
      this.#byMailbox.set(mailbox, [...(this.#byMailbox.get(mailbox) ?? []), desk])
    }
    return desk
  }

  arrived(mailboxes: Iterable<number>): void {
    for (const mailbox of mailboxes) for (const desk of this.#byMailbox.get(mailbox) ?? []) desk.wake()
  }

  messagesRefused(): void {}

  messagesTaken(): void {}

  ended(): void {}

  close(): void {
    for (const desk of this.#byGroup.values()) desk.close()
  }

  #feed(place: Place, desk: () => Desk): Feed {
    const lane = place.group.lanes[place.partition]
    const mailbox = place.topic.mailboxes[place.partition]
    assert(lane !== undefined && mailbox !== undefined, 'a group has a lane for each mailbox of its topic')
    const { reader, dueClock, limits } = this.#parts
    return new Feed({
      lane,
      mailbox,
      reader,
      dueClock,
      windowCount: READ_AHEAD_COUNT,
      retryCount: limits.retryCount,
      fetched: (token, run, messages) => this.#fetched({ token, run, messages }, place),
      wake: () => desk().wake(),
      unreadable: (offset, error) => this.#unreadable(offset, error, place),
    })
  }

  #fetched({ token, run, messages }: Fetch, place: Place): void {
    const [first] = messages
    if (first === undefined) return
    const { hooks, hub, producerName } = this.#parts
    const fetched: FetchedRun = {
      reader: token,
      group: place.group.name,
      topic: place.topic.name,
      partition: place.partition,
      producer: { id: producerName(first.producer), epoch: first.epoch },
      firstSequence: first.sequence,
      firstOffset: first.offset,
      count: run.firstOffset + run.count - first.offset,
    }
    for (const interceptor of hooks.onFetch) {
      try {
        interceptor.onFetch?.(fetched)
      } catch (error) {
        hub.emit('interceptor-error', { interceptor: interceptor.name, hook: 'onFetch', error })
      }
    }
  }

  #unreadable(offset: number, error: unknown, place: Place): void {
    const { hub } = this.#parts
    if (error instanceof CorruptError) hub.emit('corruption', error)
    const { partition } = place
    const at = { topic: place.topic.name, group: place.group.name, partition, offset }
    hub.emit('stalled', { cause: 'unreadable', ...at, stalledMs: 0 })
  }
}
