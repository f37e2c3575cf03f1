import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { rightActors } from '../support/right-actors.ts'
import { runSeed } from '../support/seed.ts'

const RUNS = Number(process.env['UNLOST_RUNS'] ?? 20)

describe('actors that do everything right', () => {
  for (const [i, check] of rightActors.entries()) {
    it(`are accused of nothing, whatever happens (${i + 1})`, async (t) => {
      const report = await check({
        seed: runSeed,
        runs: RUNS,
        deaths: 2 * RUNS,
        pictures: false,
        timeLimitMs: 60_000,
      })
      t.diagnostic(JSON.stringify({ counts: report.counts, ways: report.ways, deaths: report.deaths }))
      assert.ok(report.counts.crashes > 0 && report.counts.handlerRuns > 0)
    })
  }
})
