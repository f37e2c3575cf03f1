/**
 * SIGKILL at random moments, on the real disk: nothing confirmed is lost, nothing comes out of order (G2, G3, G6, G7).
 *
 * `UNLOST_KILLS` sets how many; the seed of the run decides where.
 */
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { runSeed } from '../support/seed.ts'
import { killCampaign } from './kill-campaign.ts'

const kills = Number(process.env['UNLOST_KILLS'] ?? 20)
/** A store that confirms too early is found within so many deaths. */
const CONTROL_KILLS = 12

describe('a child that is killed again and again', () => {
  let root = ''
  before(() => {
    root = fs.mkdtempSync(join(tmpdir(), 'unlost-kill-'))
  })
  after(() => {
    fs.rmSync(root, { recursive: true })
  })

  it(`RT1: after each of ${kills} kills it goes on, and loses, repeats and reorders nothing`, async (t) => {
    const { counts, dead } = await killCampaign({ kills, seed: runSeed, directory: join(root, 'right') })
    t.diagnostic(`${kills} kills: ${JSON.stringify(counts)}`)
    assert.deepEqual(dead, [], 'a kill from outside makes no dead letter')
    assert.ok(counts.confirmed > 10 * kills, 'it was not idle')
    assert.ok(counts.redelivered > 0, 'kills struck while messages were out')
  })

  it('BR1: the same campaign finds a store that confirms before it writes', async () => {
    const directory = join(root, 'early')
    const campaign = killCampaign({ kills: CONTROL_KILLS, seed: runSeed, directory, early: true })
    await assert.rejects(
      campaign,
      /lost-write|duplicate append|holds|gap|torn-batch|redelivery|order:|attempts/,
    )
  })
})
