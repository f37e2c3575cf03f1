/**
 * The kit on handlers and loops: what is right passes, what is wrong is found by name.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { CheckFailedError, checkTopic } from '../index.ts'
import { rightHandlers } from '../support/right-handlers.ts'
import type { Order, Subject } from '../support/right-handlers.ts'
import { rightLoops } from '../support/right-loops.ts'
import { wrongHandlers } from '../support/wrong-handlers.ts'
import { wrongLoops } from '../support/wrong-loops.ts'

const values: fc.Arbitrary<Order> = fc.record({
  customer: fc.constantFrom('ann', 'bob', 'eve'),
  amount: fc.integer({ min: 1, max: 99 }),
})

function check({ name, start, consumer }: Subject, runs: number): ReturnType<typeof checkTopic> {
  const terms = consumer === undefined ? {} : { consumer }
  const key = ({ customer }: Order): string => customer
  return checkTopic({
    title: name,
    values,
    key,
    start,
    runs,
    pictures: false,
    timeLimitMs: 120_000,
    ...terms,
  })
}

describe('right handlers', () => {
  for (const subject of rightHandlers) {
    it(`CP1: passes: ${subject.name}`, async () => {
      const { counts } = await check(subject, 25)
      assert.ok(counts.crashes > 20)
    })
  }
})

describe('right loops', () => {
  for (const subject of rightLoops) {
    it(`RL1, AB1 and AB2: passes: ${subject.name}`, async () => {
      const { counts } = await check(subject, 25)
      assert.ok(counts.crashes > 20)
    })
  }
})

describe('wrong handlers and loops', () => {
  for (const subject of [...wrongHandlers, ...wrongLoops]) {
    it(`CP1, SY1, RL1: finds: ${subject.name}`, async () => {
      await assert.rejects(check(subject, 400), (error) => {
        assert.ok(error instanceof CheckFailedError, String(error))
        const { invariant } = error.violation
        assert.ok(subject.finds?.includes(invariant), `${invariant}\n${error.message}`)
        return true
      })
    })
  }
})
