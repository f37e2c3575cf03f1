/**
 * The checker is checked: each runtime that is wrong on purpose must be found by the same property.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { ViolationError } from '../support/journal-run.ts'
import { runtimeBugs } from '../support/runtime-bugs.ts'
import { carryOut, runtimeProperty } from '../support/runtime-commands.ts'
import type { RuntimeWork } from '../support/runtime-run.ts'

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

/** One life, hand-overs among it; then the owner is replaced while it works. */
const plain = (keys: readonly number[]): { key: number; padBytes: number; delayMs: number }[] =>
  keys.map((key) => ({ key, padBytes: 30, delayMs: 0 }))
const oneLife: readonly RuntimeWork[] = [
  { do: 'send', producer: 0, plans: plain([0, 1, 2, 0, 1, 0, 3, 2]) },
  { do: 'send', producer: 1, plans: plain([0, 1, 2, 0, 1, 0, 3, 2]) },
  { do: 'advance', ms: 120 },
]
const replaced: RuntimeWork = { do: 'takeover', call: 1, plans: plain([0]), late: plain([1]) }

describe('what the disk tells names the guarantee, without any crash', () => {
  const told: readonly [bug: string, checker: string, work: readonly RuntimeWork[]][] = [
    ['the names of files are not synced', 'early-ack', oneLife],
    ['confirmed one batch early', 'early-ack', oneLife],
    ['commits that nobody waits for are not synced', 'dirty-delivery', oneLife],
    ['reading passes over a run', 'hole', [...oneLife, { do: 'restart' }]],
    ['an owner that was replaced confirms all the same', 'split-owner', [...oneLife, replaced]],
  ]
  for (const [name, checker, work] of told) {
    it(`RB2, RX1: ${name} - ${checker}`, async () => {
      const bug = runtimeBugs.find((each) => each.name === name) ?? assert.fail(name)
      const run = carryOut(
        bug,
        work.map((each) => ({ work: each })),
      )
      await assert.rejects(run, { name: 'ViolationError', invariant: checker })
    })
  }
})
