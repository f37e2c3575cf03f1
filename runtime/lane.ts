/**
 * What one group has durably done with one mailbox.
 *
 * Owns: the floor (all below is settled), what is settled above it, open attempts, and dead letters.
 * Leaves messages in memory, credit and keys to `feed.ts`; every change here comes from a journaled event.
 *
 * LA1. An offset is in exactly one state: unseen, open, settled or dead; a dead or redriven one may lie below the floor.
 * LA2. The attempt count of an offset never goes down, except by redrive or seek.
 * LA3. Nothing at or above `low` may leave the disk.
 */
import type { DueClock } from './due-clock.ts'
import { IntervalSet, type Range } from './interval-set.ts'
import type { AttemptRecord, Died, Retried } from './ledger-event.ts'

/** A message that was attempted and is not settled. */
export interface OpenDelivery {
  attempt: number
  /** An attempt is under way (or was, when its owner ended). */
  leased: boolean
  /** Its last attempt ended with its owner's process. */
  crashed: boolean
  /** When it may be delivered again, and how long that was put off. */
  dueMs: number
  delayMs: number
  history: AttemptRecord[]
}

export interface DeadEntry {
  readonly reason: string
  readonly atMs: number
  readonly attempt: number
  readonly history: readonly AttemptRecord[]
}

/** A lane as the checkpoint keeps it. */
export interface LaneImage {
  readonly floor: number
  readonly done: readonly Range[]
  readonly open: readonly (readonly [number, OpenDelivery])[]
  readonly dead: readonly (readonly [number, DeadEntry])[]
}

export const OWNER_CRASHED = 'owner-crashed'

export class Lane {
  readonly group: number
  readonly mailbox: number
  floor: number
  /** Messages below are gone by a retention rule: what is still said about them changes nothing. */
  #first = 0
  readonly done = new IntervalSet()
  readonly open = new Map<number, OpenDelivery>()
  readonly dead = new Map<number, DeadEntry>()

  constructor(group: number, mailbox: number, floor: number) {
    this.group = group
    this.mailbox = mailbox
    this.floor = floor
  }

  isSettled(offset: number): boolean {
    if (this.open.has(offset)) return false
    return offset < this.floor || this.done.has(offset)
  }

  /** The lowest offset that this group may still need. */
  get low(): number {
    let low = this.floor
    for (const offset of this.open.keys()) low = Math.min(low, offset)
    for (const offset of this.dead.keys()) low = Math.min(low, offset)
    return low
  }

  lease(ranges: readonly Range[], attempt: number, atMs: number): void {
    for (const [start, end] of ranges) {
      for (let offset = start; offset < end; offset++) this.#leaseOne(offset, attempt, atMs)
    }
  }

  #leaseOne(offset: number, attempt: number, atMs: number): void {
    if (offset < this.#first) return
    const known = this.open.get(offset)
    if (known === undefined) {
      this.open.set(offset, { attempt, leased: true, crashed: false, dueMs: 0, delayMs: 0, history: [] })
      return
    }
    if (known.leased) noteCrash(known, atMs)
    known.attempt = attempt
    known.leased = true
  }

  ack(ranges: readonly Range[]): void {
    for (const [start, end] of ranges) {
      for (let offset = start; offset < end; offset++) this.#settle(offset)
    }
  }

  retry({ offset, dueMs, delayMs, attempt, entry }: Omit<Retried, 'kind' | 'group' | 'mailbox'>): void {
    if (offset < this.#first) return
    const known = this.open.get(offset)
    const history = known?.history ?? []
    if (entry !== undefined) history.push(entry)
    this.open.set(offset, { attempt, leased: false, crashed: false, dueMs, delayMs, history })
  }

  die({ offset, reason, atMs, entry }: Omit<Died, 'kind' | 'group' | 'mailbox'>): void {
    if (offset < this.#first) return
    const known = this.open.get(offset)
    // It died without an end of its own: its owner did.
    if (known?.leased === true && entry === undefined) noteCrash(known, atMs)
    const history = [...(known?.history ?? []), ...(entry === undefined ? [] : [entry])]
    this.dead.set(offset, { reason, atMs, attempt: known?.attempt ?? 0, history })
    this.#settle(offset)
  }

  redrive(offsets: readonly number[]): void {
    for (const offset of offsets) {
      const history = [...(this.dead.get(offset)?.history ?? [])]
      if (!this.dead.delete(offset)) continue
      this.open.set(offset, { attempt: 0, leased: false, crashed: false, dueMs: 0, delayMs: 0, history })
    }
  }

  purge(offsets: readonly number[]): void {
    for (const offset of offsets) this.dead.delete(offset)
  }

  /** Begins again at `offset`: attempts are forgotten; dead letters stay what they are, and are passed over. */
  seek(offset: number): void {
    this.floor = offset
    this.done.clear()
    this.open.clear()
    for (const dead of this.dead.keys()) if (dead >= offset) this.done.add(dead)
    this.floor = this.done.advance(offset)
  }

  /** Messages below `first` are gone. */
  trim(first: number): void {
    this.#first = Math.max(this.#first, first)
    for (const offset of this.open.keys()) if (offset < first) this.open.delete(offset)
    for (const offset of this.dead.keys()) if (offset < first) this.dead.delete(offset)
    if (this.floor >= first) return
    const above = this.done.ranges().filter(([, end]) => end > first)
    this.done.clear()
    this.floor = first
    for (const [start, end] of above) this.done.addRange(Math.max(start, first), end)
    this.floor = this.done.advance(this.floor)
  }

  /** A run begins: every attempt of an earlier one is over, counted, and what was put off then is due by `dueClock`. */
  begin(dueClock: DueClock): number {
    let returned = 0
    for (const delivery of this.open.values()) {
      delivery.dueMs = delivery.leased ? 0 : dueClock.due(delivery.dueMs, delivery.delayMs)
      if (!delivery.leased) continue
      noteCrash(delivery, dueClock.startMs)
      delivery.leased = false
      delivery.crashed = true
      returned += 1
    }
    return returned
  }

  image(): LaneImage {
    return { floor: this.floor, done: this.done.ranges(), open: [...this.open], dead: [...this.dead] }
  }

  restore(image: LaneImage): void {
    this.floor = image.floor
    for (const [start, end] of image.done) this.done.addRange(start, end)
    for (const [offset, delivery] of image.open) this.open.set(offset, delivery)
    for (const [offset, entry] of image.dead) this.dead.set(offset, entry)
  }

  #settle(offset: number): void {
    this.open.delete(offset)
    if (offset < this.floor) return
    if (offset === this.floor) this.floor = this.done.advance(offset + 1)
    else this.done.add(offset)
  }
}

function noteCrash(delivery: OpenDelivery, atMs: number): void {
  delivery.history.push({ attempt: delivery.attempt, atMs, reason: OWNER_CRASHED })
}
