/**
 * The book over all lives of a simulated runtime: what was sent, confirmed, begun and settled, and what may not be.
 *
 * Owns: the guarantees as checks, each with a name. Leaves carrying out and crashing to `runtime-run.ts`.
 *
 * RB1. It hears only what a living process could have told: nothing after the moment of a crash.
 * RB2. What a crash cut off may be there or not; once seen, it is settled for ever.
 * RB3. An order of the places follows the order of the calls, and a producer's numbers are 1, 2, 3 … per partition.
 */
import type { AttemptRecord } from '../../runtime/index.ts'
import { ViolationError } from './journal-run.ts'

/** One message that was asked to be sent. */
export interface Sent {
  readonly id: string
  readonly topic: string
  readonly key: string
  readonly producer: string
  /** Counts the calls over all lives; -1 when it was sent again, so that its place says nothing. */
  readonly call: number
  /** Not to be delivered before this wall time; 0 for at once. */
  readonly dueMs: number
  /** All of a batch are there, or none. */
  readonly batch: string | undefined
}

export interface Spot {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly producer: string
  readonly sequence: number
}

/** One delivery as the handler saw it. */
export interface Begun {
  readonly group: string
  readonly id: string
  readonly key: string
  readonly spot: Spot
  readonly attempt: number
  readonly nowMs: number
}

/** How a handler ended, as far as it goes before anything is durable. */
export type HandlerEnd = 'returned' | 'threw' | 'retry-after' | 'dead-letter'

interface Standing {
  attempt: number
  end: HandlerEnd | 'running'
  isAcked: boolean
  isDead: boolean
  /** A crash took its attempt before anything could settle it: it must come again. */
  isOwed: boolean
}

export const MAX_DELIVERIES = 4

/** Which groups must see every message of a topic. */
const groupsOf = new Map([
  ['orders', ['plain', 'moving']],
  ['invoices', ['books']],
])

export class RuntimeBook {
  readonly #sent = new Map<string, Sent>()
  readonly #confirmed = new Set<string>()
  readonly #spots = new Map<string, Spot>()
  readonly #ids = new Map<string, string>()
  readonly #standings = new Map<string, Standing>()
  /** Every `group id` that was ever begun. */
  readonly #met = new Set<string>()
  readonly #reached = new Map<string, number>()
  readonly #sought = new Set<string>()
  /** Attempts of a `group id` that durably ended without an ack. */
  readonly #nacked = new Map<string, Set<number>>()
  readonly counts = { confirmed: 0, begun: 0, acked: 0, dead: 0, crashes: 0, handedOver: 0, redelivered: 0 }

  get unconfirmed(): Sent[] {
    return [...this.#sent.values()].filter(({ id }) => !this.#confirmed.has(id) && !id.startsWith('invoice-'))
  }

  sending(sent: Sent): void {
    this.#sent.set(sent.id, sent)
  }

  confirmed(id: string, spot: Spot): void {
    this.#place(id, spot)
    this.#confirmed.add(id)
    this.counts.confirmed += 1
  }

  begun({ group, id, key, spot, attempt, nowMs }: Begun): void {
    const sent = this.#sent.get(id)
    demand(sent !== undefined || id.startsWith('invoice-'), 'invention', `${id} in ${group}`)
    this.#place(id, spot)
    demand(nowMs >= (sent?.dueMs ?? 0), 'early', `${id} at ${nowMs}, due ${sent?.dueMs}`)
    this.#checkAgain(group, id, attempt)
    // What was delayed gives up its place, and what was redriven (or moved back to) has lost it.
    const hasLeft = (sent?.dueMs ?? 0) > 0 || (this.#sought.has(group) && this.#met.has(`${group} ${id}`))
    if (!hasLeft) this.#checkOrder({ group, id, key, spot, attempt, nowMs })
    if (this.#standings.has(`${group} ${id}`)) this.counts.redelivered += 1
    this.#standings.set(`${group} ${id}`, {
      attempt,
      end: 'running',
      isAcked: false,
      isDead: false,
      isOwed: false,
    })
    this.#met.add(`${group} ${id}`)
    this.counts.begun += 1
  }

  /** The handler came to its end, in a process that lived. */
  ended(group: string, id: string, end: HandlerEnd): void {
    const standing = this.#standings.get(`${group} ${id}`)
    if (standing?.end === 'running') standing.end = end
  }

  acked(group: string, id: string): void {
    const standing = this.#standings.get(`${group} ${id}`)
    demand(standing?.end === 'returned' || this.#sought.has(group), 'ack-before-work', `${id} in ${group}`)
    if (standing !== undefined) standing.isAcked = true
    this.counts.acked += 1
  }

  died(group: string, at: { partition: number; offset: number; topic: string }, attempts: number): void {
    const id = this.#ids.get(spellOf(at))
    demand(id !== undefined, 'invention', `a dead letter at ${spellOf(at)}`)
    const standing = this.#standings.get(`${group} ${id}`)
    const wasAsked = standing?.end === 'dead-letter' || this.#sought.has(group)
    demand(wasAsked || attempts === MAX_DELIVERIES, 'dead-too-soon', `${id} in ${group} after ${attempts}`)
    demand(standing?.isAcked !== true || this.#sought.has(group), 'dead-after-ack', `${id} in ${group}`)
    if (standing !== undefined) Object.assign(standing, { isDead: true, isOwed: false })
    this.counts.dead += 1
  }

  /** An attempt ended without an ack, and that is durable. */
  nacked(group: string, id: string, attempt: number): void {
    const name = `${group} ${id}`
    this.#nacked.set(name, (this.#nacked.get(name) ?? new Set()).add(attempt))
  }

  /** The group may move, or is moving: what it did before says nothing any more. */
  forgive(group: string): void {
    this.#sought.add(group)
    for (const name of this.#standings.keys()) if (name.startsWith(`${group} `)) this.#standings.delete(name)
    for (const lane of this.#reached.keys()) if (lane.startsWith(`${group} `)) this.#reached.delete(lane)
  }

  /** What was out when the process ended has to come again. */
  crashed(): void {
    this.counts.crashes += 1
    for (const standing of this.#standings.values()) {
      const mayBeSettled = standing.isAcked || standing.isDead || standing.end === 'returned'
      if (!mayBeSettled && standing.end !== 'dead-letter') standing.isOwed = true
    }
  }

  /** What a group lists as dead in the end; of some deaths a crash kept the news back. */
  listed(group: string, id: string, history: readonly AttemptRecord[]): void {
    const standing = this.#standings.get(`${group} ${id}`)
    demand(standing?.isAcked !== true, 'dead-after-ack', `${id} in ${group}`)
    if (standing !== undefined) standing.isDead = true
    if (this.#sought.has(group)) return
    // A lease that a crash followed at once counts, though no handler ever saw it.
    for (const attempt of this.#nacked.get(`${group} ${id}`) ?? []) {
      const isTold = history.some((entry) => entry.attempt === attempt && entry.reason !== 'owner-crashed')
      demand(isTold, 'history', `${id} in ${group}: how attempt ${attempt} ended is forgotten`)
    }
    const told = [...new Set(history.map(({ attempt }) => attempt))]
    const isWhole = told.length >= (standing?.attempt ?? 0) && told.every((attempt, i) => attempt === i + 1)
    demand(
      isWhole,
      'history',
      `${id} in ${group} tells of attempts ${told.join(' ')} of ${standing?.attempt}`,
    )
  }

  /** To be called when nothing waits any more, and all dead letters are listed. */
  finish(): void {
    for (const id of this.#confirmed) this.#checkMet(id)
    for (const [name, { isOwed, isDead }] of this.#standings) demand(!isOwed || isDead, 'lost-delivery', name)
    this.#checkBatches()
    this.#checkHandOvers()
    this.#checkNumbers()
  }

  #place(id: string, spot: Spot): void {
    const known = this.#spots.get(id)
    const spelt = `${spellOf(spot)} as number ${spot.sequence} of ${spot.producer}`
    if (known !== undefined) {
      const before = `${spellOf(known)} as number ${known.sequence} of ${known.producer}`
      return demand(before === spelt, 'duplicate-append', `${id} is ${before} and ${spelt}`)
    }
    const other = this.#ids.get(spellOf(spot))
    demand(other === undefined, 'lost-write', `${spelt} holds ${other} and ${id}`)
    this.#spots.set(id, spot)
    this.#ids.set(spellOf(spot), id)
  }

  #checkAgain(group: string, id: string, attempt: number): void {
    const name = `${group} ${id}`
    demand(attempt <= MAX_DELIVERIES, 'too-many-attempts', `${name}: ${attempt}`)
    const before = this.#standings.get(name)
    if (before === undefined) return
    demand(!before.isAcked, 'redelivery-after-durable-ack', name)
    demand(!before.isDead, 'redelivery-of-dead', name)
    const least = before.end === 'retry-after' ? before.attempt : before.attempt + 1
    demand(
      attempt >= least,
      'uncounted-attempt',
      `${name}: ${before.attempt}, ${before.end}, then ${attempt}`,
    )
  }

  #checkOrder({ group, id, key, spot }: Begun): void {
    const lane = `${group} ${spot.topic}/${spot.partition} ${key}`
    const last = this.#reached.get(lane) ?? -1
    demand(spot.offset >= last, 'order', `${id} of ${lane} at ${spot.offset} after ${last}`)
    this.#reached.set(lane, spot.offset)
  }

  #checkMet(id: string): void {
    const spot = this.#spots.get(id)
    for (const group of groupsOf.get(spot?.topic ?? '') ?? []) {
      demand(this.#met.has(`${group} ${id}`), 'lost-write', `${id} was confirmed and never came to ${group}`)
    }
  }

  #checkBatches(): void {
    const seen = new Map<string, boolean>()
    for (const { id, batch } of this.#sent.values()) {
      if (batch === undefined) continue
      const isThere = this.#spots.has(id)
      demand((seen.get(batch) ?? isThere) === isThere, 'torn-batch', `batch ${batch}`)
      seen.set(batch, isThere)
    }
  }

  /** `plain` hands over and never moves: an invoice is there exactly when its order was done, and not dead. */
  #checkHandOvers(): void {
    for (const { id, topic } of this.#sent.values()) {
      if (topic !== 'orders' || !handsOver(id)) continue
      const standing = this.#standings.get(`plain ${id}`)
      const isDone = standing !== undefined && !standing.isDead
      demand(this.#spots.has(`invoice-${id}`) === isDone, 'torn-batch', `the invoice of ${id}`)
      if (isDone) this.counts.handedOver += 1
    }
  }

  #checkNumbers(): void {
    const streams = new Map<string, { spot: Spot; call: number }[]>()
    for (const [id, spot] of this.#spots) {
      const name = `${spot.topic}/${spot.partition} of ${spot.producer}`
      const call = this.#sent.get(id)?.call ?? -1
      streams.set(name, [...(streams.get(name) ?? []), { spot, call }])
    }
    for (const [name, all] of streams) {
      let lastCall = -1
      for (const [i, { spot, call }] of all.toSorted((a, b) => a.spot.offset - b.spot.offset).entries()) {
        demand(spot.sequence === i + 1, 'gap', `${name}: number ${spot.sequence} is the ${i + 1}.`)
        demand(call === -1 || call > lastCall, 'order', `${name}: call ${call} lies behind ${lastCall}`)
        lastCall = Math.max(lastCall, call)
      }
    }
  }
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

function spellOf({ topic, partition, offset }: { topic: string; partition: number; offset: number }): string {
  return `${topic}/${partition}@${offset}`
}

function demand(holds: boolean, invariant: string, text: string): void {
  if (!holds) throw new ViolationError(invariant, text)
}
