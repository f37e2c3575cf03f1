/**
 * Histories written by hand, for the tests of the reports.
 *
 * Owns: saying an event in a few words, with the time going on by itself.
 * Leaves to each test the tale that it tells.
 */
import type { Happening, History, HistoryEvent, RunEnd } from '../history.ts'

interface Message {
  readonly send: number
  readonly key: string
  readonly value: string
  readonly offset: number
}

const START_MS = 1_700_000_000_000
const TOPIC = 'orders'
const GROUP = 'billing'
const numbered = { producer: 'shop', epoch: 1 }

export class ToldHistory {
  readonly #events: HistoryEvent[] = []
  #life = 0
  #nowMs = START_MS
  #run = 0
  #sends = 0

  get history(): History {
    return this.#events
  }

  /** Tells an event, and returns its index. */
  tell(happening: Happening, laterMs = 1): number {
    this.#nowMs += laterMs
    return this.#events.push({ ...happening, life: this.#life, nowMs: this.#nowMs }) - 1
  }

  open(leasesReturned = 0): number {
    this.#life += 1
    return this.tell({ kind: 'opened', leasesReturned, setAsideBytes: 0 })
  }

  crash(how: 'kill' | 'power', call: string): number {
    return this.tell({ kind: 'crashed', how, call })
  }

  /** Asks for a send; `confirm` tells that it worked. */
  send(key: string, value: unknown, cause?: number): Message {
    const message = { send: this.#sends, key, value: JSON.stringify(value), offset: this.#sends }
    this.#sends += 1
    this.tell({
      kind: 'sending',
      send: message.send,
      topic: TOPIC,
      key,
      value: message.value,
      messageId: undefined,
      dueMs: 0,
      batch: undefined,
      cause,
      joined: cause !== undefined,
    })
    return message
  }

  confirm({ send, offset }: Message): number {
    return this.tell({ kind: 'confirmed', send, ...placeOf(offset), ...numbered, sequence: offset + 1 })
  }

  /** A handler begins; returns the run. */
  begin({ offset, key, value }: Message, attempt = 1, group = GROUP): number {
    this.#run += 1
    const place = { ...placeOf(offset), ...numbered, sequence: offset + 1 }
    this.tell({ kind: 'begun', run: this.#run, group, key, value, attempt, ...place })
    return this.#run
  }

  end(run: number, how: RunEnd = 'returned', text?: string): number {
    return this.tell({ kind: 'ended', run, how, text })
  }

  call(run: number, [name, value]: readonly [string, unknown], error = false): number {
    return this.tell({ kind: 'effect', run, name, value: JSON.stringify(value), error }, 5)
  }

  ack({ offset }: Message, attempt = 1, group = GROUP): number {
    return this.tell({ kind: 'settled', group, attempt, how: 'ack', ...placeOf(offset) })
  }

  drain(waiting = 0, view?: string): number {
    return this.tell({ kind: 'drained', waiting, view }, 1000)
  }
}

const placeOf = (offset: number): { topic: string; partition: number; offset: number } => ({
  topic: TOPIC,
  partition: 0,
  offset,
})
