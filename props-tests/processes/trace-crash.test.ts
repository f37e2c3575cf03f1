/**
 * A real process under a tracer, and every crash that its system calls could have led to (G1, G2, G3, G6, G7).
 *
 * The process works, is killed, and another one recovers the directory and works on; both are traced with all bytes.
 */
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { bytesOf, filesOf, SimulatedDisk } from '../index.ts'
import { runSeed } from '../support/seed.ts'
import type { DiskLie } from './kill-words.ts'
import { whyNoTrace } from './system-calls.ts'
import { crashEverywhere } from './trace-crashes.ts'
import { TraceReplay } from './trace-replay.ts'
import { traceLives } from './traced-run.ts'
import type { TracedLives } from './traced-run.ts'

const SENDS = 16
const LIE_SENDS = 16
const bounds = { exhaustiveMax: 128, randomCount: 4, seed: runSeed }
const reason = whyNoTrace()
if (reason !== undefined) console.log(`NOTICE: crash states of a real trace were NOT tried: ${reason}`)

describe('the crashes that a real process could have had', { skip: reason ?? false }, () => {
  let root = ''
  let traced: TracedLives
  before(async () => {
    root = fs.mkdtempSync(join(tmpdir(), 'unlost-crashes-'))
    fs.mkdirSync(join(root, 'right'))
    traced = await traceLives(join(root, 'right'), [{ sends: SENDS, killAfter: SENDS * 2 }, { sends: SENDS }])
  })
  after(() => {
    fs.rmSync(root, { recursive: true })
  })

  it('TP1, TU1: the trace makes the same files again, byte for byte, over both lives', () => {
    const replay = new TraceReplay(new SimulatedDisk())
    for (const [life, steps] of traced.lives.entries()) {
      if (life > 0) replay.nextLife()
      for (const step of steps) if (step.do !== 'say') replay.do(step)
    }
    const real = join(root, 'right', 'data')
    const names = fs.readdirSync(real).toSorted()
    assert.ok(names.length > 3)
    assert.deepEqual(
      filesOf(replay.disk),
      names.map((name) => `/data/${name}`),
    )
    for (const name of names)
      assert.ok(
        Buffer.compare(fs.readFileSync(join(real, name)), bytesOf(replay.disk, `/data/${name}`)) === 0,
        name,
      )
  })

  for (const tornUnitBytes of [512, 64]) {
    it(`TX1, TX2, TD1: each state opens with all that was confirmed, in order, once: torn at ${tornUnitBytes} bytes`, async (t) => {
      const counts = await crashEverywhere({ ...traced, ...bounds, tornUnitBytes })
      t.diagnostic(`${counts.moments} moments, ${counts.states} states, ${counts.drained} handled to the end`)
      assert.deepEqual(counts.violations, [])
      assert.ok(counts.states > 5 * counts.moments, 'much was torn')
      assert.ok(counts.drained > counts.moments, 'some moments have more than one outcome')
    })
  }

  const lies: readonly (readonly [DiskLie, RegExp])[] = [
    ['no-sync', /lost-write|redelivery-after-durable-ack|gap|false-refusal/],
    ['odd-sync', /lost-write|redelivery-after-durable-ack|gap|false-refusal/],
    ['no-name-sync', /lost-write|false-refusal/],
  ]
  for (const [fault, expected] of lies) {
    it(`TX3: the same walk finds a real process whose disk tells a lie: ${fault}`, async (t) => {
      const place = join(root, fault)
      fs.mkdirSync(place)
      const wrong = await traceLives(place, [{ sends: LIE_SENDS, fault }])
      const { violations } = await crashEverywhere({ ...wrong, ...bounds, tornUnitBytes: 512 })
      t.diagnostic(violations.join('; '))
      assert.match(violations.join(), /^moment \d+, state \d+: /)
      assert.match(violations.join(), expected)
    })
  }
})
