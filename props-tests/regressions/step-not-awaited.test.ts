/**
 * Steps of a workload that were not awaited ran one into the other, and into the end of the run: the mishap of one struck
 * while the check looked at what was left, and a right handler was accused of work that it had left out.
 *
 * Found by leaving out an `await` before `send`.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { defineTopic } from '../../runtime/index.ts'
import { simulate } from '../index.ts'
import type { Workload } from '../index.ts'

const numbers = defineTopic<number>('numbers')

function check(workload: (workload: Workload) => Promise<void>): ReturnType<typeof simulate> {
  return simulate({
    main: (world) => {
      void world.runtime.consumer(numbers, { group: 'g', retry: { minDelayMs: 5 } }).run(async (message) => {
        await world.outside('mail').call(message.value, { key: `${message.partition}/${message.offset}` })
      })
    },
    workload,
    runs: 100,
    seed: 11,
    timeLimitMs: 120_000,
    pictures: false,
  })
}

describe('a step that nobody awaits', () => {
  it('SL3: is taken after the one before it, and before the end', async () => {
    const { counts } = await check(async ({ send }) => {
      void send(numbers, 1)
      void send(numbers, 2)
      void send(numbers, 3)
    })
    assert.ok(counts.messages >= 300)
  })

  it('SL3: may be of any kind', async () => {
    const { counts } = await check(async ({ send, wait, run }) => {
      void send(numbers, 1)
      void run(({ runtime }) => runtime.producer(numbers, { id: 'other' }).send(2, { messageId: 'two' }))
      void wait(50)
    })
    assert.ok(counts.messages >= 100)
  })
})
