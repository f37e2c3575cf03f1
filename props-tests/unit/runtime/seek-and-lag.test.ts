/**
 * Moving a group, and how far it is behind.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { defineTopic, InvalidOptionError } from '../../../runtime/index.ts'
import type { Consumer, PartitionLag, SeekTarget } from '../../../runtime/index.ts'
import { deferred, openWorld } from '../../support/consume-world.ts'
import type { World } from '../../support/consume-world.ts'

const kept = defineTopic<number>('kept', { retain: { ms: 1e12 } })
const wide = defineTopic<number>('wide', { retain: { ms: 1e12 }, partitions: 2 })
const jobs = defineTopic<number>('jobs')

/** Ten messages, one each second, all handled. */
async function handledTen(seen: number[]): Promise<{ world: World; consumer: Consumer<number> }> {
  const world = await openWorld()
  const producer = world.runtime.producer(kept, { id: 'p' })
  for (let value = 0; value < 10; value += 1) {
    await producer.send(value)
    await world.clock.advance(1_000)
  }
  const consumer = world.runtime.consumer(kept, { group: 'g' })
  void consumer.run(({ value }) => void seen.push(value))
  await world.settle()
  seen.length = 0
  return { world, consumer }
}

async function seek(world: World, consumer: Consumer<number>, target: SeekTarget): Promise<void> {
  const moved = consumer.seek(target)
  await world.settle()
  await moved
}

async function numbers(consumer: Consumer<number>): Promise<Omit<PartitionLag, 'partition' | 'oldestAgeMs'>> {
  const [lag = assert.fail('a partition')] = (await consumer.lag()).partitions
  const { ready, leased, delayed } = lag
  return { ready, leased, delayed }
}

describe('seek', () => {
  const all = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
  const startMs = 1_767_225_600_000
  const cases: [string, SeekTarget, number][] = [
    ['earliest', 'earliest', 0],
    ['latest', 'latest', 10],
    ['an offset', { offset: 7 }, 7],
    ['an offset beyond the end', { offset: 1_000 }, 10],
    ['a time', { time: startMs + 3_500 }, 4],
    ['a Date', { time: new Date(startMs + 9_000) }, 9],
    ['a time before all', { time: 0 }, 0],
    ['a time after all', { time: startMs + 1e9 }, 10],
  ]
  for (const [name, target, from] of cases) {
    it(`SK2: ${name} begins at offset ${from}`, async () => {
      const seen: number[] = []
      const { world, consumer } = await handledTen(seen)
      await seek(world, consumer, target)
      assert.deepEqual(seen, all.slice(from))
      assert.deepEqual(world.raised, [], 'a replay is no gap and no repeat')
    })
  }

  it('SK1: after a crash the group stands where it stood, or where it was to go', async () => {
    for (const isDurable of [false, true]) {
      const seen: number[] = []
      const { world, consumer } = await handledTen(seen)
      void world.runtime.consumer(kept, { group: 'g' })
      consumer.pause()
      if (!isDurable) world.store.beforeCommit = () => new Promise<void>(() => {})
      void consumer.seek({ offset: 6 })
      await world.settle()
      await world.crash()
      void world.runtime.consumer(kept, { group: 'g' }).run(({ value }) => void seen.push(value))
      await world.settle()
      assert.deepEqual(seen, isDurable ? [6, 7, 8, 9] : [])
    }
  })

  it('SK1: an ack that was asked for before the move does not land after it', async () => {
    const world = await openWorld()
    await world.runtime.producer(kept, { id: 'p' }).sendBatch([0, 1, 2])
    const consumer = world.runtime.consumer(kept, { group: 'g' })
    const seen: number[] = []
    let moved: Promise<void> | undefined
    void consumer.run(({ value }) => {
      seen.push(value)
      if (value === 2) moved ??= Promise.resolve().then(() => consumer.seek('earliest'))
    })
    await world.settle()
    await moved
    assert.deepEqual(seen, [0, 1, 2, 0, 1, 2])
  })

  it('a move without a partition moves all of them', async () => {
    const world = await openWorld()
    const producer = world.runtime.producer(wide, { id: 'p' })
    for (const partition of [0, 1, 1]) await producer.send(partition, { partition })
    const runs: string[] = []
    const consumer = world.runtime.consumer(wide, { group: 'g' })
    void consumer.run(({ partition, offset }) => void runs.push(`${partition}@${offset}`))
    await world.settle()
    const places = ['0@0', '1@0', '1@1']
    assert.deepEqual(runs.toSorted(), places)
    await seek(world, consumer, 'earliest')
    assert.deepEqual(runs.slice(3).toSorted(), places)
  })

  it('a move of one partition leaves the deliveries of the others alone', async () => {
    const world = await openWorld()
    const producer = world.runtime.producer(wide, { id: 'p' })
    await producer.send(0, { partition: 0 })
    await producer.send(1, { partition: 1 })
    const gate = deferred()
    const runs: string[] = []
    const signals: AbortSignal[] = []
    const consumer = world.runtime.consumer(wide, { group: 'g', concurrency: 4 })
    void consumer.run(async ({ partition, attempt }, { signal }) => {
      runs.push(`${partition}/${attempt}`)
      signals[partition] ??= signal
      await gate.promise
    })
    await world.settle()
    await seek(world, consumer, { offset: 0, partition: 1 })
    assert.deepEqual(runs.toSorted(), ['0/1', '1/1', '1/1'])
    assert.deepEqual(
      signals.map(({ aborted }) => aborted),
      [false, true],
    )
    gate.resolve()
    await world.settle()
    assert.equal((await consumer.lag()).total, 0)
  })

  it('moves at once one after the other end in the last one, and nothing is twice under way', async () => {
    const seen: number[] = []
    const { world, consumer } = await handledTen(seen)
    const moves = [consumer.seek('earliest'), consumer.seek('latest'), consumer.seek({ offset: 8 })]
    await world.settle()
    await Promise.all(moves)
    assert.deepEqual(seen, [8, 9])
  })

  it('a dead letter stays one: a replay passes over it, and it can be redriven then', async () => {
    const world = await openWorld()
    await world.runtime.producer(kept, { id: 'p' }).sendBatch([0, 1, 2])
    const consumer = world.runtime.consumer(kept, { group: 'g', maxDeliveries: 1 })
    const seen: number[] = []
    void consumer.run(({ value }) => {
      seen.push(value)
      if (value === 1 && seen.length < 4) throw new TypeError('no')
    })
    await world.settle()
    await seek(world, consumer, 'earliest')
    assert.deepEqual(seen, [0, 1, 2, 0, 2])
    const redriven = world.runtime.deadLetters(kept, { group: 'g' }).redrive()
    await world.settle()
    assert.equal((await redriven).count, 1)
    assert.deepEqual(seen, [0, 1, 2, 0, 2, 1])
    assert.equal((await consumer.lag()).total, 0)
  })

  it('a wrong target is refused by name and moves nothing', async () => {
    const world = await openWorld()
    const consumer = world.runtime.consumer(wide, { group: 'g' })
    const wrong = [
      'first',
      {},
      { offset: -1 },
      { offset: 1.5 },
      { time: Number.NaN },
      { offset: 0, time: 1 },
      null,
    ]
    for (const target of [...wrong, { offset: 0, partition: 2 }, { ofset: 1 }]) {
      await assert.rejects(consumer.seek(target as SeekTarget), InvalidOptionError)
    }
  })
})

describe('lag', () => {
  it('LAG1: ready, leased and delayed are what is not done, in every state', async () => {
    const world = await openWorld()
    const producer = world.runtime.producer(jobs, { id: 'p' })
    const consumer = world.runtime.consumer(jobs, { group: 'g', concurrency: 2, maxDeliveries: 2 })
    assert.deepEqual(await consumer.lag(), {
      total: 0,
      partitions: [{ partition: 0, ready: 0, leased: 0, delayed: 0, oldestAgeMs: 0 }],
    })
    await producer.sendBatch([0, 1, 2, 3])
    await producer.send(4, { delayMs: 1e6 })
    await world.clock.advance(500)
    assert.deepEqual(await numbers(consumer), { ready: 5, leased: 0, delayed: 0 }, 'not read yet')
    assert.equal((await consumer.lag()).partitions[0]?.oldestAgeMs, 500)
    const gates = [0, 1, 2, 3, 4].map(() => deferred())
    void consumer.run(({ value }) => gates[value]?.promise)
    await world.settle()
    assert.deepEqual(await numbers(consumer), { ready: 2, leased: 2, delayed: 1 })
    gates[1]?.resolve()
    gates[0]?.reject(new TypeError('no'))
    await world.settle()
    assert.deepEqual(await numbers(consumer), { ready: 0, leased: 2, delayed: 2 })
    gates[2]?.resolve()
    gates[3]?.resolve()
    await world.clock.advance(1_000)
    assert.deepEqual(await numbers(consumer), { ready: 0, leased: 0, delayed: 1 }, 'the dead are not counted')
    assert.equal(world.events('dead-letter').length, 1)
    consumer.pause()
    const redriven = world.runtime.deadLetters(jobs, { group: 'g' }).redrive()
    await world.settle()
    await redriven
    assert.deepEqual(await numbers(consumer), { ready: 1, leased: 0, delayed: 1 }, 'redriven ones are again')
    await world.crash()
    const next = world.runtime.consumer(jobs, { group: 'g' })
    assert.equal((await next.lag()).total, 2)
  })
})
