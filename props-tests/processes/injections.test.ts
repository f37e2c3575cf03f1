/**
 * A real process whose system calls fail one by one (F5, F6, F8, F9, F18, F19, F23; G1, G2, G8, G12).
 *
 * An injected failure of a sync is kind: the bytes stay in the page cache. What a disk does that drops them is tried on
 * the simulated one.
 */
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { SimulatedRandom } from '../index.ts'
import { runSeed } from '../support/seed.ts'
import { checkReopened, faultTrial, killedLife } from './fault-trial.ts'
import type { FaultLine } from './fault-words.ts'
import { injections } from './injections.ts'
import { whyNoTrace } from './system-calls.ts'

/** Some kinds, and of each a random one of the first calls; `npm run injections` strikes all of all kinds. */
const KINDS = 5
const CALLS = 8
const reason = whyNoTrace()
if (reason !== undefined) console.log(`NOTICE: failing system calls were NOT tried: ${reason}`)

describe('a process whose system calls fail', { skip: reason ?? false }, () => {
  const random = new SimulatedRandom(runSeed)
  let root = ''
  before(() => {
    root = fs.mkdtempSync(join(tmpdir(), 'unlost-inject-'))
  })
  after(() => {
    fs.rmSync(root, { recursive: true })
  })

  function place(name: string): string {
    const directory = join(root, name.replaceAll(/\W/g, '-'))
    fs.mkdirSync(directory)
    return directory
  }

  const first = random.choose(injections.length)
  for (let i = 0; i < KINDS; i += 1) {
    // A step that shares no divisor with the length of the list, so that no kind comes twice.
    const injection = injections[(first + i * 5) % injections.length]
    assert.ok(injection !== undefined)
    const { name, inject, names, recovers } = injection
    const when = 1 + random.choose(CALLS)
    it(`FT1-FT3: ${name}, ${inject}, call ${when}: no wrong confirmation, no hang, and nothing confirmed is lost`, async (t) => {
      const directory = place(`${name} ${inject}`)
      const earlier = recovers ? await killedLife(directory) : []
      const { lines, struck } = await faultTrial({ root: directory, inject: `${inject}:when=${when}`, names })
      t.diagnostic(`struck ${struck}; ${wordsOf(lines)}`)
      await checkReopened(directory, [...earlier, ...lines])
    })
  }

  it('J2: after a sync that failed once nothing more is confirmed, and all that waited is told at once', async () => {
    const directory = place('latched')
    const { lines, struck } = await faultTrial({ root: directory, inject: 'fdatasync:error=EIO:when=9' })
    assert.ok(struck >= 1)
    const broken = lines.findIndex(({ say }) => say === 'broken')
    assert.ok(broken > 0, wordsOf(lines))
    assert.ok(!lines.slice(broken).some(({ say }) => say === 'confirmed'))
    const refused = lines.filter((line) => line.say === 'refused')
    assert.ok(refused.every(({ code }) => code === 'UNLOST_BROKEN'))
    // Which of the two depends on what was in the frame that failed.
    assert.ok(refused.every(({ outcome }) => outcome === 'unknown' || outcome === 'not-written'))
    await checkReopened(directory, lines)
  })

  it('J2, J3: a disk that takes no byte any more, not even the zeros over half a frame: broken by name', async () => {
    const directory = place('full')
    const plan = { root: directory, inject: 'pwrite64:error=ENOSPC:when=12+', timeoutMs: 400, sends: 24 }
    const { lines } = await faultTrial(plan)
    const refused = lines.filter((line) => line.say === 'refused')
    assert.ok(refused.length > 0, wordsOf(lines))
    assert.ok(
      refused.every(({ code }) => code === 'UNLOST_BROKEN' || code === 'UNLOST_DISK_FULL'),
      wordsOf(lines),
    )
    await checkReopened(directory, lines)
  })

  it('G8: a disk that takes its time: no early confirmation, a stall by name, time-outs by name, and it goes on', async () => {
    const directory = place('gray')
    const plan = { root: directory, inject: 'fdatasync:delay_enter=2500000:when=9', timeoutMs: 800 }
    const { lines } = await faultTrial(plan)
    assert.ok(
      lines.some(({ say }) => say === 'stalled'),
      wordsOf(lines),
    )
    const refused = lines.filter((line) => line.say === 'refused')
    assert.ok(refused.length > 0)
    assert.ok(
      refused.every(({ code }) => code === 'UNLOST_TIMEOUT'),
      wordsOf(lines),
    )
    assert.equal(lines.at(-1)?.say, 'closed')
    await checkReopened(directory, lines)
  })

  it('F11: a write that never happened although the system said so is found when the directory is opened again', async () => {
    const directory = place('lost')
    // Of the frame's bytes the first 64 are lost: its head. Frames behind it prove that it had been confirmed.
    const { lines, struck } = await faultTrial({ root: directory, inject: 'pwrite64:retval=64:when=12' })
    assert.ok(struck >= 1 && lines.at(-1)?.say === 'closed', wordsOf(lines))
    await assert.rejects(checkReopened(directory, lines), /UNLOST_CORRUPT/)
  })
})

function wordsOf(lines: readonly FaultLine[]): string {
  const words = lines.map((line) => `${line.say}${'code' in line ? ` ${line.code}` : ''}`)
  const counts = new Map<string, number>()
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
  return JSON.stringify(Object.fromEntries(counts))
}
