/**
 * Who gets a message, when, and how often.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { BrokenError, defineTopic, DeadLetter, RetryAfter } from '../../../runtime/index.ts'
import type { Message } from '../../../runtime/index.ts'
import { deferred, openWorld } from '../../support/consume-world.ts'
import type { World } from '../../support/consume-world.ts'

const jobs = defineTopic<number>('jobs')
const keyed = defineTopic<{ id: number; key: string }>('keyed', { key: ({ key }) => key })
const spread = defineTopic<number>('spread', { partitions: 2 })
const hang = (): Promise<void> => new Promise(() => {})

async function send(world: World, ...values: number[]): Promise<void> {
  const producer = world.runtime.producer(jobs, { id: 'p' })
  await producer.sendBatch(values)
}

describe('Desk', () => {
  it('DE1: a handler starts only after its lease is durable', async () => {
    const world = await openWorld()
    await send(world, 1)
    const gate = deferred()
    world.store.beforeCommit = () => gate.promise
    const seen: number[] = []
    void world.runtime.consumer(jobs, { group: 'g' }).run(({ value }) => void seen.push(value))
    await world.settle()
    assert.deepEqual(seen, [])
    gate.resolve()
    await world.settle()
    assert.deepEqual(seen, [1])
  })

  it('DE1: a handler that ends the process has its attempt counted, and is told so', async () => {
    const world = await openWorld()
    await send(world, 1)
    const attempts: number[] = []
    for (let crash = 0; crash < 3; crash += 1) {
      void world.runtime.consumer(jobs, { group: 'g' }).run((_, { attempt }) => {
        attempts.push(attempt)
        return hang()
      })
      await world.settle()
      await world.crash()
      assert.equal(world.runtime.recovery.leasesReturned, 1)
    }
    assert.deepEqual(attempts, [1, 2, 3])
  })

  it('DE2: after a crash only the guilty one uses up its attempts', async () => {
    const world = await openWorld()
    await send(world, 0, 1, 2, 3, 4, 5, 6, 7)
    const handled: number[] = []
    let most = 0
    for (let crash = 0; crash < 6; crash += 1) {
      let running = 0
      const doomed = deferred()
      const handler = async ({ value }: Message<number>): Promise<void> => {
        running += 1
        most = crash === 0 ? 0 : Math.max(most, running)
        if (value === 3) doomed.resolve()
        // Until the first crash nobody ends; then all but the guilty do.
        if (value === 3 || crash === 0) await hang()
        handled.push(value)
        running -= 1
      }
      void world.runtime.consumer(jobs, { group: 'g', concurrency: 8, maxDeliveries: 3 }).run(handler)
      await world.settle()
      await world.crash()
    }
    assert.equal(most, 1, 'suspects are tried one at a time')
    assert.deepEqual(
      handled.toSorted((a, b) => a - b),
      [0, 1, 2, 4, 5, 6, 7],
    )
    const letters = await world.runtime.deadLetters(jobs, { group: 'g' }).list()
    assert.deepEqual(
      letters.map(({ value, attempts, reason }) => ({ value, attempts, reason })),
      [{ value: 3, attempts: 3, reason: 'owner-crashed' }],
    )
  })

  it('DE2, QU1: groups take turns, so that the guilty one of one group burns nothing in another', async () => {
    const world = await openWorld()
    await send(world, 1, 2)
    const audited: string[] = []
    for (let crash = 0; crash < 7; crash += 1) {
      const fate = { isDoomed: crash === 0 }
      const guilty = ({ value }: Message<number>): Promise<void> => {
        fate.isDoomed ||= value === 1
        return fate.isDoomed ? hang() : Promise.resolve()
      }
      // The process dies as soon as the guilty one is at work: who works beside it comes to no end.
      const innocent = async ({ value, attempt }: Message<number>): Promise<void> => {
        for (let turn = 0; turn < 20 && !fate.isDoomed; turn += 1) await world.clock.executor.turn()
        if (fate.isDoomed) await hang()
        audited.push(`${value}/${attempt}`)
      }
      const options = { concurrency: 4, maxDeliveries: 3 }
      void world.runtime.consumer(jobs, { group: 'billing', ...options }).run(guilty)
      void world.runtime.consumer(jobs, { group: 'audit', ...options }).run(innocent)
      await world.settle()
      await world.crash()
    }
    assert.deepEqual(audited.map((run) => run.slice(0, 1)).toSorted(), ['1', '2'])
    assert.deepEqual(await world.runtime.deadLetters(jobs, { group: 'audit' }).list(), [])
    const letters = await world.runtime.deadLetters(jobs, { group: 'billing' }).list()
    assert.deepEqual(
      letters.map(({ value, reason }) => [value, reason]),
      [[1, 'owner-crashed']],
    )
  })

  it('DE2: a suspect is not kept waiting by the traffic of other partitions', async () => {
    const world = await openWorld()
    const producer = world.runtime.producer(spread, { id: 'p' })
    await producer.send(-1, { partition: 0 })
    void world.runtime.consumer(spread, { group: 'g' }).run(hang)
    await world.settle()
    await world.crash()
    const again = world.runtime.producer(spread, { id: 'p' })
    await again.sendBatch(
      Array.from({ length: 40 }, (_, index) => index),
      { partition: 1 },
    )
    const seen: number[] = []
    void world.runtime.consumer(spread, { group: 'g', concurrency: 2 }).run(async ({ value }) => {
      seen.push(value)
      await world.clock.executor.turn()
    })
    await world.settle()
    assert.equal(seen.length, 41)
    assert.ok(seen.indexOf(-1) <= 2, `the suspect came as number ${seen.indexOf(-1)}`)
  })

  it('DE2: nothing of the group runs beside a suspect, also what began before it was read', async () => {
    const world = await openWorld()
    await world.runtime.producer(spread, { id: 'p' }).send(-1, { partition: 0 })
    void world.runtime.consumer(spread, { group: 'g' }).run(hang)
    await world.settle()
    await world.crash()
    await world.runtime.producer(spread, { id: 'p' }).sendBatch([1, 2, 3, 4], { partition: 1 })
    let running = 0
    const beside = new Map<number, number>()
    void world.runtime.consumer(spread, { group: 'g', concurrency: 2 }).run(async ({ value }) => {
      running += 1
      beside.set(value, running)
      // They end one after another, so that a slot is free while others still run.
      for (let turn = 0; turn < 5 + 4 * value; turn += 1) await world.clock.executor.turn()
      running -= 1
    })
    await world.settle()
    assert.ok(Math.max(...beside.values()) > 1, 'others run side by side')
    assert.equal(beside.get(-1), 1, 'the suspect is alone')
  })

  it('DE3, EN3: after the last attempt there is no other run, whether it failed or crashed', async () => {
    const world = await openWorld()
    await send(world, 1, 2)
    const runs: string[] = []
    const handler = async ({ value, attempt }: Message<number>): Promise<void> => {
      runs.push(`${value}/${attempt}`)
      if (value === 1) throw new TypeError('no')
      await hang()
    }
    const options = { group: 'g', concurrency: 2, maxDeliveries: 2, retry: { minDelayMs: 0 } }
    for (let round = 0; round < 4; round += 1) {
      void world.runtime.consumer(jobs, options).run(handler)
      await world.clock.advance(5_000)
      await world.crash()
    }
    assert.deepEqual(runs.toSorted(), ['1/1', '1/2', '2/1', '2/2'])
    const letters = await world.runtime.deadLetters(jobs, { group: 'g' }).list()
    assert.deepEqual(
      letters.map(({ value, reason, history }) => [value, reason, history.map(({ attempt }) => attempt)]),
      [
        [1, 'TypeError: no', [1, 2]],
        [2, 'owner-crashed', [1, 2]],
      ],
    )
    assert.equal(world.events('dead-letter').length, 2)
  })

  it('DE3: a lower maxDeliveries puts the message away under its own reason', async () => {
    const world = await openWorld()
    await send(world, 1)
    const failing = (): never => {
      throw new TypeError('boom')
    }
    void world.runtime.consumer(jobs, { group: 'g', retry: { minDelayMs: 10, maxDelayMs: 10 } }).run(failing)
    await world.clock.advance(15)
    await world.crash()
    let runs = 0
    void world.runtime.consumer(jobs, { group: 'g', maxDeliveries: 1 }).run(() => void (runs += 1))
    await world.clock.advance(100)
    const [letter] = await world.runtime.deadLetters(jobs, { group: 'g' }).list()
    assert.equal(runs, 0)
    assert.equal(letter?.reason, 'TypeError: boom')
  })

  it('EN1: an end that was not durable settles nothing: the message comes again with its attempt counted', async () => {
    const world = await openWorld()
    await send(world, 1)
    const seen: number[] = []
    const runs = world.runtime.consumer(jobs, { group: 'g' }).run(({ attempt }) => {
      seen.push(attempt)
      world.store.beforeCommit = () => Promise.reject(new BrokenError('the disk is gone'))
    })
    await assert.rejects(runs, BrokenError)
    await world.crash()
    assert.equal(world.runtime.recovery.leasesReturned, 1)
    void world.runtime.consumer(jobs, { group: 'g' }).run(({ attempt }) => void seen.push(attempt))
    await world.settle()
    assert.deepEqual(seen, [1, 2])
  })

  it('RetryAfter burns nothing and leaves no trace, however often; DeadLetter needs one attempt', async () => {
    const world = await openWorld()
    await send(world, 1)
    const attempts: number[] = []
    void world.runtime.consumer(jobs, { group: 'g', maxDeliveries: 2 }).run(({ attempt }) => {
      attempts.push(attempt)
      if (attempts.length <= 50) throw new RetryAfter(1_000)
      throw new DeadLetter('enough')
    })
    await world.clock.advance(60_000)
    assert.deepEqual(
      attempts,
      Array.from({ length: 51 }, () => 1),
    )
    const [letter] = await world.runtime.deadLetters(jobs, { group: 'g' }).list()
    assert.deepEqual(
      letter?.history.map(({ reason }) => reason),
      ['enough'],
    )
  })

  it('a RetryAfter without a time is a failure like any other', async () => {
    const world = await openWorld()
    await send(world, 1)
    const attempts: number[] = []
    void world.runtime
      .consumer(jobs, { group: 'g', maxDeliveries: 3, retry: { minDelayMs: 1 } })
      .run(({ attempt }) => {
        attempts.push(attempt)
        throw new RetryAfter(Number.NaN)
      })
    await world.clock.advance(1_000)
    assert.deepEqual(attempts, [1, 2, 3])
  })

  it('a retry blocks its key; other keys flow', async () => {
    const world = await openWorld()
    const producer = world.runtime.producer(keyed, { id: 'p' })
    await producer.sendBatch([
      { id: 1, key: 'a' },
      { id: 2, key: 'a' },
      { id: 3, key: 'b' },
      { id: 4, key: 'b' },
    ])
    const seen: number[] = []
    void world.runtime
      .consumer(keyed, { group: 'g', concurrency: 4, retry: { minDelayMs: 1_000, maxDelayMs: 1_000 } })
      .run(({ value, attempt }) => {
        seen.push(value.id)
        if (value.id === 1 && attempt === 1) throw new TypeError('not yet')
      })
    await world.settle()
    assert.deepEqual(seen, [1, 3, 4])
    await world.clock.advance(1_000)
    assert.deepEqual(seen, [1, 3, 4, 1, 2])
  })

  it('one key is never in two handlers, whatever the concurrency', async () => {
    const world = await openWorld()
    const producer = world.runtime.producer(keyed, { id: 'p' })
    await producer.sendBatch(Array.from({ length: 60 }, (_, id) => ({ id, key: `k${id % 3}` })))
    const running = new Map<string, number>()
    const order: number[] = []
    void world.runtime.consumer(keyed, { group: 'g', concurrency: 16 }).run(async ({ value }) => {
      const count = (running.get(value.key) ?? 0) + 1
      assert.equal(count, 1)
      running.set(value.key, count)
      await world.clock.executor.turn()
      order.push(value.id)
      running.set(value.key, 0)
    })
    await world.settle()
    assert.equal(order.length, 60)
    for (const key of [0, 1, 2]) {
      const ids = order.filter((id) => id % 3 === key)
      assert.deepEqual(
        ids,
        ids.toSorted((a, b) => a - b),
      )
    }
    assert.deepEqual(world.raised, [])
  })
})
