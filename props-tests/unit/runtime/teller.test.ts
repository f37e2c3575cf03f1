/**
 * Telling units that they are durable, beside the writing of the next batch.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Teller } from '../../../runtime/internal.ts'
import type { Unit } from '../../../runtime/internal.ts'
import { defineTopic } from '../../../runtime/index.ts'
import { SimulatedClock } from '../../index.ts'
import { openWorld } from '../../support/consume-world.ts'

function unitsThatNote(told: number[], count: number): Unit[] {
  return Array.from({ length: count }, (_, index) => ({
    hasMessages: false,
    bytes: 1,
    withdrawn: false,
    build: () => {},
    confirm: () => void told.push(index),
    refuse: () => assert.fail('what is durable is never refused'),
    postponed: () => assert.fail('what is durable is never postponed'),
  }))
}

const inOrder = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

describe('Teller', () => {
  it('TE1: units are told in the order in which they were written, each once', async () => {
    const clock = new SimulatedClock()
    const teller = new Teller(clock)
    const told: number[] = []
    teller.add(unitsThatNote(told, 1_000))
    teller.tell(false)
    teller.tell(true)
    await clock.executor.settle()
    assert.deepEqual(told, inOrder(1_000))
  })

  it('TE2: of many units one half is told at once, the other two turns later', async () => {
    const clock = new SimulatedClock()
    const teller = new Teller(clock)
    const told: number[] = []
    teller.add(unitsThatNote(told, 1_000))
    teller.tell(false)
    assert.equal(told.length, 500)
    await clock.executor.settle()
    assert.deepEqual(told, inOrder(1_000))
  })

  it('TE2: what callers do while others are told is written and told too', async () => {
    const world = await openWorld()
    const topic = defineTopic<number>('many')
    const producer = world.runtime.producer(topic, { id: 'p' })
    let confirmed = 0
    const send = async (left: number): Promise<void> => {
      await producer.send(left)
      confirmed += 1
      if (left > 0) await send(left - 1)
    }
    const callers = Promise.all(Array.from({ length: 700 }, () => send(3)))
    let handled = 0
    const consumer = world.runtime.consumer(topic, { group: 'g', concurrency: 500 })
    const run = consumer.run(() => void (handled += 1))
    await world.settle()
    await callers
    assert.deepEqual([confirmed, handled], [2_800, 2_800])
    assert.equal((await consumer.lag()).total, 0)
    await world.runtime.close()
    await run
    assert.deepEqual(world.raised, [])
  })
})
