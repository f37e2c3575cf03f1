/**
 * A long campaign of real kills: `node --import tsx props-tests/campaigns/kill.ts <kills> [seed]`.
 *
 * Owns: how much is run, and saying how it goes. Leaves what is run to `processes/kill-campaign.ts`.
 */
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { killCampaign } from '../processes/kill-campaign.ts'
import type { Witness } from '../processes/kill-witness.ts'
import { runSeed } from '../support/seed.ts'

const [kills = '200', seed = String(runSeed)] = process.argv.slice(2)
const root = fs.mkdtempSync(join(tmpdir(), 'unlost-kill-'))
const progress = (life: number, { counts }: Witness): void => {
  console.log(`life ${life}: ${JSON.stringify(counts)}`)
}
console.log(`${kills} kills, seed ${seed}, in ${root}`)
await killCampaign({ kills: Number(kills), seed: Number(seed), directory: join(root, 'data'), progress })
console.log(`${kills} kills: nothing lost, repeated or reordered`)
// Kept where a guarantee broke: the directory is the evidence.
fs.rmSync(root, { recursive: true })
