/**
 * A loop that acks each message by itself was accused of an ack that the runtime made up (`ack-before-work`): the kit told
 * what a handler asks for, but not what a loop does.
 *
 * Found by writing `for await` loops against the packed kit.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { defineTopic } from '../../runtime/index.ts'
import { CheckFailedError, simulate } from '../index.ts'
import type { World } from '../index.ts'

const numbers = defineTopic<number>('numbers')

/** Calls outside and acks, in this order or the other. */
async function loop(world: World, isAckFirst: boolean): Promise<void> {
  for await (const message of world.runtime.consumer(numbers, { group: 'g' })) {
    if (isAckFirst) await message.ack()
    await world.outside('mail').call(message.value, { key: `${message.partition}/${message.offset}` })
    if (!isAckFirst) await message.ack()
  }
}

function check(isAckFirst: boolean): ReturnType<typeof simulate> {
  return simulate({
    title: 'a loop',
    main: (world) => {
      // It ends with the process, and so does what its calls throw.
      loop(world, isAckFirst).catch(() => {})
    },
    workload: async ({ send, wait }) => {
      for (const value of [1, 2, 3]) {
        await send(numbers, value)
        await wait(50)
      }
    },
    faults: { effects: false, diskErrors: false, diskFull: false },
    runs: isAckFirst ? 100 : 15,
    timeLimitMs: 120_000,
    pictures: false,
  })
}

describe('a loop that acks by itself', () => {
  it('RR1: passes', async () => {
    const { counts } = await check(false)
    assert.ok(counts.handlerRuns > 0)
  })

  it('RR1: is found where it acks before its work', async () => {
    await assert.rejects(check(true), (error) => {
      assert.ok(error instanceof CheckFailedError, String(error))
      assert.equal(error.violation.invariant, 'work-after-ack')
      return true
    })
  })
})
