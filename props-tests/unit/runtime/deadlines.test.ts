import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DiskFullError } from '../../../persistence/index.ts'
import { defineTopic, type Receipt } from '../../../runtime/index.ts'
import { Deadlines, Roster } from '../../../runtime/internal.ts'
import { SimulatedClock } from '../../index.ts'
import { assertNoGap, deferred, Fate, openRig, values } from '../../support/sending-rig.ts'

const plain = defineTopic('plain')

interface Timed {
  readonly timeoutMs: number
  deadlineMs: number
}

const timed = (timeoutMs: number): Timed => ({ timeoutMs, deadlineMs: Number.POSITIVE_INFINITY })

describe('deadlines and signals', () => {
  it('DL1: each item is over at its own deadline, in whatever order they came', async () => {
    const clock = new SimulatedClock()
    const items = new Set<Timed>()
    const over: [number, number][] = []
    const deadlines = new Deadlines(clock, items, (item) => {
      items.delete(item)
      over.push([item.deadlineMs, clock.monotonicMs()])
    })
    for (const timeoutMs of [500, 100, 300, 100]) {
      const item = timed(timeoutMs)
      items.add(item)
      deadlines.watch(item)
    }
    await clock.advance(1000)
    assert.deepEqual(over, [
      [100, 100],
      [100, 100],
      [300, 300],
      [500, 500],
    ])
    assert.equal(clock.pending, 0)
  })

  it('DL2: one timer serves all, and items that are told in time leave none behind', async () => {
    const clock = new SimulatedClock()
    const items = new Set<Timed>()
    const deadlines = new Deadlines(clock, items, () => assert.fail('nothing is over'))
    for (let timeoutMs = 100; timeoutMs < 200; timeoutMs += 1) {
      const item = timed(timeoutMs)
      items.add(item)
      deadlines.watch(item)
      await clock.executor.settle()
      assert.equal(clock.pending, 1)
    }
    items.clear()
    await clock.advance(100)
    assert.equal(clock.pending, 0)
    const last = timed(5000)
    items.add(last)
    deadlines.watch(last)
    deadlines.close()
    await clock.executor.settle()
    assert.equal(clock.pending, 0)
  })

  it('DL3: the time of an item begins with its turn, not with an earlier one', async () => {
    const clock = new SimulatedClock()
    const items: Timed[] = [timed(50), timed(20)]
    const over: number[] = []
    const deadlines = new Deadlines(clock, items, (item) => {
      items.splice(items.indexOf(item), 1)
      over.push(clock.monotonicMs())
    })
    for (const item of items) deadlines.watch(item)
    await clock.advance(7)
    const late = timed(5)
    items.push(late)
    deadlines.watch(late)
    await clock.advance(100)
    assert.deepEqual(over, [12, 20, 50])
  })

  it('RS1: a roster holds each member once, and leaving twice or never having been there is harmless', () => {
    const roster = new Roster<{ place: number; name: string }>()
    const [a, b, c] = ['a', 'b', 'c'].map((name) => ({ place: -1, name }))
    assert.ok(a !== undefined && b !== undefined && c !== undefined)
    roster.add(a)
    roster.add(a)
    roster.add(b)
    roster.delete(c)
    assert.equal(roster.size, 2)
    roster.delete(a)
    roster.delete(a)
    roster.add(c)
    roster.delete(c)
    roster.delete(c)
    assert.deepEqual(
      [...roster].map(({ name }) => name),
      ['b'],
    )
    roster.add(a)
    assert.equal(roster.size, 2)
  })

  it('SU1: the caller is told once: the receipt, the deadline, the signal, whichever is first', async () => {
    const rig = await openRig()
    const gate = deferred()
    rig.store.beforeCommit = () => gate.promise
    const producer = rig.runtime.producer(plain)
    const stop = new AbortController()
    const told: [string | undefined, Receipt | undefined][] = []
    producer.send(1, { signal: stop.signal, deliveryTimeoutMs: 10 }, (error, receipt) =>
      told.push([error?.code, receipt]),
    )
    await rig.settle()
    stop.abort('enough')
    await rig.clock.advance(10)
    gate.resolve()
    await rig.clock.advance(100)
    assert.deepEqual(told, [['UNLOST_ABORTED', undefined]])
    assert.deepEqual(values(rig.disk), [1])
  })

  it('SU2: aborted before the batch is written: not written, ever', async () => {
    const rig = await openRig()
    const producer = rig.runtime.producer(plain)
    const stop = new AbortController()
    const fate = new Fate(producer.send(1, { signal: stop.signal }))
    stop.abort(new TypeError('my reason'))
    const already = new Fate(producer.send(2, { signal: stop.signal }))
    const next = new Fate(producer.send(3))
    await rig.clock.advance(60_000)
    assert.equal(fate.words, 'UNLOST_ABORTED not-written')
    assert.equal((fate.error as Error).cause, stop.signal.reason, 'the reason is the cause')
    assert.equal(already.words, 'UNLOST_ABORTED not-written')
    assert.equal(next.value?.sequence, 1, 'burns no number')
    assert.deepEqual(values(rig.disk), [3])
  })

  it('SU2: aborted while it is written: unknown; the numbers stay whole', async () => {
    const rig = await openRig()
    const gate = deferred()
    rig.store.beforeCommit = () => gate.promise
    const producer = rig.runtime.producer(plain)
    const stop = new AbortController()
    const batch = new Fate(producer.sendBatch([1, 2], { signal: stop.signal }))
    await rig.settle()
    stop.abort()
    await rig.settle()
    assert.equal(batch.words, 'UNLOST_ABORTED unknown')
    gate.resolve()
    const next = new Fate(producer.send(3))
    await rig.settle()
    assert.equal(next.value?.sequence, 3)
    assertNoGap(rig.disk)
  })

  it('SU2: aborted while the disk is full: not written, also when space comes back', async () => {
    const rig = await openRig()
    rig.store.beforeCommit = () => {
      throw new DiskFullError('no space')
    }
    const producer = rig.runtime.producer(plain)
    const stop = new AbortController()
    const taken = new Fate(producer.send(1, { signal: stop.signal }))
    await rig.settle()
    const waiting = new Fate(producer.send(2, { signal: stop.signal }))
    stop.abort()
    await rig.settle()
    rig.store.beforeCommit = () => {}
    await rig.clock.advance(60_000)
    assert.deepEqual(
      [taken.words, waiting.words],
      ['UNLOST_ABORTED not-written', 'UNLOST_ABORTED not-written'],
    )
    assert.deepEqual(values(rig.disk), [])
  })

  it('SU2: aborted while a refused batch was being written: told unknown, and never tried again', async () => {
    const rig = await openRig()
    const gate = deferred()
    rig.store.beforeCommit = () => gate.promise
    const producer = rig.runtime.producer(plain)
    const stop = new AbortController()
    const fate = new Fate(producer.send(1, { signal: stop.signal }))
    await rig.settle()
    stop.abort()
    rig.store.beforeCommit = () => {}
    gate.reject(new DiskFullError('no space'))
    await rig.clock.advance(60_000)
    assert.equal(fate.words, 'UNLOST_ABORTED unknown')
    assert.deepEqual(values(rig.disk), [])
  })

  it('SU2: aborted while an earlier schema is at work: not written', async () => {
    const rig = await openRig()
    const slow = deferred()
    const validate = (value: unknown): Promise<{ value: unknown }> => slow.promise.then(() => ({ value }))
    const topic = defineTopic('slow', { schema: { '~standard': { version: 1, vendor: 'test', validate } } })
    const producer = rig.runtime.producer(topic)
    const stop = new AbortController()
    const fate = new Fate(producer.send(1, { signal: stop.signal }))
    const next = new Fate(producer.send(2))
    await rig.settle()
    stop.abort()
    await rig.settle()
    assert.deepEqual([fate.words, next.state], ['UNLOST_ABORTED not-written', 'pending'])
    slow.resolve()
    await rig.settle()
    assert.deepEqual(values(rig.disk), [2])
  })

  it('SU3: a refused batch of a producer that ended meanwhile is not written later', async () => {
    const rig = await openRig()
    const gate = deferred()
    rig.store.beforeCommit = () => gate.promise
    const fate = new Fate(rig.runtime.producer(plain, { id: 'p' }).send(1))
    await rig.settle()
    rig.runtime.producer(plain, { id: 'p' })
    rig.store.beforeCommit = () => {}
    gate.reject(new DiskFullError('no space'))
    await rig.clock.advance(60_000)
    assert.equal(fate.words, 'UNLOST_FENCED not-written')
    assert.deepEqual(values(rig.disk), [])
  })

  it('SU1: one signal for many sends keeps no listener of those that are told', async () => {
    const rig = await openRig()
    const producer = rig.runtime.producer(plain)
    const stop = new AbortController()
    let listeners = 0
    const add = stop.signal.addEventListener.bind(stop.signal)
    const remove = stop.signal.removeEventListener.bind(stop.signal)
    stop.signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners += 1
      add(...args)
    }
    stop.signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners -= 1
      remove(...args)
    }
    const fates = Array.from({ length: 100 }, (_, i) => new Fate(producer.send(i, { signal: stop.signal })))
    await rig.settle()
    assert.ok(fates.every((fate) => fate.state === 'fulfilled'))
    assert.equal(listeners, 0)
  })
})
