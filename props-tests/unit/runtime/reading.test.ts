/**
 * What the store gives, and what is said when it is not what was confirmed.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Run } from '../../../persistence/index.ts'
import { defineTopic, RetryAfter, type ContinuityBreak } from '../../../runtime/index.ts'
import { MailboxReader, RecentRuns } from '../../../runtime/internal.ts'
import { deferred, openWorld } from '../../support/consume-world.ts'
import type { World } from '../../support/consume-world.ts'

const jobs = defineTopic<number>('jobs', { retain: { ms: 1e12 } })

/** Six commits of one message each, read from the store. */
async function sixRuns(onRead: (runs: readonly Run[]) => readonly Run[]): Promise<World> {
  const world = await openWorld({ limits: { recentBytes: 0 } })
  const producer = world.runtime.producer(jobs, { id: 'p' })
  for (let value = 0; value < 6; value += 1) await producer.send(value)
  world.store.onRead = onRead
  void world.runtime.consumer(jobs, { group: 'g' }).run(() => {})
  await world.settle()
  return world
}

function breaks(world: World): string[] {
  return (['gap', 'duplicate', 'step-back'] as const).flatMap((name) =>
    (world.events(name) as ContinuityBreak[]).map(
      ({ kind, producer, expected, got }) => `${kind} ${producer} ${expected} ${got}`,
    ),
  )
}

/** The same content at other offsets. */
function shuffled(runs: readonly Run[], order: readonly number[]): Run[] {
  return order.flatMap((from, firstOffset) => {
    const run = runs.find((candidate) => candidate.firstOffset === from)
    return run === undefined ? [] : [{ ...run, firstOffset }]
  })
}

describe('continuity at the consumer', () => {
  it('a store that loses is found out: gap', async () => {
    const world = await sixRuns((runs) => runs.filter(({ firstOffset }) => firstOffset !== 3))
    assert.deepEqual(breaks(world), ['gap p 4 5'])
    assert.equal(world.events('corruption').length, 1)
  })

  it('a store that loses the first message of all is found out too', async () => {
    const world = await sixRuns((runs) => runs.filter(({ firstOffset }) => firstOffset !== 0))
    assert.equal(world.events('corruption').length, 1)
  })

  it('a store that repeats is found out: duplicate', async () => {
    const world = await sixRuns((runs) => shuffled(runs, [0, 1, 1, 2, 3, 4]))
    assert.deepEqual(breaks(world), ['duplicate p 3 2'])
    const same = await sixRuns((runs) => runs.flatMap((run) => (run.firstOffset === 2 ? [run, run] : [run])))
    assert.deepEqual(breaks(same), ['duplicate p 4 3'])
  })

  it('a store that swaps is found out: gap and step back', async () => {
    const world = await sixRuns((runs) => shuffled(runs, [0, 2, 1, 3, 4, 5]))
    assert.deepEqual(breaks(world), ['gap p 2 3', 'step-back p 4 2'])
    const back = await sixRuns((runs) => shuffled(runs, [2, 3, 0, 1, 4, 5]))
    assert.ok(
      breaks(back).some((text) => text.startsWith('step-back p 5 1')),
      String(breaks(back)),
    )
  })

  it('a healthy run is silent: retries, redrives, seeks, restarts, two producers, a new epoch', async () => {
    const world = await openWorld({ limits: { recentBytes: 0 } })
    for (let epoch = 0; epoch < 3; epoch += 1) {
      for (const id of ['p', 'q']) await world.runtime.producer(jobs, { id }).sendBatch([1, 2, 3, 4, 5])
      const consumer = world.runtime.consumer(jobs, { group: 'g', concurrency: 3, maxDeliveries: 2 })
      let runs = 0
      void consumer.run(() => {
        runs += 1
        if (runs % 3 === 0) throw new TypeError('no')
        if (runs % 4 === 0) throw new RetryAfter(5)
      })
      await world.clock.advance(1_000)
      const moved = consumer.seek({ offset: 4 })
      await world.clock.advance(1_000)
      await moved
      const redriven = world.runtime.deadLetters(jobs, { group: 'g' }).redrive()
      await world.clock.advance(1_000)
      await redriven
      await world.crash()
    }
    assert.deepEqual(
      world.raised.filter(({ name }) => name !== 'dead-letter'),
      [],
    )
  })
})

describe('MailboxReader', () => {
  it('MR1: what is not durable cannot be read, neither from memory nor from the store', async () => {
    const world = await openWorld()
    const gate = deferred()
    world.store.beforeAnswer = () => Promise.resolve()
    const producer = world.runtime.producer(jobs, { id: 'p' })
    await producer.send(1)
    world.store.beforeCommit = () => gate.promise
    const sent = producer.send(2)
    const seen: number[] = []
    void world.runtime.consumer(jobs, { group: 'g' }).run(({ value }) => void seen.push(value))
    await world.settle()
    assert.deepEqual(seen, [])
    gate.resolve()
    await Promise.all([sent, world.settle()])
    assert.deepEqual(seen, [1, 2])
  })

  it('MR2: a recent run is answered at once, an older one with a promise', async () => {
    const world = await openWorld()
    const run: Run = { mailbox: 1, firstOffset: 0, count: 2, timestampMs: 0, bytes: new Uint8Array(8) }
    const recent = new RecentRuns(1_000)
    const reader = new MailboxReader(world.store, recent)
    assert.ok(reader.runs(1, 0) instanceof Promise, 'from the store')
    recent.add(run)
    assert.deepEqual(reader.runs(1, 1), [run])
  })
})
