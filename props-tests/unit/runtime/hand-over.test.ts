/**
 * An ack and the sends of its handler: one record, or nothing.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { z } from 'zod'
import { DiskFullError, defineTopic, StaleLeaseError } from '../../../runtime/index.ts'
import type { Handler } from '../../../runtime/index.ts'
import { readEvent } from '../../../runtime/internal.ts'
import { deferred, openWorld } from '../../support/consume-world.ts'
import type { World } from '../../support/consume-world.ts'

const jobs = defineTopic<number>('jobs')
const left = defineTopic('left', { schema: z.object({ id: z.number() }) })
const right = defineTopic<{ id: number }>('right', { partitions: 2 })
const bytes = defineTopic<Uint8Array>('bytes', { codec: 'binary' })

async function worldWith(...values: number[]): Promise<World> {
  const world = await openWorld()
  await world.runtime.producer(jobs, { id: 'p' }).sendBatch(values)
  return world
}

function run(world: World, handler: Handler<number>, concurrency = 1): void {
  void world.runtime.consumer(jobs, { group: 'g', concurrency, maxDeliveries: 3 }).run(handler)
}

async function countIn(world: World, ...topics: readonly (typeof left | typeof right)[]): Promise<number> {
  let count = 0
  for (const topic of topics)
    void world.runtime.consumer(topic, { group: 'count' }).run(() => void (count += 1))
  await world.settle()
  return count
}

describe('hand-over', () => {
  it('GU1: the attempt is in the batch of the lease, before the handler runs', async () => {
    const world = await worldWith(1)
    let atStart: string[] = []
    run(world, () => {
      atStart = world.disk.batches.flatMap(({ events }) => events.map((event) => readEvent(event).kind))
    })
    await world.settle()
    assert.ok(atStart.includes('lease'))
    assert.ok(!atStart.includes('ack'))
  })

  it('GU2 and HC1: the ack and the sends to several topics are one batch, unseen before it is durable', async () => {
    const world = await worldWith(1)
    const seen: number[] = []
    void world.runtime.consumer(left, { group: 'l' }).run(({ value }) => void seen.push(value.id))
    void world.runtime.consumer(right, { group: 'r' }).run(({ value }) => void seen.push(value.id))
    const gate = deferred()
    run(world, (_, { send }) => {
      send(left, { id: 1 })
      send(right, { id: 2 })
      send(right, { id: 3 })
      world.store.beforeCommit = () => gate.promise
    })
    await world.settle()
    assert.deepEqual(seen, [])
    const before = world.disk.batches.length
    gate.resolve()
    await world.settle()
    const batch = world.disk.batches[before]
    assert.equal(
      batch?.runs.reduce((sum, { count }) => sum + count, 0),
      3,
    )
    assert.equal(batch?.events.filter((event) => readEvent(event).kind === 'ack').length, 1)
    assert.deepEqual(
      seen.toSorted((a, b) => a - b),
      [1, 2, 3],
    )
  })

  it('GU2: a crash before the batch is durable leaves neither ack nor sends, and after it both', async () => {
    for (const isDurable of [false, true]) {
      const world = await worldWith(1)
      run(world, (_, { send }) => {
        send(left, { id: 1 })
        if (!isDurable) world.store.beforeCommit = () => new Promise<void>(() => {})
      })
      await world.settle()
      await world.crash()
      assert.equal(world.runtime.recovery.leasesReturned, isDurable ? 0 : 1)
      assert.equal(await countIn(world, left), isDurable ? 1 : 0)
    }
  })

  for (const [name, handler] of refusals()) {
    it(`HC1: ${name} makes the attempt fail and writes nothing`, async () => {
      const world = await worldWith(1)
      const attempts: number[] = []
      run(world, (message, context) => {
        attempts.push(message.attempt)
        context.send(right, { id: 1 })
        return handler(message, context)
      })
      await world.clock.advance(10_000)
      assert.deepEqual(attempts, [1, 2, 3])
      assert.equal(await countIn(world, left, right), 0)
      assert.equal((await world.runtime.deadLetters(jobs, { group: 'g' }).list()).length, 1)
    })
  }

  it('HC1: a send after the ack is refused and writes nothing', async () => {
    const world = await worldWith(1)
    const errors: unknown[] = []
    run(world, async (message, { send }) => {
      await message.ack()
      try {
        send(right, { id: 1 })
      } catch (error) {
        errors.push(error)
      }
    })
    await world.settle()
    assert.ok(errors[0] instanceof StaleLeaseError)
    assert.equal(await countIn(world, right), 0)
  })

  it('HC1: on a full disk hand-overs wait whole, plain acks go on, and all goes on when space returns', async () => {
    const world = await worldWith(1, 2, 3, 4)
    let isFull = false
    world.store.beforeCommit = (batch) => {
      if (isFull && batch.runs.length > 0) throw new DiskFullError('full', { outcome: 'not-written' })
    }
    const seen: number[] = []
    run(
      world,
      ({ value }, { send }) => {
        isFull ||= value === 1
        seen.push(value)
        if (value === 1) send(right, { id: value })
      },
      2,
    )
    await world.clock.advance(5_000)
    assert.deepEqual(seen, [1, 2, 3, 4], 'each runs once: a full disk is no failed attempt')
    const consumer = world.runtime.consumer(jobs, { group: 'g' })
    assert.equal((await consumer.lag()).total, 1)
    isFull = false
    await world.clock.advance(5_000)
    assert.equal((await consumer.lag()).total, 0)
    assert.equal(await countIn(world, right), 1)
    assert.deepEqual(seen, [1, 2, 3, 4])
  })

  it('BI1, EN2: a refused value leaves no number and makes a nack: the next one follows the last', async () => {
    const world = await worldWith(1, 2)
    run(world, (message, { send }) => {
      if (message.value === 1 && message.attempt === 1) send(left, { id: 'no' as unknown as number })
      send(left, { id: message.value })
    })
    await world.clock.advance(1_000)
    const sequences: number[] = []
    void world.runtime
      .consumer(left, { group: 'l' })
      .run(({ producer }) => void sequences.push(producer.sequence))
    await world.settle()
    assert.deepEqual(sequences, [1, 2])
    assert.deepEqual(world.raised, [])
  })
})

function refusals(): [string, Handler<number>][] {
  const slow = defineTopic('left', {
    schema: {
      '~standard': {
        version: 1 as const,
        vendor: 'test',
        validate: () => Promise.resolve({ issues: [{ message: 'no' }] }),
      },
    },
  })
  return [
    ['a value that the schema refuses', (_, { send }) => send(left, { id: 'x' as unknown as number })],
    ['a value that the schema refuses later', (_, { send }) => send(slow, 1)],
    ['a value that is too large', (_, { send }) => send(bytes, new Uint8Array(2 * 1024 * 1024))],
    [
      'more than one batch can hold',
      (_, { send }) => {
        for (let i = 0; i < 5; i += 1) send(bytes, new Uint8Array(1024 * 1024))
      },
    ],
    ['a partition that does not exist', (_, { send }) => send(right, { id: 1 }, { partition: 9 })],
    ['an unknown option', (_, { send }) => send(right, { id: 1 }, { kay: 'a' } as object)],
    ['a failure after its sends', () => Promise.reject(new TypeError('late'))],
  ]
}
