/**
 * The book over all lives of a simulated runtime: its history, and the judgement when it is over.
 *
 * Owns: telling what the run does in the words of `history.ts`, and what is promised in it.
 * Leaves carrying out and crashing to `runtime-run.ts`, and every guarantee to the named invariants.
 *
 * RB1. It hears only what a living process could have told: nothing after the moment of a crash.
 * RB2. At each confirmation and each begin of a handler the platter is looked through, and `durable` told ahead of it
 *      where that says something new. The code under test has no part in it.
 */
import type { Happening, History, HistoryEvent, Place, RunEnd, Terms } from '../history.ts'
import { allInvariants } from '../invariants/index.ts'
import type { AttemptRecord, Message, Receipt } from '../../runtime/index.ts'
import type { DurableLog } from '../durable-log.ts'
import { ViolationError } from './violation.ts'

/** What a message of the workload says. */
export interface Value {
  readonly id: string
  readonly key: string
  readonly pad: string
}

/** One message that was asked to be sent. */
export interface Sent {
  readonly value: Value
  readonly topic: string
  readonly producer: string
  /** Not to be delivered before this wall time; 0 for at once. */
  readonly dueMs: number
  /** All of a batch are there, or none. */
  readonly batch: number | undefined
}

/** What a handler hands over. */
export interface HandedOver {
  readonly topic: string
  readonly value: Value
}

export const MAX_DELIVERIES = 4

/** What the workload promises itself. */
export const runtimeTerms: Terms = {
  groups: { orders: ['plain', 'moving'], invoices: ['books'] },
  maxDeliveries: MAX_DELIVERIES,
  lists: true,
  asks: true,
  concurrency: { plain: 4, moving: 2, books: 8 },
}

/** The runtime's own words for what may never happen here: judged at once, for nothing good can follow. */
const alarms = new Set(['gap', 'duplicate', 'step-back', 'corruption', 'data-loss', 'broken'])

export class RuntimeBook {
  readonly #events: HistoryEvent[] = []
  readonly #open = new Map<number, Sent>()
  #sends = 0
  #runs = 0
  #isAlarmed = false
  readonly #log: DurableLog
  /** By lane, what was told last of how far it is durable. */
  readonly #durable = new Map<string, number>()
  /** Which process tells. */
  life = 0
  nowMs: () => number = () => 0
  readonly counts = { confirmed: 0, begun: 0, acked: 0, dead: 0, crashes: 0, handedOver: 0, redelivered: 0 }

  constructor(log: DurableLog) {
    this.#log = log
  }

  get history(): History {
    return this.#events
  }

  /** What was asked to be sent and of which nobody knows the fate, oldest first. */
  get unconfirmed(): readonly Sent[] {
    return [...this.#open.values()]
  }

  tell(happening: Happening): void {
    if (happening.kind === 'confirmed' || happening.kind === 'begun') this.#tellDurable(happening)
    this.#events.push({ ...happening, life: this.life, nowMs: this.nowMs() })
    if (happening.kind === 'crashed') this.counts.crashes += 1
    if (happening.kind === 'event' && alarms.has(happening.name)) this.#isAlarmed = true
  }

  /** A caller asks; answers the number of the send. */
  sending(sent: Sent): number {
    const { topic, value, dueMs, batch } = sent
    const send = (this.#sends += 1)
    const messageId = batch === undefined ? value.id : undefined
    const told = { topic, key: value.key, value: wordsOf(value), messageId, dueMs, batch }
    this.tell({ kind: 'sending', send, ...told, cause: undefined, joined: false })
    this.#open.set(send, sent)
    return send
  }

  /** What was asked again under its id is no longer open by itself. */
  sentAgain(value: Value): void {
    for (const [send, sent] of this.#open) if (sent.value === value) this.#open.delete(send)
  }

  confirmed(send: number, receipt: Receipt): void {
    this.tell({ kind: 'confirmed', send, ...placeOf(receipt), ...numberOf(receipt) })
    this.#open.delete(send)
    this.counts.confirmed += 1
  }

  rejected(send: number, code: string, outcome: 'not-written' | 'unknown' | undefined): void {
    this.tell({ kind: 'rejected', send, code, outcome })
  }

  /** A handler begins; answers the number of its run. */
  begun(group: string, message: Message<Value>): number {
    const { attempt, value, producer } = message
    const { epoch, sequence } = producer
    const run = (this.#runs += 1)
    const told = { group, attempt, key: message.key ?? '', value: wordsOf(value) }
    const number = { producer: producer.id, epoch, sequence }
    this.tell({ kind: 'begun', run, ...told, ...placeOf(message), ...number })
    this.counts.begun += 1
    if (attempt > 1) this.counts.redelivered += 1
    return run
  }

  /** The handler came to its end, in a process that lived. */
  ended(run: number, how: RunEnd, handedOver: readonly HandedOver[] = []): void {
    for (const { topic, value } of handedOver) {
      const send = (this.#sends += 1)
      const told = { topic, key: value.key, value: wordsOf(value), messageId: undefined, dueMs: 0 }
      this.tell({ kind: 'sending', send, ...told, batch: undefined, cause: run, joined: true })
      this.counts.handedOver += 1
    }
    this.tell({ kind: 'ended', run, how, text: undefined })
  }

  /** How an attempt ended is on disk. */
  settled(
    group: string,
    at: Place & { readonly attempt: number },
    how: 'ack' | 'nack' | 'dead-letter',
  ): void {
    this.tell({ kind: 'settled', group, attempt: at.attempt, how, ...placeOf(at) })
    if (how === 'ack') this.counts.acked += 1
    if (how === 'dead-letter') this.counts.dead += 1
  }

  /** What a group lists as dead in the end. */
  listed(group: string, at: Place, records: readonly AttemptRecord[]): void {
    const attempts = [...new Set(records.map(({ attempt }) => attempt))]
    const told = new Set(
      records.filter(({ reason }) => reason !== 'owner-crashed').map(({ attempt }) => attempt),
    )
    const crashed = attempts.filter((attempt) => !told.has(attempt))
    this.tell({ kind: 'listed', group, attempts, crashed, ...placeOf(at) })
  }

  /** Tells how far a partition would outlive a power cut now, if that is news. */
  #tellDurable({ topic, partition }: Place): void {
    const next = this.#log.next(topic, partition)
    const lane = `${topic}/${partition}`
    if (this.#durable.get(lane) === next) return
    this.#durable.set(lane, next)
    this.tell({ kind: 'durable', topic, partition, next })
  }

  /** Throws what the runtime itself found, by the name of the guarantee. */
  judgeAlarm(): void {
    if (this.#isAlarmed) this.judge()
  }

  /** Throws the first guarantee that the history breaks. */
  judge(): void {
    for (const { check } of allInvariants) {
      const violation = check(this.#events, runtimeTerms)
      if (violation !== undefined) throw new ViolationError(violation.invariant, violation.text)
    }
  }
}

/** A value in a few words: no two of a run are the same. */
export function wordsOf({ id, pad }: Value): string {
  const isWhole = pad === (pad[0] ?? '').repeat(pad.length)
  return `${id} ${pad.length}${isWhole ? (pad[0] ?? '') : '?'}`
}

function placeOf({ topic, partition, offset }: Place): Place {
  return { topic, partition, offset }
}

function numberOf({ producer, epoch, sequence }: Receipt): Pick<Receipt, 'producer' | 'epoch' | 'sequence'> {
  return { producer, epoch, sequence }
}

/** Whether the handler of `plain` hands an invoice over. */
export function handsOver(id: string): boolean {
  return moodOf(id) % 5 === 0
}

/** A number that follows from a text. */
export function moodOf(text: string): number {
  let hash = 11
  for (const char of text) hash = (Math.imul(hash, 31) + (char.codePointAt(0) ?? 0)) >>> 0
  return Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 8
}
