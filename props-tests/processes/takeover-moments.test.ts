/**
 * An owner that is stopped in the middle of rotation, checkpoint or clean-up, replaced, and continued (G10, G2, G4).
 */
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { SimulatedRandom } from '../index.ts'
import { runSeed } from '../support/seed.ts'
import { takeoverTrial } from './takeover-trial.ts'

const reason = process.platform === 'linux' ? undefined : 'this is not Linux'
if (reason !== undefined) console.log(`NOTICE: takeovers at chosen moments were NOT tried: ${reason}`)

describe('an owner stopped at a chosen moment', { skip: reason ?? false }, () => {
  const random = new SimulatedRandom(runSeed)
  let root = ''
  before(() => {
    root = fs.mkdtempSync(join(tmpdir(), 'unlost-moments-'))
  })
  after(() => {
    fs.rmSync(root, { recursive: true })
  })

  for (const moment of ['rotation', 'checkpoint', 'clean-up'] as const) {
    it(`J1, J5, BS2, TK1-TK3: replaced in the middle of ${moment}, it confirms nothing more, and nothing is lost`, async (t) => {
      const report = await takeoverTrial({ directory: join(root, moment), moment, random })
      t.diagnostic(JSON.stringify(report))
      assert.equal(report.sight.moment, moment, 'the directory shows that it was')
    })
  }

  it('TT2: the same trial finds an owner that confirms before it writes', async () => {
    const trial = takeoverTrial({ directory: join(root, 'early'), moment: 'none', random, early: true })
    await assert.rejects(
      trial,
      /zombie|lost-write|duplicate append|holds|gap|torn-batch|redelivery|order:|attempts/,
    )
  })
})
