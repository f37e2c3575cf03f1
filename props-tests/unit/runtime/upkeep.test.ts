/**
 * What may leave the disk, and when.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { defineTopic, DiskFullError, type DataLoss, type Topic } from '../../../runtime/index.ts'
import { openWorld } from '../../support/consume-world.ts'
import type { World } from '../../support/consume-world.ts'

const plain = defineTopic<number>('plain')

async function sendTen(world: World, topic: Topic<number>): Promise<void> {
  const producer = world.runtime.producer(topic, { id: 'p' })
  for (let value = 0; value < 10; value += 1) {
    await producer.send(value)
    await world.clock.advance(1_000)
  }
}

async function handle(world: World, topic: Topic<number>, group: string): Promise<number[]> {
  const seen: number[] = []
  const consumer = world.runtime.consumer(topic, { group })
  void consumer.run(({ value }) => void seen.push(value))
  await world.settle()
  return seen
}

/** From where on the store was told to keep. */
function keptFrom(world: World): number {
  return world.store.trims.at(-1)?.get(1) ?? 0
}

describe('Upkeep', () => {
  it('UP1: a message goes when all groups are done with it, and not before', async () => {
    const world = await openWorld()
    world.runtime.consumer(plain, { group: 'slow' })
    await sendTen(world, plain)
    await handle(world, plain, 'fast')
    await world.clock.advance(5_000)
    assert.equal(keptFrom(world), 0)
    assert.deepEqual(await handle(world, plain, 'slow'), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    await world.clock.advance(5_000)
    assert.equal(keptFrom(world), 10)
    assert.deepEqual(world.raised, [])
  })

  it('UP1: kept by time for replay, but never past a group that still needs it', async () => {
    const timed = defineTopic<number>('timed', { retain: { ms: 5_000 } })
    const world = await openWorld()
    world.runtime.consumer(timed, { group: 'g' })
    await sendTen(world, timed)
    await world.clock.advance(60_000)
    assert.equal(keptFrom(world), 0)
    const seen = await handle(world, timed, 'g')
    assert.equal(seen.length, 10)
    await world.clock.advance(60_000)
    assert.equal(keptFrom(world), 10)
    assert.deepEqual(world.raised, [])
  })

  it('UP1: by bytes about so much is kept', async () => {
    const sized = defineTopic<string>('sized', { retain: { bytes: 20_000 } })
    const world = await openWorld()
    const producer = world.runtime.producer(sized, { id: 'p' })
    void world.runtime.consumer(sized, { group: 'g' }).run(() => {})
    for (let i = 0; i < 50; i += 1) await producer.send('x'.repeat(2_000))
    await world.clock.advance(5_000)
    const kept = 50 - keptFrom(world)
    assert.ok(kept >= 8 && kept <= 11, `${kept} of 2,000 bytes are kept`)
  })

  it('UP1: evenIfUnread takes it from groups too, says so, and nothing of theirs hangs', async () => {
    const strict = defineTopic<number>('strict', {
      retain: { ms: 4_000, evenIfUnread: true },
      key: () => 'k',
    })
    const world = await openWorld()
    const seen: number[] = []
    const retry = { minDelayMs: 20_000, maxDelayMs: 20_000 }
    void world.runtime.consumer(strict, { group: 'g', retry }).run(({ value }) => {
      if (value === 0) throw new TypeError('wait')
      seen.push(value)
    })
    await sendTen(world, strict)
    await world.clock.advance(2_000)
    await world.runtime.producer(strict, { id: 'q' }).send(10)
    await world.clock.advance(30_000)
    const losses = world.events('data-loss') as DataLoss[]
    assert.deepEqual([losses[0]?.group, losses[0]?.from], ['g', 0])
    losses.reduce((from, loss) => {
      assert.equal(loss.from, from, 'each loss is told once')
      return loss.to
    }, 0)
    const lost = losses.at(-1)?.to ?? 0
    assert.deepEqual(
      seen,
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10].slice(lost),
      'the key of a lost message is free for those after it',
    )
    assert.equal((await world.runtime.consumer(strict, { group: 'g' }).lag()).total, 0)
    assert.deepEqual(world.events('gap'), [], 'a loss that was asked for is no gap')
  })

  it('UP1: a message that goes while its handler runs is gone for good, whatever the handler says then', async () => {
    const strict = defineTopic<number>('strict', { retain: { ms: 4_000, evenIfUnread: true } })
    const world = await openWorld()
    let runs = 0
    let fail: (error: Error) => void = () => {}
    void world.runtime.consumer(strict, { group: 'g' }).run(() => {
      runs += 1
      return new Promise<void>((_, reject) => (fail = reject))
    })
    await world.runtime.producer(strict, { id: 'p' }).send(1)
    await world.clock.advance(20_000)
    fail(new TypeError('late'))
    await world.clock.advance(120_000)
    assert.equal(runs, 1)
    assert.equal((await world.runtime.consumer(strict, { group: 'g' }).lag()).total, 0)
    assert.equal(world.events('data-loss').length, 1)
  })

  it('UP2: a topic without a group keeps everything, and a new group begins at the earliest kept', async () => {
    for (const topic of [plain, defineTopic<number>('timed', { retain: { ms: 1 } })]) {
      const world = await openWorld()
      await sendTen(world, topic)
      await world.clock.advance(60_000)
      assert.equal(keptFrom(world), 0)
      assert.equal((await handle(world, topic, 'first')).length, 10)
      await world.clock.advance(60_000)
      await world.runtime.producer(topic, { id: 'p' }).send(10)
      assert.deepEqual(await handle(world, topic, 'second'), [10])
    }
  })

  it('UP2: a topic that nobody has declared since the start keeps everything', async () => {
    const world = await openWorld()
    await sendTen(world, plain)
    await handle(world, plain, 'g')
    await world.crash()
    const other = defineTopic<number>('other')
    await sendTen(world, other)
    await world.clock.advance(10_000)
    assert.equal(keptFrom(world), 0)
  })

  it('UP3: a full disk stops no upkeep for good', async () => {
    const world = await openWorld()
    await sendTen(world, plain)
    let tries = 0
    world.store.checkpoint = () => {
      tries += 1
      return Promise.reject(new DiskFullError('full', { outcome: 'not-written' }))
    }
    await handle(world, plain, 'g')
    await world.clock.advance(5_000)
    assert.ok(tries >= 2, `${tries} tries`)
    Reflect.deleteProperty(world.store, 'checkpoint')
    await world.clock.advance(5_000)
    assert.equal(keptFrom(world), 10)
    assert.deepEqual(world.events('broken'), [])
  })
})
