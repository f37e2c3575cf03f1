/**
 * A check of one run passed a handler that never ends: the one case that seed 282 draws sent no message, so that the
 * handler never ran. One case in twenty-five was like that.
 */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { checkTopic } from '../index.ts'

it('AR3: a check of one run runs the handler, whatever the seed', async () => {
  for (const seed of [6, 282]) {
    const { counts } = await checkTopic({ values: fc.nat(9), handler: () => {}, runs: 1, seed })
    assert.ok(counts.handlerRuns > 0, `seed ${seed}`)
  }
})
