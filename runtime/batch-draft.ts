/**
 * The batch that is being put together.
 *
 * Owns: offsets, sequences and runs of this batch, ranges of acks and leases, and its events in order.
 * Leaves making it durable to the store, and its effects to the ledger.
 *
 * BD1. It reads the ledger and changes nothing: a refused batch leaves no trace.
 * BD2. Offsets follow each mailbox's end, sequences each producer's last; anything else is a `SequenceError`.
 * BD3. One advance per producer and mailbox stands behind the messages it covers.
 * BD4. What interceptors do to a message is checked before any message of its unit is written: a throw, an answer that
 *     comes later, headers that are not texts, or more bytes than the batch has room for refuse the unit.
 */
import { TooLargeError, type Batch } from '../persistence/index.ts'
import { ByteWriter } from './bytes.ts'
import { InterceptorError, SequenceError, wordsOf } from './errors.ts'
import type { DraftedRun } from './fresh-letters.ts'
import type { Hooks, Interceptor } from './interceptor.ts'
import { toRanges } from './interval-set.ts'
import type { Lane } from './lane.ts'
import { writeEvent, type Identified, type LedgerEvent } from './ledger-event.ts'
import { MailboxDraft } from './mailbox-draft.ts'
import type { Outgoing, Slot } from './outgoing.ts'
import { headersRule } from './send-options.ts'

interface LeaseDraft {
  readonly lane: Lane
  readonly attempt: number
  readonly offsets: number[]
}

/** What the batch holds of one producer in one mailbox so far. */
interface SlotDraft {
  readonly slot: Slot
  readonly mailbox: MailboxDraft
  /** The last sequence given. */
  sequence: number
}

export class BatchDraft {
  readonly nowMs: number
  readonly #hooks: Hooks
  readonly #events: LedgerEvent[] = []
  readonly #mailboxes = new Map<number, MailboxDraft>()
  readonly #slots = new Map<Slot, SlotDraft>()
  /** The one that was used last: most messages come from the same producer as the one before. */
  #slot: SlotDraft | undefined = undefined
  readonly #messageIds = new Map<string, Identified>()
  readonly #acks = new Map<Lane, number[]>()
  readonly #leases: LeaseDraft[] = []
  #messages = 0
  #roomBytes = Number.POSITIVE_INFINITY

  constructor(hooks: Hooks, nowMs: number) {
    this.#hooks = hooks
    this.nowMs = nowMs
  }

  get messageCount(): number {
    return this.#messages
  }

  get isEmpty(): boolean {
    const marks = this.#events.length + this.#acks.size + this.#leases.length
    return marks + this.#messages === 0
  }

  event(event: LedgerEvent): void {
    // What was asked for before a group is moved must not be done to the group after it.
    if (event.kind === 'seek') this.#flush()
    this.#events.push(event)
  }

  #flush(): void {
    this.#events.push(...this.#leaseEvents(), ...this.#ackEvents())
    this.#leases.length = 0
    this.#acks.clear()
  }

  ack(lane: Lane, offset: number): void {
    const offsets = this.#acks.get(lane)
    if (offsets === undefined) this.#acks.set(lane, [offset])
    else offsets.push(offset)
  }

  lease(lane: Lane, attempt: number, offsets: number[]): void {
    this.#leases.push({ lane, attempt, offsets })
  }

  /** How many bytes interceptors may add to what the units said that they take. */
  set roomBytes(bytes: number) {
    this.#roomBytes = bytes
  }

  /** Adds one message. */
  message(message: Outgoing): void {
    if (message.messageId !== undefined) return this.messages([message])
    // The most frequent case needs no bookkeeping between messages.
    message.restart()
    this.#stamp(message, undefined)
    if (message.hasOtherHeaders) this.#makeRoom([message])
    this.#append(message)
  }

  /** Adds messages, all or none. */
  messages(batch: readonly Outgoing[]): void {
    for (const message of batch) message.restart()
    const fresh = this.#withoutRepeats(batch)
    const last = new Map<Slot, number>()
    for (const message of fresh) {
      this.#stamp(message, last)
      if (message.sequence !== 0) last.set(message.slot, message.sequence)
    }
    this.#makeRoom(fresh)
    for (const message of fresh) this.#append(message)
    for (const message of batch) if (message.offset < 0) message.original = this.#originalOf(message)
  }

  /** Those whose message id is new, here and on disk. */
  #withoutRepeats(batch: readonly Outgoing[]): readonly Outgoing[] {
    if (batch.every((message) => message.messageId === undefined)) return batch
    const seen = new Set<string>()
    return batch.filter((message) => {
      if (message.messageId === undefined) return true
      const key = idKey(message)
      if (seen.has(key) || this.#originalOf(message) !== undefined) return false
      seen.add(key)
      return true
    })
  }

  #originalOf(message: Outgoing): Identified | undefined {
    if (message.messageId === undefined) return undefined
    return message.slot.topic.messageIds.get(message.messageId) ?? this.#messageIds.get(idKey(message))
  }

  #stamp(message: Outgoing, last: ReadonlyMap<Slot, number> | undefined): void {
    const { slot } = message
    message.lastSequence = last?.get(slot) ?? this.#draftOf(slot)?.sequence ?? slot.progress.sequence
    for (const interceptor of this.#hooks.onSend) intercept(interceptor, message)
    if (message.hasOtherHeaders) checkHeaders(message)
    const expected = message.lastSequence + 1
    if (message.sequence === 0 || message.sequence === expected) return
    throw new SequenceError(
      `producer '${slot.producer.id}' in ${slot.topic.name}/${slot.mailbox.partition}: ` +
        `expected sequence ${expected}, got ${message.sequence}`,
      { outcome: 'not-written' },
    )
  }

  /** Interceptors may have made messages larger than their unit said. */
  #makeRoom(messages: readonly Outgoing[]): void {
    let grown = 0
    for (const message of messages) if (message.hasOtherHeaders) grown += Math.max(0, message.grownBytes)
    if (grown > this.#roomBytes) {
      const words = `interceptors made the headers ${grown} bytes larger; the batch has room for ${this.#roomBytes}`
      throw new TooLargeError(words, NOT_WRITTEN)
    }
    this.#roomBytes -= grown
  }

  #append(message: Outgoing): void {
    const draft = this.#draftOf(message.slot) ?? this.#newDraft(message.slot)
    message.offset = draft.mailbox.append(message)
    draft.sequence = message.sequence === 0 ? message.lastSequence : message.sequence
    this.#messages += 1
    if (message.messageId !== undefined) this.#identify(message, message.messageId)
  }

  #identify(message: Outgoing, messageId: string): void {
    const { topic, producer, mailbox } = message.slot
    const { offset, sequence } = message
    const identified: Identified = {
      kind: 'identified',
      topic: topic.topic,
      messageId,
      mailbox: mailbox.mailbox,
      offset,
      producer: producer.number,
      epoch: producer.epoch,
      sequence,
    }
    this.#messageIds.set(idKey(message), identified)
    this.#events.push(identified)
  }

  #draftOf(slot: Slot): SlotDraft | undefined {
    if (this.#slot?.slot !== slot) this.#slot = this.#slots.get(slot)
    return this.#slot
  }

  #newDraft(slot: Slot): SlotDraft {
    const draft = { slot, mailbox: this.#mailbox(slot), sequence: 0 }
    this.#slots.set(slot, draft)
    return draft
  }

  #mailbox(slot: Slot): MailboxDraft {
    const known = this.#mailboxes.get(slot.mailbox.mailbox)
    if (known !== undefined) return known
    const draft = new MailboxDraft(slot.mailbox, this.nowMs)
    this.#mailboxes.set(slot.mailbox.mailbox, draft)
    return draft
  }

  /** What is to be committed. */
  finish(): FinishedBatch {
    const runs = [...this.#mailboxes.values()].flatMap((mailbox) => mailbox.finish())
    const events = [...this.#events, ...this.#advances(), ...this.#leaseEvents(), ...this.#ackEvents()]
    return { events, runs, batch: { events: encodeAll(events), runs } }
  }

  *#advances(): Generator<LedgerEvent> {
    for (const { slot, mailbox, sequence } of this.#slots.values()) {
      yield {
        kind: 'advance',
        producer: slot.producer.number,
        mailbox: slot.mailbox.mailbox,
        epoch: slot.producer.epoch,
        sequence,
        next: mailbox.next,
        timestampMs: this.nowMs,
        bytes: mailbox.takeBytes(),
      }
    }
  }

  *#leaseEvents(): Generator<LedgerEvent> {
    for (const { lane, attempt, offsets } of this.#leases) {
      yield { kind: 'lease', group: lane.group, mailbox: lane.mailbox, attempt, ranges: toRanges(offsets) }
    }
  }

  *#ackEvents(): Generator<LedgerEvent> {
    for (const [lane, offsets] of this.#acks) {
      yield { kind: 'ack', group: lane.group, mailbox: lane.mailbox, ranges: toRanges(offsets) }
    }
  }
}

const NOT_WRITTEN = { outcome: 'not-written' } as const

function intercept(interceptor: Interceptor, message: Outgoing): void {
  let answer: unknown
  try {
    answer = interceptor.onSend?.(message)
  } catch (cause) {
    const words = `interceptor '${interceptor.name}' refused a send: ${wordsOf(cause)}`
    throw new InterceptorError(words, { cause, ...NOT_WRITTEN })
  }
  if (!(answer instanceof Promise)) return
  // What it will say comes too late; a failure must not surface on its own.
  answer.catch(() => {})
  const words = `interceptor '${interceptor.name}': onSend must answer at once, not by a promise`
  throw new InterceptorError(words, NOT_WRITTEN)
}

function checkHeaders(message: Outgoing): void {
  if (message.headers === undefined) return
  try {
    headersRule(message.headers, 'the headers that an interceptor set')
  } catch (cause) {
    throw new InterceptorError(wordsOf(cause), { cause, ...NOT_WRITTEN })
  }
  message.headers = { ...message.headers }
}

export interface FinishedBatch {
  readonly events: readonly LedgerEvent[]
  readonly runs: readonly DraftedRun[]
  readonly batch: Batch
}

/** Message ids are a topic's own. */
function idKey(message: Outgoing): string {
  return `${message.slot.topic.topic}/${message.messageId}`
}

function encodeAll(events: readonly LedgerEvent[]): Uint8Array[] {
  const writer = new ByteWriter(64 * (events.length + 1))
  const ends: number[] = []
  for (const event of events) {
    writeEvent(writer, event)
    ends.push(writer.length)
  }
  const bytes = writer.take()
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end))
}
