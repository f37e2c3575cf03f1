/**
 * Handlers that are wrong, as users write them: each must be found, by a name that says what is wrong.
 *
 * Owns: one handler for each mistake. Leaves running them to the tests.
 */
import { idOf, invoices } from './right-handlers.ts'
import type { Order, Subject } from './right-handlers.ts'

export const wrongHandlers: readonly Subject[] = [
  {
    name: 'acks before the work',
    finds: ['work-after-ack'],
    start: (world) => ({
      handler: async (message) => {
        await message.ack()
        await world.outside('mail').call(message.value, { key: idOf(message) })
      },
    }),
  },
  {
    name: 'acks before work that the kit cannot see',
    finds: ['work-after-ack'],
    start: (world) => ({
      handler: async (message) => {
        await message.ack()
        await world.sleep(20)
      },
    }),
  },
  {
    name: 'does not wait for its work',
    finds: ['lost-effect'],
    start: (world) => ({
      handler: (message) => {
        void world.outside('mail').call(message.value, { key: idOf(message) })
      },
    }),
  },
  {
    name: 'acks in finally',
    finds: ['lost-effect'],
    start: (world) => ({
      handler: async (message) => {
        try {
          await world.outside('mail').call(message.value, { key: idOf(message) })
        } finally {
          await message.ack()
        }
      },
    }),
  },
  {
    name: 'swallows an error',
    finds: ['lost-effect'],
    start: (world) => ({
      handler: async (message) => {
        try {
          await world.outside('mail').call(message.value, { key: idOf(message) })
        } catch {
          // Nobody will know.
        }
      },
    }),
  },
  {
    name: 'gives up after a while, and calls it done',
    finds: ['lost-effect'],
    start: (world) => ({
      handler: async (message) => {
        const work = world.outside('mail').call(message.value, { key: idOf(message) })
        await Promise.race([work, world.sleep(15)])
      },
    }),
  },
  {
    name: 'has a side effect without a key',
    finds: ['duplicated-effect'],
    start: (world) => ({
      handler: async (message) => {
        await world.outside('mail').call(message.value)
      },
    }),
  },
  {
    name: 'sends by a producer of its own',
    finds: ['duplicated-effect'],
    start: (world) => {
      const producer = world.runtime.producer(invoices, { id: 'biller' })
      return {
        handler: async (message) => {
          await producer.send(message.value)
        },
      }
    },
  },
  {
    name: 'sends by a producer of its own some time after it returned',
    finds: ['lost-effect'],
    start: (world) => {
      const producer = world.runtime.producer(invoices, { id: 'biller' })
      return {
        handler: (message) => {
          void world.sleep(10).then(() => producer.send(message.value, { messageId: idOf(message) }))
        },
      }
    },
  },
  {
    name: 'keeps its state in a variable',
    finds: ['state-lost'],
    start: () => {
      let sum = 0
      return {
        handler: (message) => {
          sum += message.value.amount
        },
        view: () => sum,
      }
    },
  },
  {
    name: 'numbers its mails in a variable',
    finds: ['state-lost', 'order-dependent'],
    start: (world) => {
      let count = 0
      return {
        handler: async (message) => {
          count += 1
          await world.outside('mail').call({ count }, { key: idOf(message) })
        },
      }
    },
  },
  {
    name: 'remembers in a variable what it did',
    finds: ['duplicated-effect'],
    start: (world) => {
      const done = new Set<string>()
      return {
        handler: async (message) => {
          if (done.has(idOf(message))) return
          await world.outside('mail').call(message.value)
          done.add(idOf(message))
        },
      }
    },
  },
  {
    name: 'counts in a table without remembering the message',
    finds: ['duplicated-effect'],
    start: (world) => ({
      handler: async (message) => {
        await world
          .table<number>('sums')
          .update(message.value.customer, (sum = 0) => sum + message.value.amount)
      },
    }),
  },
  {
    name: 'marks a message as done before the work',
    finds: ['lost-effect'],
    start: (world) => ({
      handler: async (message) => {
        const done = world.table<boolean>('done')
        if ((await done.get(idOf(message))) === true) return
        await done.set(idOf(message), true)
        await world.outside('mail').call(message.value)
      },
    }),
  },
  {
    name: 'marks a message as done after the work, in a second step',
    finds: ['duplicated-effect'],
    start: (world) => ({
      handler: async (message) => {
        const done = world.table<boolean>('done')
        if ((await done.get(idOf(message))) === true) return
        await world.outside('mail').call(message.value)
        await done.set(idOf(message), true)
      },
    }),
  },
  {
    name: 'calls first and checks afterwards',
    finds: ['duplicated-effect'],
    start: (world) => ({
      handler: async (message) => {
        await world.outside('mail').call(message.value)
        if (message.value.amount % 3 === 1) throw new RangeError('a bad amount')
      },
    }),
  },
  {
    name: 'works on the first attempt only',
    finds: ['lost-effect'],
    start: (world) => ({
      handler: async (message) => {
        if (message.attempt === 1) await world.outside('mail').call(message.value)
      },
    }),
  },
  {
    name: 'gathers messages and does the work for several at once',
    // With fewer messages than it waits for, all that is seen is what it kept in a variable.
    finds: ['lost-effect', 'state-lost'],
    start: (world) => {
      const gathered: Order[] = []
      return {
        handler: async (message) => {
          gathered.push(message.value)
          if (gathered.length < 3) return
          const all = gathered.splice(0)
          for (const order of all) await world.outside('mail').call(order)
        },
        view: () => gathered.length,
      }
    },
  },
  {
    name: 'decides by chance',
    finds: ['nondeterminism'],
    start: (world) => ({
      handler: async (message) => {
        const copies = new Uint8Array(1)
        globalThis.crypto.getRandomValues(copies)
        await world.outside('mail').call({ ...message.value, copies: copies[0] }, { key: idOf(message) })
      },
    }),
  },
  {
    name: 'never ends for some messages',
    finds: ['handler-never-ends'],
    start: () => ({
      handler: (message) => (message.value.amount % 4 === 2 ? new Promise(() => {}) : undefined),
    }),
  },
  {
    name: 'takes it that orders of all customers come one after the other',
    finds: ['order-dependent', 'state-lost', 'duplicated-effect'],
    start: (world) => {
      let last = 0
      return {
        handler: async (message) => {
          await world
            .outside('mail')
            .call({ amount: message.value.amount, after: last }, { key: idOf(message) })
          last = message.value.amount
        },
      }
    },
  },
  {
    name: 'waits far too long, by a timer of the platform',
    finds: ['handler-never-ends'],
    start: (world) => ({
      handler: async (message) => {
        const later = globalThis.setTimeout
        if (message.value.amount % 4 === 2) await new Promise((resolve) => later(resolve, 3_600_000))
        await world.outside('mail').call(message.value, { key: idOf(message) })
      },
    }),
  },
  {
    name: 'acks beside the work',
    finds: ['work-after-ack'],
    start: (world) => ({
      handler: async (message) => {
        await Promise.all([message.ack(), world.outside('mail').call(message.value, { key: idOf(message) })])
      },
    }),
  },
  {
    name: 'leaves the work to a queue in memory, which a timer works off',
    finds: ['lost-effect'],
    start: (world) => {
      const queue: Order[] = []
      const every = globalThis.setInterval
      every(() => {
        const order = queue.shift()
        if (order !== undefined) {
          world
            .outside('mail')
            .call(order)
            .catch(() => {})
        }
      }, 50)
      return {
        handler: (message) => {
          queue.push(message.value)
        },
      }
    },
  },
  {
    name: 'has a key that is another in each attempt',
    finds: ['duplicated-effect'],
    start: (world) => ({
      handler: async (message) => {
        await world.outside('mail').call(message.value, { key: `${idOf(message)} ${message.attempt}` })
      },
    }),
  },
  {
    name: 'locks by a row that a crash leaves behind',
    // The call is lost; where the crash comes after it, the rows are written twice.
    finds: ['lost-effect', 'duplicated-effect'],
    start: (world) => ({
      handler: async (message) => {
        const locks = world.table<boolean>('locks')
        if ((await locks.get(idOf(message))) === true) return
        await locks.set(idOf(message), true)
        await world.outside('mail').call(message.value, { key: idOf(message) })
        await locks.delete(idOf(message))
      },
    }),
  },
]
