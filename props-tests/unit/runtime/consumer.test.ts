/**
 * Consumers and groups: who shares what, from where a group starts, how it stops and goes on.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { defineTopic, InvalidOptionError } from '../../../runtime/index.ts'
import { deferred, openWorld, standing } from '../../support/consume-world.ts'
import type { World } from '../../support/consume-world.ts'

const jobs = defineTopic<number>('jobs')
const values = Array.from({ length: 20 }, (_, index) => index)

async function worldWith(list: readonly number[] = values): Promise<World> {
  const world = await openWorld()
  await world.runtime.producer(jobs, { id: 'p' }).sendBatch(list)
  return world
}

describe('Consumer', () => {
  it('CN1: a second run or loop of one consumer is refused, and disturbs nothing', async () => {
    const world = await worldWith()
    const consumer = world.runtime.consumer(jobs, { group: 'g' })
    const seen: number[] = []
    void consumer.run(({ value }) => void seen.push(value))
    await assert.rejects(
      consumer.run(() => {}),
      InvalidOptionError,
    )
    assert.throws(() => consumer[Symbol.asyncIterator](), InvalidOptionError)
    await world.settle()
    assert.deepEqual(seen, values)
  })

  it('CN1: two consumers of a group share its messages, each once; when one closes, the other has the rest', async () => {
    const world = await worldWith()
    const seen: number[] = []
    const gate = deferred()
    const first = world.runtime.consumer(jobs, { group: 'g', concurrency: 2 })
    void first.run(async ({ value }) => {
      seen.push(value)
      await gate.promise
    })
    await world.settle()
    const closing = first.close()
    const second = world.runtime.consumer(jobs, { group: 'g', concurrency: 3 })
    void second.run(({ value }) => void seen.push(value))
    await world.settle()
    assert.equal(seen.length, 20)
    gate.resolve()
    await world.settle()
    await closing
    assert.deepEqual(
      seen.toSorted((a, b) => a - b),
      values,
    )
    assert.equal((await second.lag()).total, 0)
  })

  it('DS1: a group has one place however many consumers it has; two groups get everything each', async () => {
    const world = await worldWith()
    const seen: string[] = []
    for (const group of ['a', 'a', 'b']) {
      void world.runtime
        .consumer(jobs, { group, concurrency: 2 })
        .run(({ value }) => void seen.push(`${group}${value}`))
    }
    await world.settle()
    assert.deepEqual(seen.toSorted(), values.flatMap((value) => [`a${value}`, `b${value}`]).toSorted())
  })

  it('CN2: close waits for what runs, and nothing begins afterwards', async () => {
    const world = await worldWith()
    const gate = deferred()
    let runs = 0
    const consumer = world.runtime.consumer(jobs, { group: 'g', concurrency: 3 })
    void consumer.run(() => {
      runs += 1
      return gate.promise
    })
    await world.settle()
    const closing = consumer.close()
    assert.equal(await standing(world, closing), 'pending')
    gate.resolve()
    assert.equal(await standing(world, closing), 'resolved')
    assert.equal(runs, 3)
    const pending = world.clock.pending
    await world.clock.advance(5_000)
    assert.equal(runs, 3)
    assert.ok(world.clock.pending <= pending, 'no timer of it is left')
    await assert.rejects(
      consumer.run(() => {}),
      InvalidOptionError,
    )
  })

  it('CN2: close is the same whether it runs, waits, was never started or was closed before', async () => {
    const world = await worldWith([])
    const idle = world.runtime.consumer(jobs, { group: 'g' })
    const waiting = world.runtime.consumer(jobs, { group: 'g' })
    const run = waiting.run(() => {})
    for (const closing of [idle.close(), idle.close(), waiting.close(), waiting.close(), run]) {
      assert.equal(await standing(world, closing), 'resolved')
    }
  })

  it('a consumer on a topic that nobody has sent to waits, and gets what comes', async () => {
    const world = await openWorld()
    const seen: number[] = []
    void world.runtime.consumer(jobs, { group: 'g' }).run(({ value }) => void seen.push(value))
    await world.clock.advance(60_000)
    await world.runtime.producer(jobs, { id: 'p' }).send(1)
    await world.settle()
    assert.deepEqual(seen, [1])
    assert.deepEqual(world.raised, [])
  })

  it('pause lets running handlers end and begins none, also with leases on their way; resume goes on', async () => {
    const world = await worldWith()
    const consumer = world.runtime.consumer(jobs, { group: 'g', concurrency: 2 })
    const seen: number[] = []
    const gate = deferred()
    let commits = deferred()
    void consumer.run(async ({ value, attempt }) => {
      assert.equal(attempt, 1)
      seen.push(value)
      if (value < 2) await gate.promise
    })
    await world.settle()
    world.store.beforeCommit = () => commits.promise
    gate.resolve()
    await world.settle()
    consumer.pause()
    commits.resolve()
    await world.settle()
    assert.deepEqual(seen, [0, 1])
    commits = deferred()
    commits.resolve()
    consumer.resume()
    await world.settle()
    assert.deepEqual(seen, values)
  })

  it('DA1: a delayed message waits through restarts; a clock set back holds nothing up, one set forward is followed', async () => {
    const world = await openWorld()
    const producer = world.runtime.producer(jobs, { id: 'p' })
    await producer.send(1, { delayMs: 60_000 })
    await producer.send(2, { delayMs: 120_000 })
    await producer.send(3)
    const seen: number[] = []
    const consume = (): void => {
      void world.runtime.consumer(jobs, { group: 'g' }).run(({ value }) => void seen.push(value))
    }
    consume()
    await world.clock.advance(30_000)
    assert.deepEqual(seen, [3])
    await world.crash()
    consume()
    world.clock.jumpWall(-3_600_000)
    await world.clock.advance(29_000)
    assert.deepEqual(seen, [3])
    await world.clock.advance(1_500)
    assert.deepEqual(seen, [3, 1])
    world.clock.jumpWall(2 * 3_600_000)
    await world.clock.advance(1_500)
    assert.deepEqual(seen, [3, 1, 2])
  })

  it('a checkpoint in the middle changes nothing for who opens next', async () => {
    const outcomes: string[] = []
    for (const withCheckpoint of [false, true]) {
      const world = await worldWith()
      void world.runtime
        .consumer(jobs, { group: 'g', concurrency: 3, maxDeliveries: 2 })
        .run(({ value, attempt }) => {
          if (value % 5 === 1) throw new TypeError('dead')
          if (value % 5 === 2 && attempt === 1) throw new TypeError('later')
          return value % 5 === 3 ? new Promise(() => {}) : undefined
        })
      await world.clock.advance(40)
      if (withCheckpoint) {
        void world.runtime.close()
        await world.clock.advance(40_000)
        assert.notEqual(world.disk.checkpoint, undefined)
      } else {
        await world.clock.advance(40_000)
      }
      await world.crash()
      const seen: string[] = []
      void world.runtime
        .consumer(jobs, { group: 'g', concurrency: 3, maxDeliveries: 2 })
        .run(({ value, attempt }) => void seen.push(`${value}/${attempt}`))
      await world.clock.advance(10_000)
      const letters = await world.runtime.deadLetters(jobs, { group: 'g' }).list()
      const kept = letters.map(({ offset, reason, history }) => [offset, reason, history.length])
      outcomes.push(JSON.stringify([seen.toSorted(), kept]))
    }
    assert.equal(outcomes[0], outcomes[1])
  })
})
