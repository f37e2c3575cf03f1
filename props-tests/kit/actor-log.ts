/**
 * What durable actors have on the platter: their mail, their turns and what was sent with them, batch by batch.
 *
 * Owns: decoding the batches that a power cut could no longer take. Leaves finding them to `durable-log.ts`, and judging
 * to `actor-checkers.ts`.
 *
 * LG1. It goes by the disk alone: what the runtime holds in memory, or says, counts for nothing here.
 */
import { readEvent, readRun } from '../../runtime/internal.ts'
import type { DeadMail, StoredMessage, Turned } from '../../runtime/internal.ts'
import type { DurableLog } from '../durable-log.ts'
import type { DurableFrame } from '../durable-segment.ts'

/** A message of any mailbox, as it lies. */
export interface LoggedMessage {
  /** The batch that it came with. */
  readonly frame: number
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly key: string
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  readonly messageId: string | undefined
  readonly timestampMs: number
  readonly producer: string
}

/** A timer that waits. */
export interface LoggedTimer {
  readonly actor: string
  readonly key: string
  readonly timer: string
  readonly generation: number
  readonly dueMs: number
}

/** One or more turns of an actor in one batch; `turn` is the number of the last. */
export interface LoggedTurn extends Pick<Turned, 'key' | 'turn' | 'status' | 'changes'> {
  readonly frame: number
  readonly actor: string
  readonly state: string
}

/** The form of a state. */
interface Form {
  readonly version: number
  readonly hash: string
}

interface Places {
  readonly cursor: number
  /** Actors that are elsewhere. */
  readonly lags: ReadonlyMap<string, number>
}

export class ActorLog {
  readonly #log: DurableLog
  #taken = 0
  readonly #known = new Set<string>()
  readonly #names = new Map<number, string>()
  readonly #mailboxes = new Map<number, { readonly topic: string; readonly partition: number }>()
  readonly #last = new Map<string, number>()
  readonly messages: LoggedMessage[] = []
  readonly turns: LoggedTurn[] = []
  /** By actor and offset. */
  readonly dead = new Map<string, DeadMail>()
  readonly #cursors = new Map<string, number>()
  readonly #lags = new Map<string, { readonly at: number; readonly isParked: boolean }>()
  readonly #timers = new Map<string, LoggedTimer>()
  /** By form, where its code began. */
  readonly #begun = new Map<string, Places>()
  /** Every timer that was ever armed. */
  readonly armings: (LoggedTimer & { readonly frame: number })[] = []

  constructor(log: DurableLog) {
    this.#log = log
  }

  /** Takes in what has become durable. */
  look(): void {
    const frames = this.#log.frames()
    for (; this.#taken < frames.length; this.#taken += 1) {
      const frame = frames[this.#taken]
      if (frame !== undefined) this.#take(this.#taken, frame)
    }
  }

  /** The number of the last turn of an actor that would outlive a power cut now; 0 for none. */
  durableTurn(actor: string, key: string): number {
    this.look()
    return this.#last.get(`${actor}/${key}`) ?? 0
  }

  /** How many mails of a definition's actors wait: all that are not taken, and one for each actor that tries again. */
  waiting(actor: string): number {
    this.look()
    const next = this.#log.next(`~actors/${actor}`, 0)
    const trying = [...this.#lags].filter(([key, { isParked }]) => key.startsWith(`${actor}/`) && !isParked)
    return Math.max(0, next - (this.#cursors.get(actor) ?? 0)) + trying.length
  }

  /** Where an actor stands that takes no more mail until a person acts. */
  parkedAt(actor: string, key: string): number | undefined {
    const lag = this.#lags.get(`${actor}/${key}`)
    return lag?.isParked === true ? lag.at : undefined
  }

  /** The first mail that was taken by code of this form, of one actor; Infinity where there was none. */
  beganAt(actor: string, key: string, form: Form): number {
    const begun = this.#begun.get(shapeName(actor, form))
    return begun === undefined ? Infinity : (begun.lags.get(key) ?? begun.cursor)
  }

  /** Where a definition's actors stand. */
  #places(number: number): Places {
    const actor = this.#names.get(number) ?? ''
    const own = [...this.#lags].filter(([name]) => name.startsWith(`${actor}/`))
    const lags = new Map(own.map(([name, { at }]) => [name.slice(actor.length + 1), at]))
    return { cursor: this.#cursors.get(actor) ?? 0, lags }
  }

  /** Timers that wait, the next one first. */
  timers(): LoggedTimer[] {
    this.look()
    return [...this.#timers.values()].toSorted((left, right) => left.dueMs - right.dueMs)
  }

  /** The mail of a definition's actors, by offset. */
  mailOf(actor: string): readonly LoggedMessage[] {
    this.look()
    return this.messages
      .filter(({ topic }) => topic === `~actors/${actor}`)
      .toSorted((left, right) => left.offset - right.offset)
  }

  #take(number: number, { events, runs }: DurableFrame): void {
    for (const bytes of events) this.#takeEvent(number, bytes)
    for (const run of runs) {
      const place = this.#mailboxes.get(run.mailbox) ?? { topic: '', partition: 0 }
      for (const message of readRun(run, run.firstOffset)) this.#takeMessage(number, place, message)
    }
  }

  #takeEvent(frame: number, bytes: Buffer): void {
    const event = readEvent(bytes)
    switch (event.kind) {
      case 'topic':
        for (let i = 0; i < event.partitions; i += 1)
          this.#mailboxes.set(event.mailbox + i, { topic: event.name, partition: i })
        return
      case 'actors':
        this.#names.set(event.actors, event.name)
        return
      case 'turn': {
        const { key, turn, status, changes } = event
        const actor = this.#names.get(event.actors) ?? ''
        this.#last.set(`${actor}/${key}`, turn)
        const state = Buffer.from(event.state).toString('utf8')
        if (!this.#isKnown(JSON.stringify([actor, key, turn, state])))
          this.turns.push({ frame, actor, key, turn, status, state, changes })
        this.#setTimers({ frame, actor, key, turn, status, state, changes })
        return
      }
      case 'shape': {
        const name = shapeName(this.#names.get(event.actors) ?? '', event)
        if (!this.#begun.has(name)) this.#begun.set(name, this.#places(event.actors))
        return
      }
      case 'consumed':
        this.#cursors.set(this.#names.get(event.actors) ?? '', event.next)
        return
      case 'lagged':
        this.#lags.set(`${this.#names.get(event.actors)}/${event.key}`, {
          at: event.at,
          isParked: event.parked !== undefined,
        })
        return
      case 'caught-up':
        this.#lags.delete(`${this.#names.get(event.actors)}/${event.key}`)
        return
      case 'fired':
        for (const [key, timer, generation] of event.timers) {
          const name = nameOf(this.#names.get(event.actors) ?? '', key, timer)
          if (this.#timers.get(name)?.generation === generation) this.#timers.delete(name)
        }
        return
      case 'undelivered': {
        const { key, atMs, reason, history } = event
        this.dead.set(`${this.#names.get(event.actors)}@${event.offset}`, { key, atMs, reason, history })
        return
      }
      default:
    }
  }

  /** An opening writes the last batches once more: what was seen already is the same. */
  #isKnown(words: string): boolean {
    if (this.#known.has(words)) return true
    this.#known.add(words)
    return false
  }

  #setTimers({ frame, actor, key, status, changes }: LoggedTurn): void {
    for (const timer of changes?.cancelled ?? []) this.#timers.delete(nameOf(actor, key, timer))
    for (const { timer, generation, dueMs } of changes?.armed ?? []) {
      this.#timers.set(nameOf(actor, key, timer), { actor, key, timer, generation, dueMs })
      this.armings.push({ frame, actor, key, timer, generation, dueMs })
    }
    if (status === 'active') return
    for (const [name, armed] of this.#timers)
      if (armed.actor === actor && armed.key === key) this.#timers.delete(name)
  }

  #takeMessage(
    frame: number,
    { topic, partition }: { readonly topic: string; readonly partition: number },
    message: StoredMessage,
  ): void {
    const { offset, key = '', messageId, timestampMs, headers = {} } = message
    const text = message.value.toString('utf8')
    if (this.#isKnown(JSON.stringify([topic, partition, offset, key, messageId, text]))) return
    const producer = this.#log.producerOf(message.producer) ?? ''
    const place = { frame, topic, partition, offset }
    this.messages.push({ ...place, key, headers, text, messageId, timestampMs, producer })
  }
}

function shapeName(actor: string, { version, hash }: Form): string {
  return JSON.stringify([actor, version, hash])
}

function nameOf(actor: string, key: string, timer: string): string {
  return JSON.stringify([actor, key, timer])
}
