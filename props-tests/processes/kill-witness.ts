/**
 * The parent's book over all lives of a child: what was sent, confirmed, begun and settled, and what may not be.
 *
 * Owns: the guarantees as checks. Leaves the lives to `kill-campaign.ts`.
 *
 * KI1. A message that was not sent is never seen; one message has one place, and one place has one message.
 * KI2. After a durable ack the message is never begun again in that group; its attempts never go down.
 * KI3. In one group the messages of one key begin in the order of their places, over all lives.
 * KI4. When all is drained, whatever was confirmed was begun in each group, and each producer's numbers are without a gap.
 * KI5. What was handed over is there exactly when the message that handed it over is done.
 * KI6. A message is seen only where it is durable: what was begun is begun again, or settled, in a later life.
 */
import assert from 'node:assert/strict'
import { handsOver } from './kill-words.ts'
import type { Dead, Line, Order, Place } from './kill-words.ts'

/** The groups that must see every confirmed message of a topic in the end. */
const groupsOf: Readonly<Record<string, readonly string[]>> = {
  orders: ['billing', 'audit'],
  archive: ['reader'],
  invoices: ['books'],
}

interface Delivered {
  attempts: number
  isAcked: boolean
  isDead: boolean
}

export class Witness {
  readonly #sent = new Map<string, { readonly topic: string; readonly order: Order }>()
  readonly #confirmed = new Set<string>()
  readonly #places = new Map<string, Place>()
  readonly #ids = new Map<string, string>()
  readonly #delivered = new Map<string, Delivered>()
  readonly #lastOffsets = new Map<string, number>()
  readonly counts = { confirmed: 0, begun: 0, redelivered: 0, acked: 0, duplicates: 0, retries: 0 }
  dead: readonly Dead[] = []

  /** Takes a line down; throws where it breaks a guarantee. */
  note(line: Line): void {
    switch (line.say) {
      case 'sending':
        this.#sent.set(line.order.id, { topic: line.topic, order: line.order })
        return
      case 'confirmed':
        return this.#noteConfirmed(line)
      case 'began':
        return this.#noteBegan(line)
      case 'settled':
        return this.#noteSettled(line)
      case 'broken':
        return assert.fail(`the child says: ${line.what}`)
      case 'stalled':
        return assert.fail(`a stall: ${line.what}`)
      case 'refused':
        return assert.fail(`a send was refused: ${line.code} ${line.outcome} ${line.id}`)
      case 'done':
        this.dead = line.dead
        return
      case 'died':
      case 'opening':
      case 'open':
    }
  }

  /** What was sent and of which nobody knows whether it is there. */
  get unknown(): Order[] {
    return [...this.#sent.values()].map(({ order }) => order).filter(({ id }) => !this.#confirmed.has(id))
  }

  get confirmedIds(): string[] {
    return [...this.#confirmed]
  }

  /** To be called when a life has drained everything. */
  checkDrained(): void {
    for (const id of this.#confirmed) this.checkHandled(id)
    for (const [id, { topic }] of this.#sent) {
      const isThere = this.#places.has(id)
      const isBilled = isThere && topic === 'orders' && handsOver(id)
      const isDead = this.#delivered.get(`billing ${id}`)?.isDead === true
      assert.equal(this.#places.has(`invoice-${id}`), isBilled && !isDead, `torn-batch: invoice of ${id}`)
    }
    this.#checkNumbers()
  }

  checkHandled(id: string): void {
    const place = this.#places.get(id)
    assert.ok(place !== undefined)
    for (const group of groupsOf[place.topic] ?? []) {
      assert.ok(
        this.#delivered.has(`${group} ${id}`),
        `lost-write: ${id} at ${spell(place)} never came to ${group}`,
      )
    }
  }

  /** Everything durable was begun somewhere by now, so the numbers of a producer must be all there. */
  #checkNumbers(): void {
    const numbers = new Map<string, Set<number>>()
    for (const { topic, partition, producer, sequence } of this.#places.values()) {
      const stream = `${topic}/${partition} of ${producer}`
      numbers.set(stream, (numbers.get(stream) ?? new Set()).add(sequence))
    }
    for (const [stream, seen] of numbers) {
      assert.equal(Math.max(...seen), seen.size, `gap: ${stream} misses a number up to ${Math.max(...seen)}`)
      assert.equal(Math.min(...seen), 1)
    }
  }

  #noteConfirmed({ id, place, duplicate }: Extract<Line, { say: 'confirmed' }>): void {
    this.#settleOn(id, place)
    this.#confirmed.add(id)
    this.counts.confirmed += 1
    if (duplicate) this.counts.duplicates += 1
  }

  #noteBegan({ group, order, place, attempt }: Extract<Line, { say: 'began' }>): void {
    const { id, key } = order
    const isSent = this.#sent.has(id) || this.#sent.has(id.replace('invoice-', ''))
    assert.ok(isSent, `invention: ${id} came to ${group} and was never sent`)
    this.#settleOn(id, place)
    const known = this.#delivered.get(`${group} ${id}`)
    assert.ok(known?.isAcked !== true, `redelivery-after-durable-ack: ${id} in ${group}, attempt ${attempt}`)
    assert.ok(known?.isDead !== true, `redelivery of a dead letter: ${id} in ${group}`)
    assert.ok(
      attempt >= (known?.attempts ?? 1),
      `attempts went down: ${id} in ${group} from ${known?.attempts} to ${attempt}`,
    )
    this.counts.begun += 1
    if (known !== undefined) this.counts.redelivered += 1
    this.#delivered.set(`${group} ${id}`, { attempts: attempt, isAcked: false, isDead: false })
    const lane = `${group} ${place.topic}/${place.partition} ${key}`
    const last = this.#lastOffsets.get(lane) ?? -1
    assert.ok(place.offset >= last, `order: in ${lane} offset ${place.offset} began after ${last}`)
    this.#lastOffsets.set(lane, place.offset)
  }

  #noteSettled({ group, id, how }: Extract<Line, { say: 'settled' }>): void {
    const known = this.#delivered.get(`${group} ${id}`)
    assert.ok(known !== undefined, `${id} was settled in ${group} and never began`)
    if (how === 'ack') known.isAcked = true
    if (how === 'dead-letter') known.isDead = true
    if (how === 'ack') this.counts.acked += 1
    if (how === 'nack') this.counts.retries += 1
  }

  #settleOn(id: string, place: Place): void {
    const known = this.#places.get(id)
    if (known !== undefined) {
      assert.deepEqual(place, known, `duplicate append: ${id} is at ${spell(known)} and at ${spell(place)}`)
      return
    }
    const spot = spell(place)
    assert.equal(this.#ids.get(spot), undefined, `${spot} holds ${this.#ids.get(spot)} and ${id}`)
    this.#places.set(id, place)
    this.#ids.set(spot, id)
  }
}

function spell({ topic, partition, offset }: Place): string {
  return `${topic}/${partition}@${offset}`
}
