/**
 * A history read once: which send lies where, what each group did with each message, and when time stood still.
 *
 * Owns: bringing together the events that speak of one message. Leaves judging to the invariants, one file each.
 *
 * HR1. A history is read once however many invariants ask, in one pass: judging is linear in its events.
 * HR2. An era of a group ends when the group is moved or its dead letters are sent again: nothing is compared across.
 * HR3. What a process begins after another one has opened the directory is kept apart: it says nothing of what the owner
 *      does, and is judged by `split-owner`.
 */
import type { History, HistoryEvent, Place } from '../history.ts'

/** The event of one kind. */
export type EventOf<Kind extends HistoryEvent['kind']> = Extract<HistoryEvent, { readonly kind: Kind }>

/** One call of a send, and what its caller heard. */
export interface Asked {
  readonly at: number
  readonly event: EventOf<'sending'>
  confirmed: Told<'confirmed'> | undefined
  rejected: Told<'rejected'> | undefined
}

/** An event and where it stands. */
export interface Told<Kind extends HistoryEvent['kind']> {
  readonly at: number
  readonly event: EventOf<Kind>
}

/** One moment in which somebody saw what lies in a place. */
export interface Sighting {
  readonly at: number
  readonly number: string
  readonly producer: string
  readonly epoch: number
  readonly sequence: number
  /** Undefined where it was not told. */
  readonly key: string | undefined
  readonly value: string
}

/** One place of a log, and everybody who saw it. */
export interface Spot extends Place {
  readonly name: string
  readonly lane: string
  readonly sightings: Sighting[]
  /** The sends that were told that they are here. */
  readonly asked: Asked[]
}

/** One run of a handler. */
export interface Run {
  readonly at: number
  readonly event: EventOf<'begun'>
  readonly era: number
  readonly delivery: Delivery
  ended: Told<'ended'> | undefined
  /** The handler itself asked for an end (`message.ack()`), before its run ended. */
  asked: Told<'asked'> | undefined
  /** The process died before the run ended. */
  cutAt: number | undefined
}

/** A run of a process that was replaced. */
export interface LateRun extends Run {
  settledAt: number | undefined
}

/** What happened to one message in one group, in order. */
export type Step =
  | { readonly kind: 'run'; readonly at: number; readonly era: number; readonly run: Run }
  | {
      readonly kind: 'settled'
      readonly at: number
      readonly era: number
      readonly how: EventOf<'settled'>['how']
      readonly attempt: number
    }

/** One message in one group. */
export interface Delivery {
  readonly group: string
  readonly spot: Spot
  readonly steps: Step[]
  listed: Told<'listed'> | undefined
}

/** All of a history that the invariants ask for. */
export interface Reading {
  /** Where the events of the rarer kinds are. */
  readonly rare: ReadonlyMap<string, readonly number[]>
  /** Faults that could make an opening or a send fail, and damage; a clock that jumps is none. */
  readonly faultAt: number
  readonly damageAt: number
  readonly asked: readonly Asked[]
  /** The sends of one value: `topic value`. */
  readonly sends: ReadonlyMap<string, readonly Asked[]>
  /** The sends under one message id: `topic id`. */
  readonly ids: ReadonlyMap<string, readonly Asked[]>
  readonly spots: ReadonlyMap<string, Spot>
  readonly deliveries: ReadonlyMap<string, Delivery>
  readonly runs: ReadonlyMap<number, Run>
  /** Runs that a process began after another one had taken over, and where an end of theirs was told. */
  readonly late: ReadonlyMap<number, LateRun>
  /** By `group topic`, where it was moved. */
  readonly moves: ReadonlyMap<string, readonly Told<'moved'>[]>
  /** By lane, below which offset retention took what was there. */
  readonly retained: ReadonlyMap<string, number>
  /** The last moment in which nothing moved any more. */
  readonly drained: Told<'drained'> | undefined
}

const readings = new WeakMap<History, { readonly length: number; readonly reading: Reading }>()

/** Reads a history, or remembers how it read. */
export function readHistory(history: History): Reading {
  const known = readings.get(history)
  if (known?.length === history.length) return known.reading
  const reader = new Reader()
  for (const [at, event] of history.entries()) reader.take(at, event)
  readings.set(history, { length: history.length, reading: reader })
  return reader
}

/** All events of one of the rarer kinds, in order. */
export function toldOf<Kind extends RareKind>(history: History, kind: Kind): readonly Told<Kind>[] {
  const places = readHistory(history).rare.get(kind) ?? []
  return places.map((at) => ({ at, event: history[at] as EventOf<Kind> }))
}

/** The kinds of which there are few: not those that every message has. */
export type RareKind = Exclude<
  HistoryEvent['kind'],
  'sending' | 'confirmed' | 'rejected' | 'begun' | 'ended' | 'read' | 'settled'
>

/** The sends that may have written what lies in a place. */
export function sendsAt(spot: Spot, { sends }: Pick<Reading, 'sends'>): readonly Asked[] {
  if (spot.asked.length > 0) return spot.asked
  return sends.get(`${spot.topic} ${spot.sightings[0]?.value}`) ?? []
}

/** `orders/0@7`: how a place is told and looked up. */
export function spell({ topic, partition, offset }: Place): string {
  return `${topic}/${partition}@${offset}`
}

/** `message 7 of orders/0 (key b)`: how a message is told to a person. */
export function describe(spot: Spot): string {
  const key = spot.sightings.find((sighting) => sighting.key !== undefined)?.key ?? ''
  return `${spell(spot)}${key === '' ? '' : ` (key ${key})`}`
}

class Reader implements Reading {
  readonly rare = new Map<string, number[]>()
  faultAt = Infinity
  damageAt = Infinity
  readonly asked: Asked[] = []
  readonly sends = new Map<string, Asked[]>()
  readonly ids = new Map<string, Asked[]>()
  readonly spots = new Map<string, Spot>()
  readonly deliveries = new Map<string, Delivery>()
  readonly runs = new Map<number, Run>()
  readonly late = new Map<number, LateRun>()
  readonly moves = new Map<string, Told<'moved'>[]>()
  readonly retained = new Map<string, number>()
  drained: Told<'drained'> | undefined
  readonly #byNumber = new Map<number, Asked>()
  /** The process that opened last. */
  #owner = 0
  /** Runs that have not ended yet, by life. */
  readonly #open = new Map<number, Set<Run>>()

  take(at: number, event: HistoryEvent): void {
    switch (event.kind) {
      case 'sending':
        return this.#sending(at, event)
      case 'confirmed':
        return this.#confirmed(at, event)
      case 'rejected':
        return this.#rejected(at, event)
      case 'begun':
        return this.#begun(at, event)
      case 'ended':
        return this.#ended(at, event)
      case 'read':
        return this.#see(at, event, event)
      default:
        return this.#takeRare(at, event)
    }
  }

  #takeRare(at: number, event: HistoryEvent): void {
    add(this.rare, event.kind, at)
    switch (event.kind) {
      case 'opened':
        this.#owner = Math.max(this.#owner, event.life)
        return
      case 'fault':
        if (!event.text.startsWith('clock')) this.faultAt = Math.min(this.faultAt, at)
        if (event.damage === true) this.damageAt = Math.min(this.damageAt, at)
        return
      case 'asked': {
        const run = this.runs.get(event.run)
        if (run !== undefined) run.asked ??= { at, event }
        return
      }
      case 'settled':
        return this.#settled(at, event)
      case 'moved': {
        add(this.moves, `${event.group} ${event.topic}`, { at, event })
        return
      }
      case 'crashed':
      case 'closed':
        return this.#cut(at, event.life)
      case 'retained': {
        const lane = `${event.topic}/${event.partition}`
        this.retained.set(lane, Math.max(this.retained.get(lane) ?? 0, event.offset))
        return
      }
      case 'listed':
        this.#delivery(event).listed = { at, event }
        return
      case 'drained':
        this.drained = { at, event }
        return
      default:
    }
  }

  #sending(at: number, event: EventOf<'sending'>): void {
    const asked: Asked = { at, event, confirmed: undefined, rejected: undefined }
    this.asked.push(asked)
    this.#byNumber.set(event.send, asked)
    add(this.sends, `${event.topic} ${event.value}`, asked)
    if (event.messageId !== undefined) add(this.ids, `${event.topic} ${event.messageId}`, asked)
  }

  #confirmed(at: number, event: EventOf<'confirmed'>): void {
    const asked = this.#byNumber.get(event.send)
    if (asked === undefined) return
    asked.confirmed = { at, event }
    this.#see(at, event, asked.event)
    this.#spot(event).asked.push(asked)
  }

  #rejected(at: number, event: EventOf<'rejected'>): void {
    const asked = this.#byNumber.get(event.send)
    if (asked !== undefined) asked.rejected = { at, event }
  }

  #begun(at: number, event: EventOf<'begun'>): void {
    const era = this.#eraOf(event.group, event.topic)
    this.#see(at, event, event)
    const delivery = this.#delivery(event)
    const run: Run = { at, event, era, delivery, ended: undefined, asked: undefined, cutAt: undefined }
    if (event.life < this.#owner) {
      this.late.set(event.run, { ...run, settledAt: undefined })
      return
    }
    delivery.steps.push({ kind: 'run', at, era, run })
    this.runs.set(event.run, run)
    const open = this.#open.get(event.life)
    if (open === undefined) this.#open.set(event.life, new Set([run]))
    else open.add(run)
  }

  #settled(at: number, event: EventOf<'settled'>): void {
    const { how, attempt, life } = event
    const delivery = this.#delivery(event)
    if (life < this.#owner) {
      const late = [...this.late.values()].find(
        (run) => run.delivery === delivery && run.event.attempt === attempt && run.event.life === life,
      )
      if (late !== undefined) late.settledAt ??= at
      // An end that was durable before the take-over is told late; one that gives back says nothing any more.
      if (late !== undefined || how === 'nack') return
    }
    // What ends was begun before: a move in between does not make it new.
    const era = delivery.steps.at(-1)?.era ?? this.#eraOf(event.group, event.topic)
    delivery.steps.push({ kind: 'settled', at, era, how, attempt })
  }

  #ended(at: number, event: EventOf<'ended'>): void {
    const run = this.runs.get(event.run)
    if (run === undefined) return
    run.ended = { at, event }
    this.#open.get(run.event.life)?.delete(run)
  }

  #cut(at: number, life: number): void {
    for (const run of this.#open.get(life) ?? []) run.cutAt = at
    this.#open.delete(life)
  }

  #eraOf(group: string, topic: string): number {
    return this.moves.get(`${group} ${topic}`)?.length ?? 0
  }

  #spot(place: Place): Spot {
    const name = spell(place)
    const known = this.spots.get(name)
    if (known !== undefined) return known
    const { topic, partition, offset } = place
    const lane = `${topic}/${partition}`
    const spot: Spot = { topic, partition, offset, name, lane, sightings: [], asked: [] }
    this.spots.set(name, spot)
    return spot
  }

  #see(
    at: number,
    place: EventOf<'confirmed' | 'begun' | 'read'>,
    told: { readonly key?: string; readonly value: string },
  ): void {
    const { producer, epoch, sequence } = place
    const spot = this.#spot(place)
    const { key } = told
    const number = `${producer} ${epoch}:${sequence}`
    spot.sightings.push({ at, number, producer, epoch, sequence, key, value: told.value })
  }

  #delivery(told: Place & { readonly group: string }): Delivery {
    const spot = this.#spot(told)
    const name = `${told.group} ${spot.name}`
    const known = this.deliveries.get(name)
    if (known !== undefined) return known
    const delivery: Delivery = { group: told.group, spot, steps: [], listed: undefined }
    this.deliveries.set(name, delivery)
    return delivery
  }
}

function add<Key, Item>(lists: Map<Key, Item[]>, key: Key, item: Item): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [item])
  else list.push(item)
}
