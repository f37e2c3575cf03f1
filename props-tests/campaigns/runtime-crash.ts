/**
 * A long crash campaign over the whole runtime: `node --import tsx props-tests/campaigns/runtime-crash.ts <runs> [seed]`.
 *
 * Owns: how much is run. Leaves what is run to `support/runtime-commands.ts`.
 */
import fc from 'fast-check'
import { runtimeProperty } from '../support/runtime-commands.ts'

const [runsText = '10000', seedText = String(fc.sample(fc.nat(), 1)[0])] = process.argv.slice(2)
const [numRuns, seed] = [Number(runsText), Number(seedText)]
console.log(`${numRuns} runs, seed ${seed}`)
const total = new Map<string, number>()
const property = runtimeProperty({ name: 'none' }, ({ counts }) => {
  for (const [name, count] of Object.entries(counts)) total.set(name, (total.get(name) ?? 0) + count)
})
await fc.assert(property, { numRuns, seed, includeErrorInReport: true })
console.log(JSON.stringify(Object.fromEntries(total)))
