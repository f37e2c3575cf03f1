/**
 * The run by which `simulate` counts the steps of a workload had the platform's own timers: what an interval sent was not
 * in it, so that the same messages were later taken for those of a handler, and accused of coming twice. The interval
 * itself kept the process of the test alive.
 *
 * Found by sending from an interval without waiting for it.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { defineTopic } from '../../runtime/index.ts'
import { simulate } from '../index.ts'

const ticks = defineTopic<string>('ticks')
const numbers = defineTopic<number>('numbers')

describe('an interval that sends', () => {
  it('AM1: ticks in simulated time in every run, and is accused of nothing', async () => {
    const { counts } = await simulate({
      main: ({ runtime }) => {
        const producer = runtime.producer(ticks, { id: 'ticker' })
        const every = globalThis.setInterval
        every(() => void producer.send('tick'), 1_000)
      },
      workload: async ({ send, wait }) => {
        await send(numbers, 1)
        await wait(5_000)
        await send(numbers, 2)
      },
      runs: 20,
      pictures: false,
    })
    assert.ok(counts.messages > 200)
  })
})
