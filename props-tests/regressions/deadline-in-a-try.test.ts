/**
 * A send whose time ended while the full disk was being tried again was told that it had timed out, its outcome
 * unknown. On a busy machine that was one in ten of those that a full disk refuses, whatever the try answered.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DiskFullError } from '../../persistence/index.ts'
import { defineTopic } from '../../runtime/index.ts'
import { deferred, Fate, openRig, values } from '../support/sending-rig.ts'

const plain = defineTopic('plain')
const diskRetryMs = 1_000

/** A send of 5 s on a full disk; a try begins before they are over, and is still under way when they are. */
async function overdueInATry() {
  const rig = await openRig({ limits: { diskRetryMs } })
  const answer = deferred()
  const disk = { isFull: true, isSlow: false }
  const commit = async (runs: number): Promise<void> => {
    if (disk.isSlow) await answer.promise
    if (runs > 0 && disk.isFull) throw new DiskFullError('no space')
  }
  rig.store.beforeCommit = ({ runs }) => commit(runs.length)
  const fate = new Fate(rig.runtime.producer(plain).send('kept', { deliveryTimeoutMs: 5_000 }))
  await rig.clock.advance(3_900)
  disk.isSlow = true
  await rig.clock.advance(1_100)
  assert.equal(fate.state, 'pending', 'the try knows soon')
  return { rig, answer, disk, fate }
}

describe('a send whose time ends in the middle of a try on a full disk', () => {
  it('AD2: is refused if the try is, and not written later', async () => {
    const { rig, answer, disk, fate } = await overdueInATry()
    answer.resolve()
    await rig.settle()
    assert.equal(fate.words, 'UNLOST_DISK_FULL not-written')
    disk.isFull = false
    await rig.clock.advance(5_000)
    assert.deepEqual(values(rig.disk), [])
  })

  it('AD2: is confirmed if the try succeeds', async () => {
    const { rig, answer, disk, fate } = await overdueInATry()
    disk.isFull = false
    answer.resolve()
    await rig.settle()
    assert.equal(fate.state, 'fulfilled')
    assert.deepEqual(values(rig.disk), ['kept'])
  })

  it('AD2: does not wait for ever, and what it was told stays true', async () => {
    const { rig, answer, disk, fate } = await overdueInATry()
    await rig.clock.advance(diskRetryMs - 1)
    assert.equal(fate.state, 'pending')
    await rig.clock.advance(1)
    assert.equal(fate.words, 'UNLOST_TIMEOUT unknown')
    answer.resolve()
    await rig.settle()
    disk.isFull = false
    await rig.clock.advance(5_000)
    assert.deepEqual(values(rig.disk), [])
  })
})
