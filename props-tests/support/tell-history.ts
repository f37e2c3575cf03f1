/**
 * Histories told by hand: one call for what happened, with everything that does not matter filled in.
 *
 * Owns: the small language of the invariants' examples: topic `orders`, partition 0, group `billing`, producer `shop`.
 * Leaves what is right and wrong to the examples.
 *
 * It tells what it is asked to tell, right or wrong: it knows what was put where, and judges nothing.
 */
import type { Happening, History, HistoryEvent, Place, RunEnd, Terms } from '../history.ts'

/** What the examples promise: `billing` gets all orders, `books` all invoices, in at most three deliveries. */
export const exampleTerms: Terms = {
  groups: { orders: ['billing'], invoices: ['books'] },
  maxDeliveries: 3,
  lists: true,
  asks: true,
  concurrency: { billing: 2 },
}

/** What differs from a usual send. */
export interface SendSpec {
  readonly topic?: string
  readonly key?: string
  readonly messageId?: string
  readonly dueMs?: number
  readonly batch?: number
  /** The run that handed it over. */
  readonly from?: number
}

/** What differs from a usual place. */
export interface SpotSpec {
  readonly topic?: string
  readonly partition?: number
  readonly producer?: string
  readonly epoch?: number
  readonly sequence?: number
  readonly value?: string
  readonly key?: string
}

/** What differs from a usual delivery. */
export interface RunSpec extends SpotSpec {
  readonly group?: string
  readonly attempt?: number
}

interface Record {
  readonly producer: string
  readonly epoch: number
  readonly sequence: number
  readonly key: string
  readonly value: string
}

export class Teller {
  readonly events: HistoryEvent[] = []
  life = 0
  nowMs = 1_000
  #sends = 0
  #runs = 0
  readonly #asked = new Map<number, { topic: string; key: string; value: string }>()
  readonly #records = new Map<string, Record>()

  /** Tells any event. */
  tell(happening: Happening): this {
    this.events.push({ ...happening, life: this.life, nowMs: this.nowMs })
    return this
  }

  open(life = this.life + 1): this {
    this.life = life
    return this.tell({ kind: 'opened', leasesReturned: 0, setAsideBytes: 0 })
  }

  crash(how: 'kill' | 'power' = 'kill'): this {
    return this.tell({ kind: 'crashed', how, call: 'write' })
  }

  later(ms: number): this {
    this.nowMs += ms
    return this
  }

  /** Asks for a message to be sent; answers its number. */
  ask(value: string, spec: SendSpec = {}): number {
    const { topic = 'orders', key = 'k', messageId, dueMs = 0, batch, from } = spec
    const send = (this.#sends += 1)
    this.#asked.set(send, { topic, key, value })
    const joined = from !== undefined
    this.tell({ kind: 'sending', send, topic, key, value, messageId, dueMs, batch, cause: from, joined })
    return send
  }

  /** The caller is told where it lies. */
  confirm(send: number, offset: number, spec: SpotSpec = {}): this {
    const { topic = 'orders', key = 'k', value = '' } = this.#asked.get(send) ?? {}
    const place = placeOf(offset, { topic, ...spec })
    return this.tell({
      kind: 'confirmed',
      send,
      ...place,
      ...numberOf(this.#put(place, { key, value, ...spec })),
    })
  }

  /** Sends and confirms. */
  send(value: string, offset: number, spec: SendSpec & SpotSpec = {}): this {
    return this.confirm(this.ask(value, spec), offset, spec)
  }

  reject(send: number, outcome: 'not-written' | 'unknown' = 'unknown', code = 'UNLOST_TIMEOUT'): this {
    return this.tell({ kind: 'rejected', send, code, outcome })
  }

  /** A handler begins; answers the number of its run. */
  begin(offset: number, spec: RunSpec = {}): number {
    const { group = 'billing', attempt = 1 } = spec
    const place = placeOf(offset, spec)
    const record = this.#put(place, spec)
    const run = (this.#runs += 1)
    const { key, value } = record
    this.tell({ kind: 'begun', run, group, key, value, attempt, ...place, ...numberOf(record) })
    return run
  }

  end(run: number, how: RunEnd = 'returned'): this {
    return this.tell({ kind: 'ended', run, how, text: undefined })
  }

  settle(offset: number, how: 'ack' | 'nack' | 'dead-letter' = 'ack', spec: RunSpec = {}): this {
    const { group = 'billing', attempt = 1 } = spec
    return this.tell({ kind: 'settled', group, attempt, how, ...placeOf(offset, spec) })
  }

  /** A handler begins, returns, and is done. */
  handle(offset: number, spec: RunSpec = {}): this {
    return this.end(this.begin(offset, spec)).settle(offset, 'ack', spec)
  }

  read(offset: number, spec: SpotSpec = {}): this {
    const place = placeOf(offset, spec)
    const record = this.#put(place, spec)
    return this.tell({ kind: 'read', value: record.value, ...place, ...numberOf(record) })
  }

  list(offset: number, attempts: readonly number[], spec: RunSpec = {}): this {
    return this.tell({ kind: 'listed', group: spec.group ?? 'billing', attempts, ...placeOf(offset, spec) })
  }

  move(how: 'seek' | 'redrive', backwards = true): this {
    return this.tell({ kind: 'moved', group: 'billing', topic: 'orders', how, backwards })
  }

  drain(waiting = 0): this {
    return this.tell({ kind: 'drained', waiting, view: undefined })
  }

  /** What lies in a place: what was put there, with what this event tells otherwise. */
  #put(place: Place, spec: SpotSpec): Record {
    const name = `${place.topic}/${place.partition}@${place.offset}`
    const known = this.#records.get(name)
    const record = {
      producer: spec.producer ?? known?.producer ?? 'shop',
      epoch: spec.epoch ?? known?.epoch ?? 1,
      sequence: spec.sequence ?? known?.sequence ?? place.offset + 1,
      key: spec.key ?? known?.key ?? 'k',
      value: spec.value ?? known?.value ?? `unsent ${place.offset}`,
    }
    if (known === undefined) this.#records.set(name, record)
    return record
  }
}

/** A history that begins with an opening. */
export function history(tell: (teller: Teller) => void): History {
  const teller = new Teller().open()
  tell(teller)
  return teller.events
}

function placeOf(offset: number, { topic = 'orders', partition = 0 }: SpotSpec): Place {
  return { topic, partition, offset }
}

function numberOf({ producer, epoch, sequence }: Record): Pick<Record, 'producer' | 'epoch' | 'sequence'> {
  return { producer, epoch, sequence }
}
