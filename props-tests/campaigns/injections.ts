/**
 * System calls of a real process that fail, each in turn: `npm run injections -- <how many of each> [first]`.
 *
 * Owns: which calls, and saying how it goes. Leaves each run to `processes/fault-trial.ts`.
 */
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkReopened, faultTrial, killedLife } from '../processes/fault-trial.ts'
import { injections } from '../processes/injections.ts'
import { whyNoTrace } from '../processes/system-calls.ts'

const [count = '12', first = '1'] = process.argv.slice(2)
const reason = whyNoTrace()
if (reason !== undefined) {
  console.error(`nothing can be injected here: ${reason}`)
  process.exit(1)
}
let runs = 0
let struck = 0
for (const injection of injections) {
  for (let when = Number(first); when < Number(first) + Number(count); when += 1) {
    const root = fs.mkdtempSync(join(tmpdir(), 'unlost-inject-'))
    const inject = `${injection.inject}:when=${when}`
    const before = injection.recovers ? await killedLife(root) : []
    const report = await faultTrial({ root, inject, names: injection.names, life: 1 })
    await checkReopened(root, [...before, ...report.lines])
    runs += 1
    struck += report.struck
    const errors = report.lines.flatMap((line) => ('code' in line ? [`${line.say} ${line.code}`] : []))
    console.log(`${injection.name} ${inject}: struck ${report.struck}; ${[...new Set(errors)].join(', ')}`)
    fs.rmSync(root, { recursive: true })
    if (report.struck === 0) break
  }
}
console.log(
  `${runs} runs, ${struck} calls failed: nothing confirmed was lost, nothing hung, every error had its code`,
)
