/**
 * A handler that asked for its message again after 50 ms, for ever, was found only when 15 minutes of simulated time were
 * over: after 36,000 runs and a minute and a half, however short the time that the check was given.
 */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { RetryAfter } from '../../runtime/index.ts'
import { checkTopic } from '../index.ts'

it('DG2: a handler that asks for its message again for ever is named after some thousand runs', async () => {
  const check = checkTopic({
    values: fc.nat(9),
    handler: () => {
      throw new RetryAfter(50)
    },
    runs: 1,
    shrinkLimitMs: 0,
    pictures: false,
  })
  await assert.rejects(check, (error: Error) => {
    assert.match(error.message, /^handler-never-ends: /)
    const runs = Number(/and (\d+) handler\s+runs/.exec(error.message)?.[1])
    assert.ok(runs > 100 && runs < 10_000, `${runs} runs`)
    return true
  })
})
