import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { carryOut, runtimeProperty } from '../support/runtime-commands.ts'

const right = { name: 'none' }
const NUM_RUNS = Number(process.env['UNLOST_RUNS'] ?? 120)

describe('the whole runtime under crashes, at random', () => {
  it('RT1, BR1, GU1, GU2: nothing confirmed is lost, repeated, reordered, early or half done', async (t) => {
    const total: Record<string, number> = {}
    const property = runtimeProperty(right, ({ counts }) => {
      for (const [name, count] of Object.entries(counts)) total[name] = (total[name] ?? 0) + count
    })
    await fc.assert(property, { numRuns: NUM_RUNS, includeErrorInReport: true })
    t.diagnostic(JSON.stringify(total))
    for (const [name, count] of Object.entries(total)) assert.ok(count > 0, `${name} happened`)
  })
})

void carryOut
