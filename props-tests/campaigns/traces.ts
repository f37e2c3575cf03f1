/**
 * Crash states of a real run, many of them:
 * `npm run traces -- <sends a life> [seed] [bytes of a torn unit] [part/of] [directory with the traces]`.
 *
 * Owns: how much is run, and saying how it goes. Leaves what is run to `processes/trace-crashes.ts`.
 */
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { whyNoTrace } from '../processes/system-calls.ts'
import { crashEverywhere } from '../processes/trace-crashes.ts'
import { traceLives } from '../processes/traced-run.ts'
import { runSeed } from '../support/seed.ts'

const [sends = '60', seed = String(runSeed), unit = '512', share = '1/1', kept] = process.argv.slice(2)
const reason = whyNoTrace()
if (reason !== undefined) {
  console.error(`nothing can be traced here: ${reason}`)
  process.exit(1)
}
const root = kept ?? fs.mkdtempSync(join(tmpdir(), 'unlost-traces-'))
const [part = 1, of = 1] = share.split('/').map(Number)
console.log(`${sends} messages a life, two lives, seed ${seed}, in ${root}`)
const traced = await traceLives(root, [
  { sends: Number(sends), killAfter: Number(sends) * 2 },
  { sends: Number(sends) },
])
const startMs = performance.now()
const counts = await crashEverywhere({
  ...traced,
  tornUnitBytes: Number(unit),
  exhaustiveMax: 1024,
  randomCount: 32,
  seed: Number(seed),
  share: { part, of },
})
const seconds = ((performance.now() - startMs) / 1000).toFixed(1)
console.log(`torn at ${unit} bytes, ${share}: ${JSON.stringify(counts)} in ${seconds} s`)
if (counts.violations.length > 0) process.exitCode = 1
// Kept where a guarantee broke: the traces are the evidence.
else if (kept === undefined) fs.rmSync(root, { recursive: true })
