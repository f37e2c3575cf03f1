/**
 * What a handler gets beside the message.
 *
 * Owns: the attempt, the signal, and sends that are committed with the ack.
 * Leaves the commit to the desk (G7).
 *
 * HC1. What is sent here is on disk with the ack, or not at all; nobody sees it before.
 */
import type { Delivery } from './delivery.ts'
import { StaleLeaseError } from './errors.ts'
import type { Outgoing } from './outgoing.ts'
import type { SendOptions } from './send-options.ts'
import type { Topic } from './topic.ts'

/** Options of a send inside a handler: it has no time or signal of its own. */
export type HandOverOptions = Omit<SendOptions, 'signal' | 'deliveryTimeoutMs'>

/** Makes the message of a staged send. */
export type HandOver = <Input, Value>(
  topic: Topic<Input, Value>,
  value: Input,
  options: HandOverOptions,
) => Outgoing | Promise<Outgoing>

/** A staged send, as handlers call it. */
export type HandlerSend = <Input, Value>(
  topic: Topic<Input, Value>,
  value: Input,
  options?: HandOverOptions,
) => void

const NO_OPTIONS: HandOverOptions = Object.freeze({})

export class HandlerContext {
  readonly #delivery: Delivery
  readonly #handOver: HandOver

  constructor(delivery: Delivery, handOver: HandOver) {
    this.#delivery = delivery
    this.#handOver = handOver
  }

  /**
   * Sends a message with this one's ack: both or neither. Refused values make the handler's attempt fail.
   * It may be taken out (`async (message, { send }) => …`), and is made only for handlers that do.
   */
  get send(): HandlerSend {
    return (topic, value, options = NO_OPTIONS) => this.#stage(this.#handOver(topic, value, options))
  }

  /** Which attempt this is, from 1. */
  get attempt(): number {
    return this.#delivery.attempt
  }

  /** Aborted when the lease is over, the group is moved, or closing has waited long enough. */
  get signal(): AbortSignal {
    return this.#delivery.signal
  }

  #stage(message: Outgoing | Promise<Outgoing>): void {
    if (this.#delivery.state !== 'leased') throw new StaleLeaseError('send: the message was settled already')
    // Its failure is met where the ack waits for it.
    if (message instanceof Promise) message.catch(() => {})
    this.#delivery.staged.push(message)
  }
}
