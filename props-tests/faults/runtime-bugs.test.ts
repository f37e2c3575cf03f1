/**
 * The checker is checked: each runtime that is wrong on purpose must be found by the same property.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { ViolationError } from '../support/journal-run.ts'
import { runtimeBugs } from '../support/runtime-bugs.ts'
import { runtimeProperty } from '../support/runtime-commands.ts'

/** A bug must be found within so many random runs. */
const RUNS_MAX = 400

describe('bugs planted in the runtime', () => {
  for (const bug of runtimeBugs) {
    it(`BR1, GU1, GU2, LG1: ${bug.name} - found`, async (t) => {
      const result = await fc.check(runtimeProperty(bug), { numRuns: RUNS_MAX, endOnFailure: true })
      assert.ok(result.failed, `${RUNS_MAX} runs did not find it`)
      assert.ok(result.errorInstance instanceof ViolationError, String(result.errorInstance))
      assert.match(result.errorInstance.message, bug.breaks ?? /./)
      t.diagnostic(`run ${result.numRuns}: ${result.errorInstance.message.slice(0, 120)}`)
    })
  }
})
