import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { FencedError, inlineStores, LockedError } from '../../../persistence/index.ts'
import { SimulatedDisk } from '../../simulated-disk.ts'
import { SimulatedRandom } from '../../simulated-random.ts'

const settings = { segmentBytes: 64 * 1024 }
const batch = (firstOffset: number) => ({
  events: [],
  runs: [{ mailbox: 1, firstOffset, count: 1, timestampMs: 1, bytes: Buffer.from('message') }],
})
const openerOn = (disk: SimulatedDisk, seed: number) =>
  inlineStores({ disk, random: new SimulatedRandom(seed), nowMs: () => 1_000 })

async function life(seed: number): Promise<readonly string[]> {
  const disk = new SimulatedDisk({ log: true })
  const open = openerOn(disk, seed)
  const store = await open('/data', settings)
  for (let offset = 0; offset < 20; offset += 1) await store.commit(batch(offset))
  await store.release()
  return disk.log
}

describe('inlineStores', () => {
  it('IL1: the same seed gives the same calls, byte for byte, and another seed others', async () => {
    assert.deepEqual(await life(1), await life(1))
    assert.notDeepEqual(await life(1), await life(2))
  })

  it('IL2: a second store of the same opener is refused until the first is released', async () => {
    const open = openerOn(new SimulatedDisk(), 1)
    const first = await open('/data', settings)
    await assert.rejects(open('/data', settings), LockedError)
    await first.commit(batch(0))
    await first.release()
    const second = await open('/data', settings)
    assert.equal(second.recovered.report.previous, 'closed')
    assert.equal(second.recovered.report.messages, 1)
  })

  it('IL2: of two that open at once one wins', async () => {
    const open = openerOn(new SimulatedDisk(), 1)
    const settled = await Promise.allSettled([open('/data', settings), open('/data', settings)])
    const refusals = settled.filter((one) => one.status === 'rejected').map((one) => one.reason as unknown)
    assert.equal(refusals.length, 1)
    assert.ok(refusals[0] instanceof LockedError)
  })

  it('IL2: with takeover the first is fenced; so is one whose process is simulated to be dead', async () => {
    const disk = new SimulatedDisk()
    const open = openerOn(disk, 1)
    const first = await open('/data', settings)
    await first.commit(batch(0))
    const second = await open('/data', { ...settings, takeover: true })
    await assert.rejects(first.commit(batch(1)), FencedError)
    await second.commit(batch(1))
    const third = await openerOn(disk, 2)('/data', settings)
    assert.equal(third.recovered.report.previous, 'crashed')
    assert.equal(third.recovered.report.messages, 2)
    await assert.rejects(second.commit(batch(2)), FencedError)
  })
})
