/**
 * Owners that are stopped, replaced and continued: `npm run takeovers -- <trials> [seed]`.
 *
 * Owns: how many, at which moments, and saying how it goes. Leaves each to `processes/takeover-trial.ts`.
 */
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SimulatedRandom } from '../index.ts'
import { takeoverTrial } from '../processes/takeover-trial.ts'
import { runSeed } from '../support/seed.ts'

const [trials = '100', seed = String(runSeed)] = process.argv.slice(2)
const moments = ['none', 'rotation', 'checkpoint', 'clean-up'] as const
const root = fs.mkdtempSync(join(tmpdir(), 'unlost-takeovers-'))
const random = new SimulatedRandom(Number(seed))
const met = new Map<string, number>()
console.log(`${trials} takeovers, seed ${seed}, in ${root}`)
for (let trial = 0; trial < Number(trials); trial += 1) {
  const directory = join(root, `trial-${trial}`)
  const report = await takeoverTrial({ directory, moment: moments[trial % moments.length] ?? 'none', random })
  met.set(report.sight.moment, (met.get(report.sight.moment) ?? 0) + 1)
  const { sight, ...rest } = report
  console.log(
    `${trial + 1}: ${sight.moment} (${sight.last}, of ${sight.names.length} files) ${JSON.stringify(rest)}`,
  )
  // A directory in which a guarantee broke is the evidence, and stays.
  fs.rmSync(directory, { recursive: true })
}
console.log(
  `${trials} takeovers: nothing lost, repeated or confirmed by a zombie; stopped in ${JSON.stringify([...met])}`,
)
fs.rmSync(root, { recursive: true })
