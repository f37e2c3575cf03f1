/**
 * One run of a consumer: its slots, its end, and what it says when nothing moves.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CorruptError, defineTopic, DiskFullError, type Stalled } from '../../../runtime/index.ts'
import { deferred, openWorld, standing } from '../../support/consume-world.ts'
import type { World } from '../../support/consume-world.ts'

const jobs = defineTopic<number>('jobs')
const keyed = defineTopic<number>('keyed', { key: () => 'one' })
const hang = (): Promise<void> => new Promise(() => {})

async function worldWith(count: number): Promise<World> {
  const world = await openWorld()
  const values = Array.from({ length: count }, (_, index) => index)
  await world.runtime.producer(jobs, { id: 'p' }).sendBatch(values)
  return world
}

function causes(world: World): string[] {
  return [...new Set((world.events('stalled') as Stalled[]).map(({ cause }) => cause))]
}

describe('Session', () => {
  it('SE1: never more than concurrency are out, and all that wait get their turn', async () => {
    const world = await worldWith(50)
    let running = 0
    let most = 0
    let handled = 0
    void world.runtime.consumer(jobs, { group: 'g', concurrency: 7 }).run(async () => {
      most = Math.max(most, (running += 1))
      await world.clock.executor.turn()
      running -= 1
      handled += 1
    })
    await world.settle()
    assert.deepEqual([most, handled], [7, 50])
  })

  it('SE1: a seek while leases are on their way loses no slot', async () => {
    const world = await worldWith(3)
    const consumer = world.runtime.consumer(jobs, { group: 'g' })
    const gate = deferred()
    const seen: number[] = []
    void consumer.run(({ value }) => void seen.push(value))
    world.store.beforeCommit = () => gate.promise
    await world.settle()
    const seek = consumer.seek('earliest')
    gate.resolve()
    await world.settle()
    await seek
    assert.deepEqual(seen, [0, 1, 2])
  })

  it('SE2: a run ends once: by its signal, by close, or by both', async () => {
    const world = await worldWith(1)
    const stop = new AbortController()
    const consumer = world.runtime.consumer(jobs, { group: 'g' })
    const work = deferred()
    const run = consumer.run(() => work.promise, { signal: stop.signal })
    await world.settle()
    stop.abort()
    const closing = consumer.close()
    assert.equal(await standing(world, run), 'pending')
    work.resolve()
    assert.equal(await standing(world, run), 'resolved')
    assert.equal(await standing(world, closing), 'resolved')
  })

  it('SE2: the end waits until the last acks are durable', async () => {
    const world = await worldWith(1)
    const stop = new AbortController()
    const gate = deferred()
    const run = world.runtime.consumer(jobs, { group: 'g' }).run(
      () => {
        world.store.beforeCommit = () => gate.promise
        stop.abort()
      },
      { signal: stop.signal },
    )
    assert.equal(await standing(world, run), 'pending')
    gate.resolve()
    assert.equal(await standing(world, run), 'resolved')
    await world.crash()
    assert.equal(world.runtime.recovery.leasesReturned, 0)
  })

  it('SE2: a handler that never settles is told and then left; nothing begins afterwards', async () => {
    const world = await worldWith(3)
    const signals: AbortSignal[] = []
    const consumer = world.runtime.consumer(jobs, { group: 'g' })
    void consumer.run((_, { signal }) => {
      signals.push(signal)
      return hang()
    })
    await world.settle()
    const closing = world.runtime.close()
    await world.clock.advance(29_999)
    assert.equal(signals[0]?.aborted, false)
    await world.clock.advance(1)
    await closing
    assert.equal(signals[0]?.aborted, true)
    assert.equal(signals.length, 1)
    assert.ok(causes(world).includes('draining'), 'it was said why the end took so long')
  })

  it('SE2: leases that come in after the end was asked for go back, and burn nothing', async () => {
    const world = await worldWith(2)
    const stop = new AbortController()
    let runs = 0
    const gate = deferred()
    const run = world.runtime
      .consumer(jobs, { group: 'g', concurrency: 2 })
      .run(() => void (runs += 1), { signal: stop.signal })
    world.store.beforeCommit = () => gate.promise
    await world.settle()
    stop.abort()
    gate.resolve()
    assert.equal(await standing(world, run), 'resolved')
    assert.equal(runs, 0)
    const attempts: number[] = []
    void world.runtime.consumer(jobs, { group: 'g' }).run(({ attempt }) => void attempts.push(attempt))
    await world.settle()
    assert.deepEqual(attempts, [1, 1])
  })

  it('SE3: no-credit, when all slots are taken', async () => {
    const world = await worldWith(2)
    void world.runtime.consumer(jobs, { group: 'g', leaseMs: 1e6 }).run(hang)
    await world.clock.advance(20_000)
    assert.deepEqual(causes(world), ['no-credit'])
  })

  it('SE3: paused, when messages wait meanwhile', async () => {
    const world = await worldWith(2)
    const consumer = world.runtime.consumer(jobs, { group: 'g' })
    consumer.pause()
    void consumer.run(hang)
    await world.clock.advance(20_000)
    assert.deepEqual(causes(world), ['paused'])
  })

  it('SE3: blocked, when all that waits is behind a retry of its key', async () => {
    const world = await openWorld()
    await world.runtime.producer(keyed, { id: 'p' }).sendBatch([1, 2])
    const failing = (): Promise<void> => Promise.reject(new TypeError('no'))
    void world.runtime
      .consumer(keyed, { group: 'g', retry: { minDelayMs: 1e6, maxDelayMs: 1e6 } })
      .run(failing)
    await world.clock.advance(20_000)
    assert.deepEqual(causes(world), ['blocked'])
  })

  it('SE3: retry-backlog, when so many wait for a retry that no more is read', async () => {
    const limits = { retryCount: 50, recentBytes: 0 }
    const world = await openWorld({ limits })
    const producer = world.runtime.producer(jobs, { id: 'p' })
    const values = Array.from({ length: 100 }, (_, index) => index)
    for (let i = 0; i < 6; i += 1) await producer.sendBatch(values)
    world.store.onRead = (runs) => runs.slice(0, 1)
    const retry = { minDelayMs: 100_000, maxDelayMs: 100_000 }
    let runs = 0
    void world.runtime.consumer(jobs, { group: 'g', concurrency: 100, retry }).run(({ attempt }) => {
      runs += 1
      if (attempt === 1) throw new TypeError('no')
    })
    await world.clock.advance(20_000)
    assert.ok(causes(world).includes('retry-backlog'), String(causes(world)))
    assert.ok(runs < 600, `${runs} of 600 were tried`)
    await world.clock.advance(300_000)
    assert.equal(runs, 1_200, 'and it goes on after the retries')
  })

  it('SE3: slow-commit and disk-full are said by the broker', async () => {
    const world = await worldWith(1)
    const gate = deferred()
    world.store.beforeCommit = () => gate.promise
    void world.runtime.consumer(jobs, { group: 'g' }).run(() => {})
    await world.clock.advance(20_000)
    assert.deepEqual(causes(world), ['slow-commit'])
    gate.resolve()
    world.store.beforeCommit = (batch) => {
      if (batch.runs.length > 0) throw new DiskFullError('full', { outcome: 'not-written' })
    }
    const send = world.runtime.producer(jobs, { id: 'p' }).send(2)
    send.catch(() => {})
    await world.clock.advance(40_000)
    await assert.rejects(send)
  })

  it('SE3: unreadable, with the offset, and it goes on when the mailbox can be read again', async () => {
    const world = await worldWith(2)
    await world.crash({ limits: { recentBytes: 0 } })
    const { store } = world
    const damage = { file: 'f', start: 0, end: 1, reason: 'test', offsets: [] }
    let isDamaged = true
    const read = store.read.bind(store)
    store.read = (mailbox, offset) =>
      isDamaged ? Promise.reject(new CorruptError(damage)) : read(mailbox, offset)
    let runs = 0
    void world.runtime.consumer(jobs, { group: 'g' }).run(() => void (runs += 1))
    await world.clock.advance(1_000)
    assert.deepEqual(causes(world), ['unreadable'])
    assert.equal(world.events('corruption').length, 1)
    isDamaged = false
    await world.clock.advance(20_000)
    assert.equal(runs, 2)
  })
})
