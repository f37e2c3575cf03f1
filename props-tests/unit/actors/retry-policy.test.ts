/**
 * Back-off: its bounds, its growth, and that nothing is drawn inside.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { defaultMaxDelayMs, defaultMinDelayMs, retryDelayMs } from '../../../actors/index.ts'

const attempts = fc.oneof(
  fc.integer({ min: 1, max: 40 }),
  fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
)
const fractions = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
const delays = fc.integer({ min: 0, max: 86_400_000 })
const questions = fc.record({
  attempt: attempts,
  fraction: fractions,
  minDelayMs: delays,
  maxDelayMs: delays,
})

const longest = (attempt: number) => retryDelayMs({ attempt, fraction: 1 - Number.EPSILON })

describe('retryDelayMs', () => {
  it('RP1: is a whole number between half the shortest and the longest delay', () => {
    fc.assert(
      fc.property(questions, (question) => {
        const delayMs = retryDelayMs(question)
        const shortestMs = Math.min(question.minDelayMs, question.maxDelayMs)
        assert.ok(Number.isSafeInteger(delayMs))
        assert.ok(delayMs >= Math.floor(shortestMs / 2), `${delayMs} is too short`)
        assert.ok(delayMs <= question.maxDelayMs, `${delayMs} is too long`)
      }),
    )
  })

  it('RP2: never falls as attempts rise, for one fraction; the upper bound doubles until it is reached', () => {
    fc.assert(
      fc.property(questions, fc.nat(100), (question, later) => {
        const again = { ...question, attempt: question.attempt + later }
        assert.ok(retryDelayMs(again) >= retryDelayMs(question))
      }),
    )
    assert.deepEqual([1, 2, 3, 4].map(longest), [100, 200, 400, 800])
    assert.equal(longest(11), 60_000)
    assert.equal(longest(Number.MAX_SAFE_INTEGER), 60_000)
  })

  it('RP3: the same question has the same answer', () => {
    fc.assert(fc.property(questions, (question) => retryDelayMs(question) === retryDelayMs({ ...question })))
  })

  it('spreads over the upper half, from the defaults that are documented', () => {
    assert.deepEqual([defaultMinDelayMs, defaultMaxDelayMs], [100, 60_000])
    assert.equal(retryDelayMs({ attempt: 3, fraction: 0 }), 200)
    assert.equal(retryDelayMs({ attempt: 3, fraction: 0.5 }), 300)
    assert.equal(retryDelayMs({ attempt: 1, fraction: 0.5, minDelayMs: 10, maxDelayMs: 10 }), 8)
  })
})
