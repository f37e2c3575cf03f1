import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { BrokenError, DiskFullError, FencedError, TooLargeError } from '../../../persistence/index.ts'
import { defineTopic } from '../../../runtime/index.ts'
import { EventUnit, Inbox, type Unit } from '../../../runtime/internal.ts'
import {
  assertNoGap,
  deferred,
  events,
  Fate,
  listenTo,
  openRig,
  reopen,
  values,
} from '../../support/sending-rig.ts'

const plain = defineTopic('plain')

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

function unit(name: string, bytes: number, hasMessages: boolean): Mutable<Unit> & { name: string } {
  const withdrawn = name === 'gone'
  return { name, bytes, hasMessages, withdrawn, build() {}, confirm() {}, refuse() {}, postponed() {} }
}

const names = (units: readonly Unit[]): string[] =>
  units.map((each) => (each as unknown as { name: string }).name)

describe('broker', () => {
  it('BR1: nothing is confirmed, applied or delivered before the store said that it is durable', async () => {
    const rig = await openRig()
    const consumer = rig.runtime.consumer(plain, { group: 'g' })
    const handled: unknown[] = []
    const stop = new AbortController()
    const run = consumer.run((message) => void handled.push(message.value), { signal: stop.signal })
    await rig.settle()
    const gate = deferred()
    rig.store.beforeCommit = () => gate.promise
    const fate = new Fate(rig.runtime.producer(plain).send('x', { messageId: 'id' }))
    await rig.clock.advance(500)
    const repeat = new Fate(rig.runtime.producer(plain, { id: 'other' }).send('y', { messageId: 'id' }))
    await rig.clock.advance(500)
    assert.deepEqual([fate.state, repeat.state, handled], ['pending', 'pending', []])
    assert.equal((await consumer.lag()).total, 0)
    gate.resolve()
    await rig.settle()
    assert.deepEqual([fate.value?.duplicate, repeat.value?.duplicate, handled], [false, true, ['x']])
    stop.abort()
    await Promise.all([run, rig.settle()])
  })

  it('BR2: one commit at a time; what arrives meanwhile shares the next', async () => {
    const rig = await openRig()
    let running = 0
    const gates = [deferred(), deferred(), deferred()]
    let commits = 0
    rig.store.beforeCommit = async () => {
      running += 1
      assert.equal(running, 1)
      await gates[commits++]?.promise
      running -= 1
    }
    const producers = [1, 2, 3].map((n) => rig.runtime.producer(plain, { id: `p${n}` }))
    const first = new Fate(producers[0]?.send('a') ?? Promise.reject(new TypeError()))
    await rig.settle()
    const rest = producers
      .flatMap((producer) => [producer.send('b'), producer.send('c')])
      .map((send) => new Fate(send))
    await rig.settle()
    assert.equal(commits, 1)
    gates[0]?.resolve()
    await rig.settle()
    assert.equal(first.state, 'fulfilled')
    assert.equal(commits, 2)
    gates[1]?.resolve()
    await rig.settle()
    assert.ok(rest.every((fate) => fate.state === 'fulfilled'))
    assert.equal(commits, 2)
    assert.equal(
      rig.disk.batches[1]?.runs.reduce((sum, run) => sum + run.count, 0),
      6,
    )
    assertNoGap(rig.disk)
  })

  it('BR3: a fence by a newer owner ends as a failure does, under its own name', async () => {
    const rig = await openRig()
    const gate = deferred()
    rig.store.beforeCommit = () => gate.promise
    const producer = rig.runtime.producer(plain)
    const inFlight = new Fate(producer.send(1))
    await rig.settle()
    const gathered = new Fate(producer.send(2))
    gate.reject(new FencedError('a newer owner', { outcome: 'unknown' }))
    await rig.settle()
    const late = new Fate(producer.send(3))
    await rig.settle()
    assert.deepEqual(
      [inFlight.words, gathered.words, late.words],
      ['UNLOST_FENCED unknown', 'UNLOST_FENCED not-written', 'UNLOST_FENCED not-written'],
    )
  })

  it('BR3: whatever a store throws is final, except that the disk is full', async () => {
    for (const thrown of [new TypeError('odd'), Object.create(null), new TooLargeError('odd'), undefined]) {
      const rig = await openRig()
      const broken = listenTo(rig.runtime, 'broken')
      rig.store.beforeCommit = () => Promise.reject(thrown)
      const fate = new Fate(rig.runtime.producer(plain).send(1))
      await rig.settle()
      assert.equal(fate.words, 'UNLOST_BROKEN unknown')
      assert.equal(broken.length, 1)
      rig.store.beforeCommit = () => assert.fail('nothing is committed after a failure')
      const closed = new Fate(rig.runtime.close())
      await rig.clock.advance(60_000)
      assert.equal(closed.state, 'fulfilled')
    }
  })

  it('BR3: after a failure the directory opens again with what the disk holds, and numbers go on', async () => {
    const rig = await openRig()
    const producer = rig.runtime.producer(plain, { id: 'p' })
    await Promise.all([producer.send(1), rig.settle()])
    rig.store.beforeCommit = () => Promise.reject(new BrokenError('sync failed', { outcome: 'unknown' }))
    const lost = new Fate(producer.send(2))
    await rig.settle()
    assert.equal(lost.words, 'UNLOST_BROKEN unknown')
    const next = await reopen(rig)
    const receipt = new Fate(next.runtime.producer(plain, { id: 'p' }).send(2))
    await next.settle()
    assert.deepEqual([receipt.value?.epoch, receipt.value?.sequence], [2, 2])
    assertNoGap(rig.disk)
  })

  it('BR4: closing writes what waits and settles every send', async () => {
    const rig = await openRig({ limits: { windowCount: 2 } })
    const producer = rig.runtime.producer(plain)
    const fates = [1, 2, 3, 4, 5].map((value) => new Fate(producer.send(value)))
    const closed = new Fate(rig.runtime.close())
    await rig.settle()
    assert.equal(closed.state, 'fulfilled')
    assert.ok(fates.every((fate) => fate.state === 'fulfilled'))
    assert.deepEqual(values(rig.disk), [1, 2, 3, 4, 5])
    assert.throws(() => rig.runtime.producer(plain), { code: 'UNLOST_CLOSED' })
  })

  it('BR4: closing on a full disk settles every send too, with nothing written later', async () => {
    const rig = await openRig()
    rig.store.beforeCommit = () => {
      throw new DiskFullError('no space')
    }
    const producer = rig.runtime.producer(plain, { deliveryTimeoutMs: 3000 })
    const fates = [1, 2].map((value) => new Fate(producer.send(value)))
    await rig.settle()
    const closed = new Fate(rig.runtime.close())
    await rig.clock.advance(10_000)
    assert.equal(closed.state, 'fulfilled')
    assert.ok(fates.every((fate) => fate.words === 'UNLOST_DISK_FULL not-written'))
    assert.deepEqual(values(rig.disk), [])
  })

  it('BR4: a batch that no frame could take is refused alone; the rest flows', async () => {
    const rig = await openRig({ batchBytesMax: 5000 })
    const producer = rig.runtime.producer(plain)
    const large = new Fate(producer.sendBatch(Array.from({ length: 10 }, () => 'x'.repeat(600))))
    const fits = new Fate(producer.send('fits'))
    await rig.settle()
    assert.equal(large.words, 'UNLOST_TOO_LARGE not-written')
    assert.deepEqual([fits.value?.offset, fits.value?.sequence], [0, 1])
  })

  it('IN2, OU2: what units say that they take is enough: no batch is too large for the store, whatever is in it', async () => {
    const rig = await openRig({ batchBytesMax: 6000, limits: { batchBytes: 512 * 1024 } })
    const wide = defineTopic<string>('a-topic-with-a-rather-long-name', {
      partitions: 64,
      key: (value) => value,
    })
    const producers = [1, 2, 3].map((n) => rig.runtime.producer(wide, { id: `p${n}` }))
    const fates = Array.from({ length: 1200 }, (_, i) => {
      const producer = producers[i % 3]
      assert.ok(producer !== undefined)
      const messageId = i % 2 === 0 ? `${i}` : `\u0001\ud800${i}`
      return new Fate(producer.send(`${i}`, { messageId, headers: { 'ü\u0002': '€' }, delayMs: 1 }))
    })
    rig.runtime.consumer(wide, { group: 'g' })
    await rig.settle()
    const failed = fates.filter((fate) => fate.state !== 'fulfilled')
    assert.equal(failed[0]?.words, undefined)
    assert.ok(rig.disk.batches.length > 20)
    assertNoGap(rig.disk)
  })

  it('IN1: events go before messages; each kind in its order; what was put back comes first again', () => {
    const inbox = new Inbox()
    for (const [name, hasMessages] of [
      ['m1', true],
      ['e1', false],
      ['m2', true],
      ['e2', false],
    ] as const) {
      inbox.add(unit(name, 10, hasMessages))
    }
    assert.deepEqual([inbox.has('all'), inbox.has('events')], [true, true])
    const taken = inbox.take('all', 1000)
    assert.deepEqual(names(taken), ['e1', 'e2', 'm1', 'm2'])
    inbox.add(unit('e3', 10, false))
    inbox.add(unit('m3', 10, true))
    inbox.putBack(taken)
    assert.deepEqual(names(inbox.take('events', 1000)), ['e1', 'e2', 'e3'])
    assert.deepEqual([inbox.has('all'), inbox.has('events')], [true, false])
    assert.deepEqual(names(inbox.drain()), ['m1', 'm2', 'm3'])
    assert.deepEqual(inbox.take('all', 1000), [])
  })

  it('IN2: a batch stays within its bytes, never splits a unit, and skips the withdrawn', () => {
    const inbox = new Inbox()
    inbox.add(unit('gone', 5000, true))
    for (const [name, bytes] of [
      ['a', 40],
      ['b', 50],
      ['c', 20],
      ['large', 900],
      ['d', 1],
    ] as const) {
      inbox.add(unit(name, bytes, true))
    }
    inbox.add(unit('event', 5, false))
    assert.deepEqual(names(inbox.take('all', 100)), ['event', 'a', 'b'])
    assert.deepEqual(names(inbox.take('all', 100)), ['c'])
    assert.deepEqual(names(inbox.take('all', 100)), ['large'], 'alone, rather than never')
    assert.deepEqual(names(inbox.take('all', 100)), ['d'])
  })

  it('IN3: an event that grew is counted as it is; all messages that fit go at once, without the withdrawn', () => {
    const inbox = new Inbox()
    const growing = unit('event', 5, false)
    inbox.add(growing)
    inbox.add(unit('gone', 5000, true))
    inbox.add(unit('a', 40, true))
    inbox.add(unit('b', 40, true))
    growing.bytes = 60
    assert.deepEqual(names(inbox.take('all', 100)), ['event', 'a'])
    inbox.putBack([unit('a', 40, true)])
    assert.deepEqual(
      names(inbox.take('all', 80)),
      ['a', 'b'],
      'what was skipped or put back is not counted twice',
    )
    inbox.add(unit('c', 81, true))
    inbox.add(unit('d', 1, true))
    assert.deepEqual(names(inbox.take('all', 81)), ['c'])
    assert.deepEqual(names(inbox.take('all', 81)), ['d'])
  })

  it('UN1: a unit that throws while it is built is refused with nothing written, and the others go on', async () => {
    let asked = 0
    const rig = await openRig({
      interceptors: [
        {
          name: 'second only',
          onSend: (message) => {
            asked += 1
            if (message.headers?.['bad'] !== undefined) throw new TypeError('no')
          },
        },
      ],
    })
    const producer = rig.runtime.producer(plain)
    const sends = [producer.send(1), producer.sendBatch([2, 3], { headers: { bad: '' } }), producer.send(4)]
    const fates = sends.map((send) => new Fate<unknown>(send as Promise<unknown>))
    await rig.settle()
    assert.deepEqual(
      fates.map((fate) => fate.words),
      ['fulfilled', 'UNLOST_INTERCEPTOR not-written', 'fulfilled'],
    )
    assert.ok(asked >= 3)
    assert.deepEqual(values(rig.disk), [1, 4])
    assertNoGap(rig.disk)
  })

  it('UN2: a unit of events is told once: after its commit, or its refusal', () => {
    const told: unknown[] = []
    const make = (): EventUnit =>
      new EventUnit(
        () => {},
        (error) => told.push(error),
      )
    make().confirm()
    make().refuse(new BrokenError('x'))
    make().postponed()
    assert.equal(told.length, 2)
    assert.equal(told[0], undefined)
    assert.ok(told[1] instanceof BrokenError)
  })

  it('RG1, LG3: a declaration is in the batch of what needs it first, before it', async () => {
    const rig = await openRig()
    await Promise.all([rig.runtime.producer(plain).send(1), rig.settle()])
    assert.equal(rig.disk.batches.length, 1)
    assert.deepEqual(
      events(rig.disk).map((event) => event.kind),
      ['topic', 'producer', 'advance'],
    )
  })
})
