/**
 * What is read ahead, what is held back, and how much of it is in memory.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { defineTopic } from '../../../runtime/index.ts'
import { deferred, openWorld } from '../../support/consume-world.ts'
import { FeedRig } from '../../support/feed-rig.ts'

const jobs = defineTopic<number>('jobs')
const keyed = defineTopic<string>('keyed', { key: (value) => value.split('/')[0] ?? '' })

describe('Feed', () => {
  it('FE1: messages come in order of offset, each once', async () => {
    const rig = new FeedRig({ count: 5_000 })
    const taken = await rig.takeAll()
    assert.equal(taken.length, 5_000)
    taken.forEach((offset, index) => assert.equal(offset, index))
  })

  it('FE1: those that come back come besides, and do not disturb the order of the others', async () => {
    const rig = new FeedRig({ count: 10 })
    await rig.fill()
    const first = rig.take()
    rig.feed.retried(first, 0)
    const second = rig.take()
    rig.feed.returned(second)
    const order = await rig.takeAll()
    assert.deepEqual(order, [1, 2, 3, 4, 5, 6, 7, 8, 9, 0])
  })

  it('FE2: nothing is ready before it is durable', async () => {
    const world = await openWorld()
    const seen: number[] = []
    void world.runtime.consumer(jobs, { group: 'g' }).run(({ value }) => void seen.push(value))
    const gate = deferred()
    world.store.beforeCommit = (batch) => (batch.runs.length > 0 ? gate.promise : undefined)
    const sent = world.runtime.producer(jobs, { id: 'p' }).send(1)
    await world.settle()
    assert.deepEqual(seen, [])
    gate.resolve()
    await world.settle()
    await sent
    assert.deepEqual(seen, [1])
  })

  it('FE2: a delayed message gives up its place in its key; a retry keeps it', async () => {
    const world = await openWorld()
    const producer = world.runtime.producer(keyed, { id: 'p' })
    await producer.send('a/1', { delayMs: 5_000 })
    await producer.sendBatch(['a/2', 'a/3'])
    const seen: string[] = []
    const retry = { minDelayMs: 1_000, maxDelayMs: 1_000 }
    void world.runtime.consumer(keyed, { group: 'g', concurrency: 4, retry }).run(({ value, attempt }) => {
      seen.push(value)
      if (value === 'a/2' && attempt === 1) throw new TypeError('no')
    })
    await world.clock.advance(10_000)
    assert.deepEqual(seen, ['a/2', 'a/2', 'a/3', 'a/1'])
  })

  it('FE3: the window is bounded by number and by bytes, whatever the backlog', async () => {
    const many = new FeedRig({ count: 100_000 })
    await many.fill()
    assert.ok(many.feed.readyCount <= 2_048 + 100, `${many.feed.readyCount} in memory`)
    const large = new FeedRig({ count: 2_000, valueBytes: 64 * 1024, runCount: 1 })
    await large.fill()
    assert.ok(large.feed.readyCount <= 130, `${large.feed.readyCount} of 64 KiB in memory`)
    const oneKey = new FeedRig({ count: 100_000, key: 'a' })
    await oneKey.fill()
    assert.ok(oneKey.feed.blockedCount <= 2_048 + 100, `${oneKey.feed.blockedCount} wait in memory`)
    const due = new FeedRig({ count: 50_000, dueMs: 5_000 })
    await due.fill()
    assert.deepEqual([due.feed.readyCount, due.feed.delayedCount], [0, 50_000])
    await due.advance(10_000)
    assert.ok(due.feed.readyCount <= 2_048 + 100, `${due.feed.readyCount} fell due at once`)
    assert.equal((await due.takeAll()).length, 50_000)
  })

  it('FE4: a retry is read although the window is full of those that wait behind it', async () => {
    const rig = new FeedRig({ count: 10_000, key: 'a' })
    await rig.fill()
    const first = rig.take()
    rig.lane.retry({ offset: 0, dueMs: rig.nowMs + 1_000, delayMs: 1_000, attempt: 1, entry: undefined })
    rig.feed.retried(first, rig.nowMs + 1_000)
    await rig.advance(1_000)
    assert.equal(rig.take().offset, 0)
  })

  it('FE4: a message that went by a retention rule while it waited frees its key', async () => {
    const rig = new FeedRig({ count: 10, key: 'a' })
    await rig.fill()
    const first = rig.take()
    rig.lane.retry({ offset: 0, dueMs: rig.nowMs + 1_000, delayMs: 1_000, attempt: 1, entry: undefined })
    rig.feed.retried(first, rig.nowMs + 1_000)
    rig.lane.trim(3)
    await rig.advance(1_000)
    assert.deepEqual(await rig.takeAll(), [3, 4, 5, 6, 7, 8, 9])
  })

  it('FE5: a read that fails is told, tried again, and loses nothing', async () => {
    const rig = new FeedRig({ count: 3 })
    await rig.fill()
    const first = rig.take()
    rig.lane.retry({ offset: 0, dueMs: 0, delayMs: 0, attempt: 1, entry: undefined })
    rig.feed.retried(first, rig.nowMs + 1_000)
    rig.isFailing = true
    await rig.advance(1_000)
    assert.deepEqual(rig.unreadable, [0])
    rig.isFailing = false
    await rig.advance(1_000)
    assert.deepEqual(
      (await rig.takeAll()).toSorted((a, b) => a - b),
      [0, 1, 2],
    )
  })

  it('FE5: a store that answers with nothing is told, and is not asked in a circle', async () => {
    const rig = new FeedRig({ count: 300 })
    rig.answer = (runs) => runs.filter(({ firstOffset }) => firstOffset < 100)
    await rig.fill()
    assert.equal(rig.feed.readyCount, 100)
    assert.deepEqual(rig.unreadable, [100])
    rig.answer = (runs) => runs
    assert.equal((await rig.takeAll()).length, 300)
  })
})
