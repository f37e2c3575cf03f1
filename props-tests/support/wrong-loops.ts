/**
 * Loops over a consumer that are wrong, as users write them: each must be found, by a name that says what is wrong.
 *
 * Owns: one loop for each mistake. Leaves running them to the tests.
 */
import type { Consumer } from '../../runtime/index.ts'
import type { World } from '../index.ts'
import { idOf, invoices } from './right-handlers.ts'
import type { Order, Subject } from './right-handlers.ts'
import { looping, mailTo } from './right-loops.ts'

function wrong(
  name: string,
  finds: readonly string[],
  loop: (consumer: Consumer<Order>, world: World) => Promise<unknown>,
): Subject {
  return { ...looping(name, loop), finds }
}

export const wrongLoops: readonly Subject[] = [
  wrong('a loop acks before its work', ['work-after-ack'], async (consumer, world) => {
    for await (const message of consumer) {
      await message.ack()
      await mailTo(world, message)
    }
  }),
  wrong('a loop does not wait for its work', ['work-after-ack', 'lost-effect'], async (consumer, world) => {
    for await (const message of consumer) {
      mailTo(world, message).catch(() => {})
      await message.ack()
    }
  }),
  wrong('a loop collects promises that ack at once', ['work-after-ack'], async (consumer, world) => {
    for await (const message of consumer) {
      void message.ack().then(() => mailTo(world, message))
    }
  }),
  wrong('a loop swallows an error', ['lost-effect'], async (consumer, world) => {
    for await (const message of consumer) {
      await mailTo(world, message).catch(() => {})
      await message.ack()
    }
  }),
  wrong('a loop acks in finally', ['lost-effect'], async (consumer, world) => {
    for await (const message of consumer) {
      try {
        await mailTo(world, message)
      } finally {
        await message.ack()
      }
    }
  }),
  wrong('a loop has a side effect without a key', ['duplicated-effect'], async (consumer, world) => {
    for await (const message of consumer) {
      await world.outside('mail').call(message.value)
      await message.ack()
    }
  }),
  wrong('a loop has another key in each attempt', ['duplicated-effect'], async (consumer, world) => {
    for await (const message of consumer) {
      await world.outside('mail').call(message.value, { key: `${idOf(message)} ${message.attempt}` })
      await message.ack()
    }
  }),
  wrong('a loop sends by a producer of its own', ['duplicated-effect'], async (consumer, world) => {
    const producer = world.runtime.producer(invoices, { id: 'biller' })
    for await (const message of consumer) {
      await producer.send(message.value)
      await message.ack()
    }
  }),
  wrong('a loop sends some time later, and does not wait', ['lost-effect'], async (consumer, world) => {
    const producer = world.runtime.producer(invoices, { id: 'biller' })
    for await (const message of consumer) {
      void world.sleep(10).then(() => producer.send(message.value, { messageId: idOf(message) }))
      await message.ack()
    }
  }),
  wrong('a loop counts in a table', ['duplicated-effect'], async (consumer, world) => {
    for await (const message of consumer) {
      const { customer, amount } = message.value
      await world.table<number>('sums').update(customer, (sum = 0) => sum + amount)
      await message.ack()
    }
  }),
  {
    name: 'a loop keeps its state in a variable',
    finds: ['state-lost'],
    start: () => {
      let sum = 0
      const loop = async (consumer: Consumer<Order>): Promise<void> => {
        for await (const message of consumer) {
          sum += message.value.amount
          await message.ack()
        }
      }
      return { loop, view: () => sum }
    },
  },
  wrong('a loop forgets the ack', ['left-behind'], async (consumer, world) => {
    for await (const message of consumer) await mailTo(world, message)
  }),
  wrong('a loop passes over some messages without an ack', ['left-behind'], async (consumer, world) => {
    for await (const message of consumer) {
      if (message.value.amount % 7 === 3) continue
      await mailTo(world, message)
      await message.ack()
    }
  }),
  wrong('a loop works for longer than its lease', ['left-behind'], async (consumer, world) => {
    for await (const message of consumer) {
      await world.sleep(100_000)
      await mailTo(world, message)
      await message.ack()
    }
  }),
  wrong('a loop ends by an error that is caught outside of it', ['left-behind'], async (consumer, world) => {
    try {
      for await (const message of consumer) {
        await mailTo(world, message)
        await message.ack()
      }
    } catch {
      // Nobody goes on.
    }
  }),
  wrong('a loop ends at a bad message', ['left-behind'], async (consumer, world) => {
    for await (const message of consumer) {
      if (message.value.amount % 7 === 3) {
        await message.deadLetter('a bad amount')
        break
      }
      await mailTo(world, message)
      await message.ack()
    }
  }),
  wrong('a loop throws at a bad message', ['uncaught-error'], async (consumer, world) => {
    for await (const message of consumer) {
      if (message.value.amount % 7 === 3) throw new RangeError('a bad amount')
      await mailTo(world, message)
      await message.ack()
    }
  }),
  wrong('a loop waits for ever at some messages', ['left-behind', 'handler-never-ends'], async (consumer) => {
    for await (const message of consumer) {
      if (message.value.amount % 7 === 3) await new Promise(() => {})
      await message.ack()
    }
  }),
  wrong('a loop acks a message when it has the next', ['left-behind'], async (consumer, world) => {
    let last: { ack: () => Promise<void> } | undefined
    for await (const message of consumer) {
      await last?.ack()
      await mailTo(world, message)
      last = message
    }
  }),
]
