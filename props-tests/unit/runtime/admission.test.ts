import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { BrokenError, DiskFullError } from '../../../persistence/index.ts'
import { defineTopic, DEFAULT_LIMITS } from '../../../runtime/index.ts'
import { Window } from '../../../runtime/internal.ts'
import { heapBytes } from '../../support/heap.ts'
import { assertNoGap, deferred, Fate, listenTo, openRig, values } from '../../support/sending-rig.ts'

const plain = defineTopic('plain')
const full = (): never => {
  throw new DiskFullError('no space')
}

describe('admission', () => {
  it('AD1: beyond the window sends wait, beyond the bound they are refused by name', async () => {
    const rig = await openRig({ limits: { windowCount: 2, waitingCount: 3 } })
    const gate = deferred()
    rig.store.beforeCommit = () => gate.promise
    const producer = rig.runtime.producer(plain)
    const fates = [0, 1, 2, 3, 4, 5, 6].map((value) => new Fate(producer.send(value)))
    const room = new Fate(producer.ready())
    await rig.settle()
    assert.deepEqual(
      fates.map((fate) => fate.words),
      [
        ...Array.from({ length: 5 }, () => 'pending'),
        ...Array.from({ length: 2 }, () => 'UNLOST_BACKPRESSURE not-written'),
      ],
    )
    assert.equal(room.state, 'pending')
    gate.resolve()
    await rig.settle()
    assert.equal(room.state, 'fulfilled')
    assert.deepEqual(values(rig.disk), [0, 1, 2, 3, 4])
    assertNoGap(rig.disk)
  })

  it('AD1: the window counts bytes too, and lets one large send through', async () => {
    const rig = await openRig({ limits: { windowBytes: 1024, waitingBytes: 2500, waitingCount: 100 } })
    const gate = deferred()
    rig.store.beforeCommit = () => gate.promise
    const producer = rig.runtime.producer(plain)
    const text = 'x'.repeat(1000)
    const fates = [0, 1, 2, 3].map(() => new Fate(producer.send(text)))
    await rig.settle()
    assert.equal(fates[3]?.words, 'UNLOST_BACKPRESSURE not-written')
    gate.resolve()
    await rig.settle()
    assert.deepEqual(
      fates.slice(0, 3).map((fate) => fate.value?.sequence),
      [1, 2, 3],
    )
  })

  it('AD1: on a full disk sends wait, also those of a producer made meanwhile, and go on in order', async () => {
    const rig = await openRig()
    const stalls = listenTo(rig.runtime, 'stalled')
    const producer = rig.runtime.producer(plain, { id: 'early' })
    await Promise.all([producer.send(0), rig.settle()])
    rig.store.beforeCommit = (batch) => (batch.runs.length > 0 ? full() : undefined)
    const first = new Fate(producer.send(1))
    await rig.settle()
    const second = new Fate(producer.send(2))
    const late = rig.runtime.producer(plain, { id: 'late' })
    const third = new Fate(late.send(3, { deliveryTimeoutMs: 700 }))
    await rig.clock.advance(700)
    assert.equal(third.words, 'UNLOST_DISK_FULL not-written', 'told why, not only that time is over')
    assert.deepEqual([first.state, second.state], ['pending', 'pending'])
    assert.deepEqual(
      stalls.map(({ cause, producer: who }) => [cause, who]),
      [
        ['disk-full', 'early'],
        ['disk-full', 'late'],
      ],
    )
    rig.store.beforeCommit = () => {}
    await rig.clock.advance(1000)
    assert.deepEqual([first.value?.sequence, second.value?.sequence], [2, 3])
    assert.deepEqual(values(rig.disk), [0, 1, 2])
    await Promise.all([late.send(4), rig.settle()])
    assertNoGap(rig.disk)
  })

  it('AD1: what was given up while the disk was full does not pile up', async () => {
    const rig = await openRig({ limits: { windowCount: 4, waitingCount: 10 } })
    rig.store.beforeCommit = full
    const producer = rig.runtime.producer(plain)
    const kept = new Fate(producer.send('kept', { deliveryTimeoutMs: 10_000_000 }))
    await rig.settle()
    const before = heapBytes()
    for (let round = 0; round < 40; round += 1) {
      const fates = Array.from({ length: 10 }, (_, i) => {
        return new Fate(producer.send(`${round}/${i}`.padEnd(100_000, 'x'), { deliveryTimeoutMs: 5 }))
      })
      await rig.clock.advance(5)
      assert.ok(fates.every((fate) => fate.words === 'UNLOST_DISK_FULL not-written'))
    }
    const grownBytes = heapBytes() - before
    assert.ok(grownBytes < 20_000_000, `400 sends of 100 kB hold ${grownBytes} bytes`)
    rig.store.beforeCommit = () => {}
    await rig.clock.advance(2000)
    assert.equal(kept.state, 'fulfilled')
    assert.deepEqual(values(rig.disk), ['kept'], 'nothing that was refused is written later')
    assertNoGap(rig.disk)
  })

  it('AD2: each send settles by its deadline: while it waits for room, and while it is being written', async () => {
    const rig = await openRig({ limits: { windowCount: 1 } })
    const gate = deferred()
    rig.store.beforeCommit = () => gate.promise
    const producer = rig.runtime.producer(plain, { deliveryTimeoutMs: 1000 })
    const writing = new Fate(producer.send('writing'))
    await rig.settle()
    const waiting = new Fate(producer.send('waiting', { deliveryTimeoutMs: 300 }))
    await rig.clock.advance(300)
    assert.equal(waiting.words, 'UNLOST_TIMEOUT not-written')
    await rig.clock.advance(700)
    assert.equal(writing.words, 'UNLOST_TIMEOUT unknown')
    gate.resolve()
    await rig.settle()
    assert.deepEqual(values(rig.disk), ['writing'])
    const next = new Fate(producer.send('next'))
    await rig.settle()
    assert.equal(next.value?.sequence, 2, 'no gap after a refusal')
  })

  it('AD2: `ready` settles by the producer’s time too, and says why', async () => {
    const rig = await openRig({ limits: { windowCount: 1 } })
    const gate = deferred()
    rig.store.beforeCommit = () => gate.promise
    const producer = rig.runtime.producer(plain, { deliveryTimeoutMs: 1000 })
    const send = new Fate(producer.send(1, { deliveryTimeoutMs: 5000 }))
    const room = new Fate(producer.ready())
    await rig.clock.advance(1000)
    assert.equal(room.words, 'UNLOST_TIMEOUT not-written')
    gate.resolve()
    await rig.settle()
    assert.equal(send.state, 'fulfilled')
    const again = new Fate(producer.ready())
    await rig.settle()
    assert.equal(again.state, 'fulfilled')
  })

  it('AD3: close waits for sends in every place, and refuses later ones', async () => {
    const rig = await openRig({ limits: { windowCount: 1 } })
    const gate = deferred()
    rig.store.beforeCommit = () => gate.promise
    const producer = rig.runtime.producer(plain)
    const fates = [1, 2, 3].map((value) => new Fate(producer.send(value)))
    await rig.settle()
    const closed = new Fate(producer.close())
    const again = producer.close()
    const late = new Fate(producer.send(4))
    const room = new Fate(producer.ready())
    await rig.settle()
    assert.deepEqual(
      [closed.state, late.words, room.words],
      ['pending', 'UNLOST_CLOSED not-written', 'UNLOST_CLOSED not-written'],
    )
    gate.resolve()
    await rig.settle()
    await again
    assert.equal(closed.state, 'fulfilled')
    assert.deepEqual(
      fates.map((fate) => fate.value?.sequence),
      [1, 2, 3],
    )
  })

  it('AD3: close on a full disk rejects those that wait at once, and the others at their deadline', async () => {
    const rig = await openRig()
    rig.store.beforeCommit = full
    const producer = rig.runtime.producer(plain, { deliveryTimeoutMs: 2000 })
    const taken = new Fate(producer.send('taken'))
    await rig.settle()
    const waiting = new Fate(producer.send('waiting'))
    const room = new Fate(producer.ready())
    const closed = new Fate(producer.close())
    await rig.settle()
    assert.equal(waiting.words, 'UNLOST_DISK_FULL not-written')
    assert.equal(room.state, 'rejected')
    await rig.clock.advance(2000)
    assert.equal(taken.words, 'UNLOST_DISK_FULL not-written')
    assert.equal(closed.state, 'fulfilled')
    rig.store.beforeCommit = () => {}
    await rig.clock.advance(5000)
    assert.deepEqual(values(rig.disk), [], 'nothing is written later')
  })

  it('AD3: after a failed commit what was in it is unknown, all the rest not written, later sends too', async () => {
    const rig = await openRig({ limits: { windowCount: 1 } })
    const gate = deferred()
    rig.store.beforeCommit = () => gate.promise
    const broken = listenTo(rig.runtime, 'broken')
    const producer = rig.runtime.producer(plain)
    const other = rig.runtime.producer(plain, { id: 'other' })
    const inFlight = new Fate(producer.send(1))
    await rig.settle()
    const waiting = new Fate(producer.send(2))
    const gathered = new Fate(other.send(3))
    const room = new Fate(producer.ready())
    gate.reject(new BrokenError('sync failed', { outcome: 'unknown' }))
    await rig.settle()
    const late = new Fate(producer.send(4))
    await rig.settle()
    assert.deepEqual(
      [inFlight.words, waiting.words, gathered.words, late.words, room.words],
      [
        'UNLOST_BROKEN unknown',
        'UNLOST_BROKEN not-written',
        'UNLOST_BROKEN not-written',
        'UNLOST_BROKEN not-written',
        'UNLOST_BROKEN not-written',
      ],
    )
    assert.equal(broken.length, 1)
    assert.throws(() => rig.runtime.producer(plain), { code: 'UNLOST_BROKEN' })
    await rig.runtime.close()
  })

  it('WI1: a window is full by number or by bytes, and has room again well below both', () => {
    const window = new Window({
      ...DEFAULT_LIMITS,
      windowCount: 4,
      windowBytes: 1000,
      waitingCount: 2,
      waitingBytes: 300,
    })
    const unit = { bytes: 100 }
    for (let i = 0; i < 4; i += 1) window.admit(unit)
    assert.deepEqual([window.isFull, window.hasRoom], [true, false])
    window.leave(unit)
    assert.deepEqual([window.isFull, window.hasRoom], [false, true])
    window.admit({ bytes: 700 })
    assert.deepEqual([window.isFull, window.hasRoom], [true, false])
    window.wait({ bytes: 200 })
    assert.deepEqual([window.mayWait({ bytes: 100 }), window.mayWait({ bytes: 101 })], [true, false])
    window.wait({ bytes: 100 })
    assert.equal(window.mayWait({ bytes: 0 }), false, 'two wait already')
    window.unwait({ bytes: 200 })
    assert.equal(window.mayWait({ bytes: 200 }), true)
  })

  it('WI2: what is being made is bounded in number and in the bytes that are known', () => {
    const window = new Window({
      ...DEFAULT_LIMITS,
      windowCount: 1,
      windowBytes: 1000,
      waitingCount: 2,
      waitingBytes: 300,
    })
    assert.deepEqual([window.prepare(1300), window.prepare(1), window.prepare(0)], [true, false, true])
    assert.deepEqual([window.prepare(0), window.prepare(0)], [true, false])
    window.prepared(1300)
    assert.equal(window.prepare(1300), true)
  })
})
