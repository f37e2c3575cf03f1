/**
 * Loops over a consumer that are right: no check may find anything in them.
 *
 * Owns: one loop for each right way to write `for await`. Leaves running them to the tests.
 */
import type { Consumer, Message } from '../../runtime/index.ts'
import type { World } from '../index.ts'
import { idOf, invoices } from './right-handlers.ts'
import type { Order, Subject } from './right-handlers.ts'

/** The work that most of them do. */
export async function mailTo(world: World, message: Message<Order>): Promise<void> {
  await world.outside('mail').call(message.value, { key: idOf(message) })
}

/** Works, and says what became of it. */
async function settle(world: World, message: Message<Order>): Promise<void> {
  try {
    await mailTo(world, message)
  } catch {
    return message.nack({ delayMs: 20 })
  }
  await message.ack()
}

/** A subject that is a loop. */
export function looping(
  name: string,
  loop: (consumer: Consumer<Order>, world: World) => Promise<unknown>,
): Subject {
  return { name, start: (world) => ({ loop: (consumer) => loop(consumer, world) }) }
}

/** Settles what was gathered, every now and then. */
async function every(world: World, work: () => Promise<unknown>): Promise<never> {
  for (;;) {
    await world.sleep(30)
    await work()
  }
}

export const rightLoops: readonly Subject[] = [
  looping('a loop acks after its work, and gives back what failed', async (consumer, world) => {
    for await (const message of consumer) await settle(world, message)
  }),
  looping('a loop lets an error end its process', async (consumer, world) => {
    for await (const message of consumer) {
      await mailTo(world, message)
      await message.ack()
    }
  }),
  looping('a loop acks in finally what it knows to be done', async (consumer, world) => {
    for await (const message of consumer) {
      let isDone = false
      try {
        await mailTo(world, message)
        isDone = true
      } catch {
        // It is given back.
      } finally {
        await (isDone ? message.ack() : message.nack())
      }
    }
  }),
  looping('a loop collects promises', async (consumer, world) => {
    const working = new Set<Promise<void>>()
    for await (const message of consumer) {
      const work = settle(world, message)
      working.add(work)
      void work.finally(() => working.delete(work))
    }
    await Promise.all(working)
  }),
  looping('a loop takes one message, is left by a break, and begins again', async (consumer, world) => {
    for (;;) {
      for await (const message of consumer) {
        await settle(world, message)
        break
      }
    }
  }),
  looping('a loop that an error ends begins again', async (consumer, world) => {
    for (let isOver = false; !isOver;) {
      try {
        for await (const message of consumer) {
          await mailTo(world, message)
          await message.ack()
        }
        isOver = true
      } catch {
        await world.sleep(10)
      }
    }
  }),
  looping('a loop takes a rest after each ack', async (consumer, world) => {
    for await (const message of consumer) {
      await settle(world, message)
      await world.sleep(40)
    }
  }),
  looping('a loop works in batches, each message under its own key', async (consumer, world) => {
    let batch: Message<Order>[] = []
    const flush = (): Promise<unknown> => Promise.all(batch.splice(0).map((each) => settle(world, each)))
    void every(world, flush)
    for await (const message of consumer) {
      batch = [...batch, message]
      if (batch.length >= 3) await flush()
    }
  }),
  looping('a loop works off a batch one by one', async (consumer, world) => {
    const batch: Message<Order>[] = []
    const flush = async (): Promise<void> => {
      for (const each of batch.splice(0)) await settle(world, each)
    }
    void every(world, flush)
    for await (const message of consumer) {
      batch.push(message)
      if (batch.length >= 3) await flush()
    }
  }),
  looping('a loop gets its messages through a generator', async (consumer, world) => {
    async function* large(): AsyncGenerator<Message<Order>> {
      for await (const message of consumer) {
        if (message.value.amount > 10) yield message
        else await message.ack()
      }
    }
    for await (const message of large()) await settle(world, message)
  }),
  looping('an iterator is asked by hand', async (consumer, world) => {
    const messages = consumer[Symbol.asyncIterator]()
    for (let next = await messages.next(); next.done !== true; next = await messages.next()) {
      await settle(world, next.value)
    }
  }),
  looping('a loop sends by a producer of its own, under a stable message id', async (consumer, world) => {
    const producer = world.runtime.producer(invoices, { id: 'biller' })
    for await (const message of consumer) {
      await producer.send(message.value, { messageId: idOf(message) })
      await message.ack()
    }
  }),
  looping('a loop works for long, and extends its lease', async (consumer, world) => {
    for await (const message of consumer) {
      message.extend(400_000)
      await world.sleep(100_000)
      await settle(world, message)
    }
  }),
  looping('a loop gives bad messages up', async (consumer, world) => {
    for await (const message of consumer) {
      if (message.value.amount % 5 === 4) await message.deadLetter('a bad amount')
      else await settle(world, message)
    }
  }),
  looping('a loop sends two mails of one text, each under its own key', async (consumer, world) => {
    for await (const message of consumer) {
      await world.outside('mail').call('hello', { key: `first ${idOf(message)}` })
      await world.outside('mail').call('hello', { key: `second ${idOf(message)}` })
      await message.ack()
    }
  }),
]
