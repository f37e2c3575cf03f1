/**
 * A long campaign of real kills: `npm run kills -- [--kills 200 | --minutes M] [--seed S] [--lanes (cores)]`.
 *
 * Owns: how much is run, on how many lanes at once, and saying how it goes. Leaves a lane's lives to
 * `processes/kill-campaign.ts`, whose witness, in this process, holds what was confirmed.
 *
 * KL1. A lane kills the children of one directory so many times, lets one drain all, and begins with a new directory:
 *      what was confirmed is judged while it is still small.
 * KL2. The directory of a broken guarantee is kept: it is the evidence.
 */
import * as fs from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { killCampaign } from '../processes/kill-campaign.ts'
import { makeBundledCopy } from '../processes/bundled-copy.ts'
import { SimulatedRandom } from '../index.ts'
import { runSeed } from '../support/seed.ts'

/** Kills on one directory. */
const KILLS_A_DIRECTORY = 100
/** Messages that a life sends at most: a life is short, so that many fit into a minute. */
const SENDS_A_LIFE = 24
const MINUTE_MS = 60_000
const LINE_EVERY_MS = 10_000
const SEED_MAX = 2 ** 31 - 1

const text = { type: 'string' } as const
const options = { kills: text, minutes: text, seed: text, lanes: text } as const
const { values } = parseArgs({ options, strict: true })
const seed = Number(values.seed ?? runSeed)
const lanes = Number(values.lanes ?? availableParallelism())
const killsMax = Number(values.kills ?? (values.minutes === undefined ? 200 : Infinity))
const startMs = performance.now()
const endMs = values.minutes === undefined ? Infinity : startMs + Number(values.minutes) * MINUTE_MS

const root = fs.mkdtempSync(join(tmpdir(), 'unlost-kill-'))
const copy = makeBundledCopy()
const total = new Map<string, number>()
let [kills, begun, saidMs] = [0, 0, startMs]

/** One directory after another, until enough were killed or the time is over. */
async function lane(): Promise<void> {
  while (begun < killsMax && performance.now() < endMs) {
    const part = Math.min(KILLS_A_DIRECTORY, killsMax - begun)
    begun += part
    const directory = join(root, `${begun}`)
    const { counts } = await killCampaign({
      kills: part,
      // A lane's seed follows from what was begun before it; the machine's timing decides the rest anyway.
      seed: new SimulatedRandom(seed, begun).choose(SEED_MAX),
      directory,
      scripts: copy.scripts,
      sends: SENDS_A_LIFE,
      goesOn: () => performance.now() < endMs,
      progress: noteKill,
    })
    for (const [name, count] of Object.entries(counts)) total.set(name, (total.get(name) ?? 0) + count)
    fs.rmSync(directory, { recursive: true })
  }
}

function noteKill(): void {
  kills += 1
  const nowMs = performance.now()
  if (nowMs - saidMs < LINE_EVERY_MS) return
  saidMs = nowMs
  console.log(`${kills} kills, ${perSecond()}/s`)
}

function perSecond(): string {
  return (kills / ((performance.now() - startMs) / 1000)).toFixed(1)
}

console.log(`seed ${seed}, ${lanes} lanes, in ${root}`)
try {
  await Promise.all(Array.from({ length: lanes }, () => lane()))
} finally {
  copy.remove()
}
const counts = JSON.stringify(Object.fromEntries(total))
console.log(`${kills} kills, ${perSecond()}/s: nothing lost, repeated or reordered; ${counts}`)
fs.rmSync(root, { recursive: true })
