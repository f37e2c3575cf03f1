/**
 * What the workload asked to be sent, and what became of it.
 *
 * Owns: sending it, and sending it again after a failure until it is confirmed, in the order in which it was asked.
 * Leaves the steps to `simulation.ts`.
 *
 * OD1. A message has one message id in all lives, so that it lies in its topic once.
 * OD2. Nothing is sent again while its fate may still be told.
 */
import { ClosedError } from '../../runtime/index.ts'
import type { Producer, Runtime, Topic } from '../../runtime/index.ts'
import type { Life } from './life.ts'
import { spell } from './json.ts'
import { rejectionCode, rejectionOutcome } from './words.ts'

export interface OrderOptions {
  readonly topic: Topic<unknown>
  readonly value: unknown
  /** Default: `m1`, `m2` … in the order of asking. */
  readonly messageId?: string
  readonly key?: string
  readonly delayMs?: number
}

interface Order {
  readonly send: number
  readonly messageId: string
  readonly topic: Topic<unknown>
  readonly value: unknown
  readonly key: string | undefined
  dueMs: number
  readonly delayMs: number | undefined
  /** The life that asked last, until it is told; then 0. */
  askedIn: number
  isConfirmed: boolean
}

const PRODUCER_ID = 'workload'

export class Orders {
  readonly #orders: Order[] = []
  readonly #producers = new Map<string, Producer<unknown>>()
  #runtime: Runtime | undefined

  get unconfirmed(): number {
    return this.#orders.filter(({ isConfirmed }) => !isConfirmed).length
  }

  /** A new life: what the last one was not told is open again. */
  begin(life: Life, runtime: Runtime): void {
    this.#runtime = runtime
    this.#producers.clear()
    for (const order of this.#orders) if (order.askedIn !== life.number) order.askedIn = 0
  }

  /** Asks for a message. */
  add(life: Life, { topic, value, ...options }: OrderOptions): void {
    const { key, delayMs, messageId = `m${this.#orders.length + 1}` } = options
    const order: Order = {
      send: life.recorder.nextSend(),
      ...{ messageId, topic, value, key, delayMs },
      dueMs: delayMs === undefined ? 0 : life.clock.nowMs() + delayMs,
      askedIn: 0,
      isConfirmed: false,
    }
    this.#orders.push(order)
    this.#ask(life, order)
  }

  /** Sends again whatever failed, oldest first. */
  place(life: Life): void {
    if (life.isDead || life.isBroken) return
    for (const order of this.#orders) if (!order.isConfirmed && order.askedIn === 0) this.#ask(life, order)
  }

  #ask(life: Life, order: Order): void {
    const { send, topic, value, messageId, dueMs, key } = order
    if (life.isDead || life.isBroken) return
    order.askedIn = life.number
    const spelt = { key: key ?? topic.key?.(value) ?? '', value: spell(value), messageId, dueMs }
    life.tell({
      kind: 'sending',
      send,
      topic: topic.name,
      ...spelt,
      batch: undefined,
      cause: undefined,
      joined: false,
    })
    this.#hear(life, order).catch(() => {})
  }

  async #hear(life: Life, order: Order): Promise<void> {
    const { send, topic, value, messageId, delayMs, key } = order
    try {
      const options = {
        messageId,
        ...(key === undefined ? {} : { key }),
        ...(delayMs === undefined ? {} : { delayMs }),
      }
      const receipt = await this.#producer(topic).send(value, options)
      const { partition, offset, producer, epoch, sequence } = receipt
      const told = life.tell({
        kind: 'confirmed',
        send,
        topic: topic.name,
        partition,
        offset,
        producer,
        epoch,
        sequence,
      })
      if (told !== undefined) order.isConfirmed = true
    } catch (error) {
      const code = rejectionCode(error)
      const told = life.tell({ kind: 'rejected', send, code, outcome: rejectionOutcome(error) })
      if (told !== undefined && order.askedIn === life.number) order.askedIn = 0
      if (!code.startsWith('UNLOST_')) throw error
    }
  }

  #producer(topic: Topic<unknown>): Producer<unknown> {
    const known = this.#producers.get(topic.name)
    if (known !== undefined) return known
    const runtime = this.#runtime
    if (runtime === undefined) throw new ClosedError('no runtime is open')
    const producer = runtime.producer(topic, { id: PRODUCER_ID })
    this.#producers.set(topic.name, producer)
    return producer
  }
}
