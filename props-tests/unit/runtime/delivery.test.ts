/**
 * One attempt, its end, and what may still be asked after it.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { defineTopic, InvalidOptionError, StaleLeaseError } from '../../../runtime/index.ts'
import type { Message } from '../../../runtime/index.ts'
import { deferred, openWorld, standing } from '../../support/consume-world.ts'
import type { World } from '../../support/consume-world.ts'

const jobs = defineTopic<number>('jobs')
const results = defineTopic<number>('results')

type Verb = 'ack' | 'nack' | 'dead' | 'extend'
const verbs: readonly Verb[] = ['ack', 'nack', 'dead', 'extend']

async function ask(message: Message<number>, verb: Verb): Promise<void> {
  if (verb === 'ack') return message.ack()
  if (verb === 'nack') return message.nack({ delayMs: 0 })
  if (verb === 'dead') return message.deadLetter('test')
  return message.extend(1_000)
}

async function send(world: World, ...values: number[]): Promise<void> {
  await world.runtime.producer(jobs, { id: 'p' }).sendBatch(values)
}

/** Gets the first message of a loop that stays open. */
async function first(world: World, leaseMs = 30_000): Promise<Message<number>> {
  const loop = world.runtime.consumer(jobs, { group: 'g', leaseMs })[Symbol.asyncIterator]()
  const next = loop.next()
  await world.settle()
  const { value } = await next
  assert.ok(value !== undefined)
  return value
}

async function allStale(message: Message<number>, world: World): Promise<void> {
  const before = world.disk.batches.length
  for (const verb of verbs) await assert.rejects(ask(message, verb), StaleLeaseError, verb)
  await world.settle()
  assert.equal(world.disk.batches.length, before, 'a stale verb writes nothing')
}

describe('Delivery', () => {
  for (const end of ['ack', 'nack', 'dead'] as const) {
    it(`DV1 and ME1: after ${end} every verb is stale and writes nothing`, async () => {
      const world = await openWorld()
      await send(world, 1)
      const message = await first(world)
      const ended = ask(message, end)
      await assert.rejects(ask(message, 'ack'), StaleLeaseError, 'also before the end is durable')
      await world.settle()
      await ended
      if (end === 'nack') world.runtime.consumer(jobs, { group: 'g' }).pause()
      await allStale(message, world)
    })
  }

  it('DV1 and ME1: after its lease, after a seek and after a close, every verb is stale', async () => {
    const world = await openWorld()
    await send(world, 1, 2, 3)
    const consumer = world.runtime.consumer(jobs, { group: 'g', leaseMs: 1_000 })
    const loop = consumer[Symbol.asyncIterator]()
    const expired = await take(world, loop)
    await world.clock.advance(1_000)
    await allStale(expired, world)
    const moved = await take(world, loop)
    const seek = consumer.seek({ offset: 2 })
    await world.settle()
    await seek
    await allStale(moved, world)
    const left = await take(world, loop)
    const closing = consumer.close()
    await world.clock.advance(60_000)
    await closing
    await allStale(left, world)
    await world.runtime.close()
    await allStale(left, world)
  })

  it('DV1: a verb that was asked for settles, also when the runtime closes before it is durable', async () => {
    const world = await openWorld()
    await send(world, 1)
    const message = await first(world)
    const gate = deferred()
    world.store.beforeCommit = () => gate.promise
    const ack = message.ack()
    const closing = world.runtime.close()
    assert.equal(await standing(world, ack), 'pending')
    gate.resolve()
    await world.settle()
    await Promise.all([ack, closing])
  })

  it('a handler that acks and then throws has acked', async () => {
    const world = await openWorld()
    await send(world, 1, 2)
    const seen: number[] = []
    void world.runtime.consumer(jobs, { group: 'g' }).run(async (message) => {
      seen.push(message.value)
      await message.ack()
      throw new TypeError('too late')
    })
    await world.clock.advance(120_000)
    assert.deepEqual(seen, [1, 2])
    const consumer = world.runtime.consumer(jobs, { group: 'g' })
    assert.equal((await consumer.lag()).total, 0)
  })

  it('a reason of any length does not keep the message from its end', async () => {
    const world = await openWorld()
    await send(world, 1, 2)
    const loop = world.runtime.consumer(jobs, { group: 'g' })[Symbol.asyncIterator]()
    const huge = 'x'.repeat(8 * 1024 * 1024)
    const one = await take(world, loop)
    await settled(world, one.deadLetter(huge))
    const two = await take(world, loop)
    await settled(world, two.nack({ reason: huge, delayMs: 0 }))
    const again = await take(world, loop)
    assert.deepEqual([again.value, again.attempt], [2, 2])
    const [letter] = await world.runtime.deadLetters(jobs, { group: 'g' }).list()
    assert.ok((letter?.reason.length ?? 0) <= 1_000)
  })

  it('a refused option leaves the lease as it was', async () => {
    const world = await openWorld()
    await send(world, 1)
    const message = await first(world)
    await assert.rejects(message.nack({ delayMs: -1 }), InvalidOptionError)
    await assert.rejects(message.nack({ delayMS: 1 } as object), InvalidOptionError)
    assert.throws(() => message.extend(Number.NaN), InvalidOptionError)
    await settled(world, message.ack())
  })

  it('DV2: sends of an attempt that failed are never written, those of the next one are', async () => {
    const world = await openWorld()
    await send(world, 1)
    void world.runtime.consumer(jobs, { group: 'g' }).run((message, { send: stage }) => {
      stage(results, message.attempt)
      if (message.attempt === 1) throw new TypeError('no')
    })
    await world.clock.advance(1_000)
    assert.deepEqual(await drain(world), [2])
  })

  it('DV2: a hand-over under way when the group is moved is refused whole', async () => {
    const world = await openWorld()
    await send(world, 1)
    const schema = deferred<{ value: number }>()
    const checked = defineTopic('results', {
      schema: {
        '~standard': {
          version: 1 as const,
          vendor: 'test',
          validate: (value: unknown) => (value === 1 ? schema.promise : { value: Number(value) }),
        },
      },
    })
    const consumer = world.runtime.consumer(jobs, { group: 'g' })
    const errors: unknown[] = []
    let runs = 0
    void consumer.run(async (message, { send: stage }) => {
      runs += 1
      if (runs > 1) return
      stage(checked, 1)
      await message.ack().catch((error: unknown) => errors.push(error))
    })
    await world.settle()
    const seek = consumer.seek('latest')
    await world.settle()
    await seek
    schema.resolve({ value: 1 })
    await world.settle()
    assert.ok(errors[0] instanceof StaleLeaseError)
    assert.deepEqual(await drain(world), [])
  })
})

async function settled(world: World, promise: Promise<void>): Promise<void> {
  assert.equal(await standing(world, promise), 'resolved')
}

async function take(world: World, loop: AsyncIterator<Message<number>, undefined>): Promise<Message<number>> {
  const next = loop.next()
  assert.equal(await standing(world, next), 'resolved')
  const { value } = await next
  assert.ok(value !== undefined)
  return value
}

async function drain(world: World): Promise<number[]> {
  const found: number[] = []
  void world.runtime.consumer(results, { group: 'reader' }).run(({ value }) => void found.push(value))
  await world.settle()
  return found
}
