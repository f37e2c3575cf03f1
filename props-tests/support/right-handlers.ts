/**
 * Handlers that are right: no check may find anything in them.
 *
 * Owns: one handler for each right way to work with crashes. Leaves running them to the tests.
 */
import { DeadLetter, RetryAfter, defineTopic } from '../../runtime/index.ts'
import type { TopicProgram, World } from '../index.ts'

/** What is sent to all handlers, right and wrong. */
export interface Order {
  readonly customer: string
  readonly amount: number
}

/** A handler under check, made anew in each life. */
export interface Subject {
  readonly name: string
  /** The names under which its fault may be reported; none for a right one. */
  readonly finds?: readonly string[]
  readonly start: (world: World) => TopicProgram<Order> | Promise<TopicProgram<Order>>
  readonly consumer?: { readonly concurrency?: number; readonly maxDeliveries?: number }
}

export const invoices = defineTopic<Order>('invoices', { key: ({ customer }) => customer })

/** What a message is called in all lives. */
export function idOf(message: { readonly partition: number; readonly offset: number }): string {
  return `${message.partition}-${message.offset}`
}

export const rightHandlers: readonly Subject[] = [
  { name: 'does nothing', start: () => ({ handler: () => {} }) },
  {
    name: 'calls the outside with a stable key',
    start: (world) => ({
      handler: async (message) => {
        await world.outside('mail').call(message.value, { key: idOf(message) })
      },
    }),
  },
  {
    name: 'hands over with its ack',
    start: () => ({
      handler: (message, { send }) => {
        send(invoices, message.value)
      },
    }),
  },
  {
    name: 'sums up in one transaction that remembers the message',
    start: (world) => ({
      handler: async (message) => {
        await world.table<number>('sums').transaction((rows) => {
          const seen = `seen ${idOf(message)}`
          if (rows.has(seen)) return
          rows.set(seen, 1)
          rows.set(message.value.customer, (rows.get(message.value.customer) ?? 0) + message.value.amount)
        })
      },
    }),
  },
  {
    name: 'rebuilds its state from a table',
    start: async (world) => {
      const table = world.table<Order>('orders')
      const kept = new Map(await table.transaction((rows) => [...rows.entries()]))
      return {
        handler: async (message) => {
          await table.set(idOf(message), message.value)
          kept.set(idOf(message), message.value)
        },
        view: () => [...kept.values()].map(({ amount }) => amount).reduce((sum, amount) => sum + amount, 0),
      }
    },
  },
  {
    name: 'throws on the first attempt, and works on the next',
    start: (world) => ({
      handler: async (message) => {
        if (message.attempt < 2) throw new RangeError('not yet')
        await world.outside('mail').call(message.value, { key: idOf(message) })
      },
    }),
  },
  {
    name: 'asks for time, and then works',
    start: (world) => {
      const asked = new Set<string>()
      return {
        handler: async (message) => {
          if (!asked.has(idOf(message))) {
            asked.add(idOf(message))
            throw new RetryAfter(50)
          }
          await world.outside('mail').call(message.value, { key: idOf(message) })
        },
      }
    },
  },
  {
    name: 'gives bad messages up',
    start: (world) => ({
      handler: async (message) => {
        if (message.value.amount % 5 === 4) throw new DeadLetter('a bad amount')
        await world.outside('mail').call(message.value, { key: idOf(message) })
      },
    }),
  },
  {
    name: 'fails for ever on some messages, up to the dead letters',
    consumer: { maxDeliveries: 3 },
    start: (world) => ({
      handler: async (message) => {
        if (message.value.amount % 5 === 4) throw new RangeError('never')
        await world.outside('mail').call(message.value, { key: idOf(message) })
      },
    }),
  },
  {
    name: 'acks by itself after its work',
    start: (world) => ({
      handler: async (message) => {
        await world.outside('mail').call(message.value, { key: idOf(message) })
        await message.ack()
      },
    }),
  },
  {
    name: 'sends by a producer of its own, under a stable message id',
    start: (world) => {
      const producer = world.runtime.producer(invoices, { id: 'biller' })
      return {
        handler: async (message) => {
          await producer.send(message.value, { messageId: idOf(message) })
        },
      }
    },
  },
  {
    name: 'answers a failing service by a message to another topic',
    start: (world) => ({
      handler: async (message, { send }) => {
        try {
          await world.outside('mail').call(message.value, { key: idOf(message) })
        } catch {
          send(invoices, message.value)
        }
      },
    }),
  },
  {
    name: 'keeps a cache in a variable that is only a cache',
    start: (world) => {
      const rates = new Map<string, unknown>()
      return {
        handler: async (message) => {
          const { customer, amount } = message.value
          const rate =
            rates.get(customer) ??
            (await world.outside('rates', { repeatable: true, answer: () => 2 }).call(customer))
          rates.set(customer, rate)
          await world.table<number>('billed').set(idOf(message), amount * Number(rate))
        },
      }
    },
  },
  {
    name: 'takes several turns and timers for its work',
    start: (world) => ({
      handler: async (message) => {
        await world.sleep(5)
        await world.outside('stock').call(message.value, { key: `stock ${idOf(message)}` })
        await world.sleep(5)
        await Promise.all([
          world.outside('mail').call(message.value, { key: `mail ${idOf(message)}` }),
          world.outside('audit').call(message.value, { key: `audit ${idOf(message)}` }),
        ])
      },
    }),
  },
  {
    name: 'changes the value that it was given',
    start: (world) => ({
      handler: async (message) => {
        const order = message.value as { customer: string; amount: number }
        order.amount += 1
        await world.outside('mail').call(order, { key: idOf(message) })
      },
    }),
  },
  {
    name: 'acks after its work, and then only logs',
    start: (world) => ({
      handler: async (message) => {
        await world.outside('mail').call(message.value, { key: idOf(message) })
        await message.ack()
        await world.outside('log', { repeatable: true }).call('done')
      },
    }),
  },
  {
    name: 'takes minutes for each message',
    start: (world) => ({
      handler: async (message) => {
        await world.sleep(100_000)
        await world.outside('mail').call(message.value, { key: idOf(message) })
      },
    }),
  },
  {
    name: 'does one at a time, by a queue that it waits for',
    start: (world) => {
      let tail: Promise<unknown> = Promise.resolve()
      return {
        handler: (message) => {
          const mine = tail.then(() => world.outside('mail').call(message.value, { key: idOf(message) }))
          tail = mine.catch(() => {})
          return mine
        },
      }
    },
  },
  {
    name: 'gives back by itself what failed',
    start: (world) => ({
      handler: async (message) => {
        try {
          await world.outside('mail').call(message.value, { key: idOf(message) })
        } catch {
          await message.nack({ delayMs: 20 })
        }
      },
    }),
  },
  {
    name: 'sends with its ack what is due later',
    start: () => ({
      handler: (message, { send }) => {
        send(invoices, message.value, { delayMs: 5_000 })
      },
    }),
  },
]
