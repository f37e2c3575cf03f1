import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DiskFullError } from '../../../persistence/index.ts'
import { defineTopic } from '../../../runtime/index.ts'
import { assertNoGap, Fate, openRig, reopen, stored, values } from '../../support/sending-rig.ts'

const orders = defineTopic<string>('orders', { partitions: 2, key: (value) => value })

describe('message ids (G4)', () => {
  it('LG1, BD2: a second send of one id is answered with the first one’s receipt, in this run and the next', async () => {
    const rig = await openRig()
    const producer = rig.runtime.producer(orders, { id: 'a' })
    const first = new Fate(producer.send('x', { messageId: 'id-1' }))
    const together = new Fate(producer.send('y', { messageId: 'id-1' }))
    await rig.settle()
    const later = new Fate(rig.runtime.producer(orders, { id: 'b' }).send('z', { messageId: 'id-1' }))
    await rig.settle()
    assert.equal(first.value?.duplicate, false)
    const original = { ...first.value, duplicate: true }
    assert.deepEqual([together.value, later.value], [original, original])
    const next = await reopen(rig)
    const after = new Fate(next.runtime.producer(orders, { id: 'c' }).send('w', { messageId: 'id-1' }))
    await next.settle()
    assert.deepEqual(after.value, original)
    assert.deepEqual(values(rig.disk), ['x'])
    assertNoGap(rig.disk)
  })

  it('BD1: an original that was refused and given up leaves no trace in the receipt of its repeat', async () => {
    const rig = await openRig()
    const producer = rig.runtime.producer(orders)
    rig.store.beforeCommit = () => {
      throw new DiskFullError('no space')
    }
    const original = new Fate(producer.send('x', { messageId: 'id-1', deliveryTimeoutMs: 10 }))
    const repeat = new Fate(producer.send('y', { messageId: 'id-1' }))
    await rig.clock.advance(10)
    assert.equal(original.words, 'UNLOST_DISK_FULL not-written')
    rig.store.beforeCommit = () => {}
    await rig.clock.advance(5000)
    assert.equal(repeat.value?.duplicate, false)
    const [message] = stored(rig.disk)
    assert.deepEqual([message?.offset, message?.sequence], [repeat.value?.offset, repeat.value?.sequence])
    assert.deepEqual(values(rig.disk), ['y'])
  })

  it('LG1: ids belong to their topic, and the oldest are forgotten beyond messageIdCount', async () => {
    const rig = await openRig()
    const few = defineTopic<string>('few', { messageIdCount: 2 })
    const producer = rig.runtime.producer(few)
    const ids = ['1', '2', '3', '1', '3']
    const receipts = []
    for (const messageId of ids) {
      const fate = new Fate(producer.send(messageId, { messageId }))
      await rig.settle()
      receipts.push(fate.value?.duplicate)
    }
    assert.deepEqual(receipts, [false, false, false, false, true])
    const other = new Fate(rig.runtime.producer(orders).send('x', { messageId: '3' }))
    await rig.settle()
    assert.equal(other.value?.duplicate, false)
    const none = defineTopic<string>('none', { messageIdCount: 0 })
    for (const expected of [false, false]) {
      const fate = new Fate(rig.runtime.producer(none).send('x', { messageId: 'same' }))
      await rig.settle()
      assert.equal(fate.value?.duplicate, expected)
    }
  })

  it('LG2: ids survive a checkpoint', async () => {
    const rig = await openRig()
    const producer = rig.runtime.producer(orders, { id: 'a' })
    const first = new Fate(producer.send('x', { messageId: 'id-1' }))
    await rig.settle()
    await Promise.all([rig.runtime.close(), rig.settle()])
    assert.ok(rig.disk.checkpoint !== undefined, 'close wrote one')
    const next = await reopen(rig)
    const again = new Fate(next.runtime.producer(orders, { id: 'a' }).send('x', { messageId: 'id-1' }))
    await next.settle()
    assert.deepEqual(again.value, { ...first.value, duplicate: true })
  })

  it('BD2: an id with any text in it is found again', async () => {
    const rig = await openRig()
    const producer = rig.runtime.producer(orders)
    for (const messageId of ['', '\0', '"', '\ud800', 'ü€😀', '__proto__', 'x'.repeat(65_536)]) {
      const fates = [1, 2].map(() => new Fate(producer.send('v', { messageId })))
      await rig.settle()
      assert.deepEqual(
        fates.map((fate) => fate.value?.duplicate),
        [false, true],
      )
    }
  })
})
