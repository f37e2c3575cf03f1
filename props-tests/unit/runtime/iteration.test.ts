/**
 * `for await`: what the loop gets, what it leaves, and how slow it may be.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { BrokenError, defineTopic } from '../../../runtime/index.ts'
import type { Consumer, ConsumerOptions } from '../../../runtime/index.ts'
import { openWorld, standing } from '../../support/consume-world.ts'
import type { World } from '../../support/consume-world.ts'

const jobs = defineTopic<number>('jobs')

async function worldWith(...values: number[]): Promise<World> {
  const world = await openWorld()
  await world.runtime.producer(jobs, { id: 'p' }).sendBatch(values)
  return world
}

function consumerOf(world: World, options: Partial<ConsumerOptions> = {}): Consumer<number> {
  return world.runtime.consumer(jobs, { group: 'g', ...options })
}

/** What a fresh consumer gets, as value/attempt. */
async function rest(world: World): Promise<string[]> {
  const seen: string[] = []
  void consumerOf(world, { concurrency: 1 }).run(
    ({ value, attempt }) => void seen.push(`${value}/${attempt}`),
  )
  await world.settle()
  return seen
}

describe('Iteration', () => {
  it('IT1: the loop gets no more than its slots until it settles', async () => {
    const world = await worldWith(1, 2, 3)
    const loop = consumerOf(world, { concurrency: 2 })[Symbol.asyncIterator]()
    const one = await loop.next()
    await loop.next()
    const third = loop.next()
    assert.equal(await standing(world, third), 'pending')
    await Promise.all([one.value?.ack(), world.settle()])
    assert.equal((await third).value?.value, 3)
  })

  it('IT1: a message that the loop forgot comes again when its lease is over, and at last dies', async () => {
    const world = await worldWith(1)
    const loop = consumerOf(world, { leaseMs: 1_000, maxDeliveries: 2 })[Symbol.asyncIterator]()
    assert.equal((await loop.next()).value?.attempt, 1)
    const again = loop.next()
    await world.clock.advance(1_000)
    assert.equal((await again).value?.attempt, 2)
    await world.clock.advance(1_000)
    const [letter] = await world.runtime.deadLetters(jobs, { group: 'g' }).list()
    assert.deepEqual(
      letter?.history.map(({ reason }) => reason),
      ['lease-expired', 'lease-expired'],
    )
  })

  for (const leave of ['break', 'throw', 'return'] as const) {
    it(`IT2: ${leave} gives back what was not settled, in order, and burns nothing`, async () => {
      const world = await worldWith(1, 2, 3, 4, 5)
      const seen: number[] = []
      const looping = (async () => {
        for await (const message of consumerOf(world, { concurrency: 3 })) {
          seen.push(message.value)
          if (message.value === 1) await message.ack()
          else if (leave === 'break') break
          else if (leave === 'throw') throw new TypeError('out')
          else return
        }
      })()
      assert.equal(await standing(world, looping), leave === 'throw' ? 'TypeError' : 'resolved')
      assert.deepEqual(seen, [1, 2])
      assert.deepEqual(await rest(world), ['2/1', '3/1', '4/1', '5/1'])
    })
  }

  it('IT2: another loop may begin at once after the last was left', async () => {
    const world = await worldWith(1, 2, 3)
    const consumer = consumerOf(world, { concurrency: 2 })
    const seen: number[] = []
    const looping = (async () => {
      for (let round = 0; round < 3; round += 1) {
        for await (const message of consumer) {
          seen.push(message.value)
          await message.ack()
          break
        }
      }
    })()
    assert.equal(await standing(world, looping), 'resolved')
    assert.deepEqual(seen, [1, 2, 3])
  })

  it('IT2: what is leased after the loop was left goes back too', async () => {
    const world = await worldWith(1, 2)
    const consumer = consumerOf(world, { concurrency: 2 })
    const loop = consumer[Symbol.asyncIterator]()
    void loop.next()
    const left = loop.return?.()
    assert.equal(await standing(world, Promise.resolve(left)), 'resolved')
    assert.deepEqual(await rest(world), ['1/1', '2/1'])
  })

  it('IT3: a slow loop burns no attempt of what it did not get yet', async () => {
    const world = await worldWith(1, 2, 3, 4)
    const consumer = consumerOf(world, { concurrency: 4, leaseMs: 1_000, maxDeliveries: 1 })
    const loop = consumer[Symbol.asyncIterator]()
    const seen: string[] = []
    for (let round = 0; round < 4; round += 1) {
      const next = loop.next()
      await world.settle()
      const { value } = await next
      seen.push(`${value?.value}/${value?.attempt}`)
      await world.clock.advance(900)
      await Promise.all([value?.ack(), world.settle()])
    }
    assert.deepEqual(seen.toSorted(), ['1/1', '2/1', '3/1', '4/1'])
    assert.deepEqual(world.events('dead-letter'), [])
  })

  it('IT3: what waits for a loop that hangs goes to another consumer', async () => {
    const world = await worldWith(1, 2, 3)
    const loop = consumerOf(world, { concurrency: 3, leaseMs: 1_000 })[Symbol.asyncIterator]()
    await Promise.all([loop.next(), world.settle()])
    const seen: string[] = []
    void consumerOf(world, { concurrency: 3 }).run(
      ({ value, attempt }) => void seen.push(`${value}/${attempt}`),
    )
    await world.clock.advance(30_000)
    assert.deepEqual(seen.toSorted(), ['1/2', '2/1', '3/1'])
  })

  it('a loop ends when its consumer closes: what it holds may still be acked, the rest goes back', async () => {
    const world = await worldWith(1, 2, 3)
    const consumer = consumerOf(world, { concurrency: 3 })
    const loop = consumer[Symbol.asyncIterator]()
    const [held] = await Promise.all([loop.next(), world.settle()])
    const closing = consumer.close()
    const next = loop.next()
    assert.equal(await standing(world, closing), 'pending')
    const ack = held.value?.ack() ?? assert.fail('a message')
    assert.equal(await standing(world, ack), 'resolved')
    assert.equal(await standing(world, closing), 'resolved')
    assert.equal((await next).done, true)
    assert.deepEqual(await rest(world), ['2/1', '3/1'])
  })

  it('a loop that never settles does not keep its consumer from closing', async () => {
    const world = await worldWith(1)
    const consumer = consumerOf(world, { leaseMs: 1e6 })
    await Promise.all([consumer[Symbol.asyncIterator]().next(), world.settle()])
    const closing = consumer.close()
    await world.clock.advance(30_000)
    await closing
    assert.deepEqual(await rest(world), ['1/1'])
  })

  it('a waiting loop is told when nothing can be written any more', async () => {
    const world = await worldWith(1)
    const loop = consumerOf(world)[Symbol.asyncIterator]()
    const [message] = await Promise.all([loop.next(), world.settle()])
    const next = loop.next()
    world.store.beforeCommit = () => Promise.reject(new BrokenError('gone'))
    await assert.rejects(message.value?.ack() ?? assert.fail('a message'), BrokenError)
    await assert.rejects(next, BrokenError)
    await world.runtime.close()
  })

  it('pause keeps from the loop also what was leased for it', async () => {
    const world = await worldWith(1, 2, 3)
    const consumer = consumerOf(world, { concurrency: 3 })
    const loop = consumer[Symbol.asyncIterator]()
    const [first] = await Promise.all([loop.next(), world.settle()])
    consumer.pause()
    const next = loop.next()
    await Promise.all([first.value?.ack(), world.settle()])
    assert.equal(await standing(world, next), 'pending')
    consumer.resume()
    await world.settle()
    const { value } = await next
    assert.deepEqual([value?.value, value?.attempt], [2, 1])
  })
})
