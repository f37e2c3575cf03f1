/**
 * A handler that sent the same text twice, each time under a key of its own, was accused of a repeated effect when a crash
 * came between the two.
 *
 * Found by writing right loops against the kit.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { CheckFailedError, checkTopic } from '../index.ts'
import type { CheckTopicOptions } from '../index.ts'

function check(keyOf: (place: string, attempt: number) => string): ReturnType<typeof checkTopic> {
  const options: CheckTopicOptions<number> = {
    values: fc.nat(9),
    handler: async ({ partition, offset, attempt }, _, world) => {
      const key = keyOf(`${partition}/${offset}`, attempt)
      await world.outside('mail').call('hello', { key: `first ${key}` })
      await world.outside('mail').call('hello', { key: `second ${key}` })
    },
    runs: 50,
    timeLimitMs: 120_000,
    pictures: false,
  }
  return checkTopic(options)
}

describe('two calls of one text', () => {
  it('CP1: pass under keys of their own', async () => {
    const { counts } = await check((place) => place)
    assert.ok(counts.crashes > 20)
  })

  it('CP1: are found under keys that are others in each attempt', async () => {
    await assert.rejects(
      check((place, attempt) => `${place} ${attempt}`),
      (error) => error instanceof CheckFailedError && error.violation.invariant === 'duplicated-effect',
    )
  })
})
