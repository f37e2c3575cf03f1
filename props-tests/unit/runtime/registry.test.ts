import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DiskFullError } from '../../../persistence/index.ts'
import { defineTopic, type Topic } from '../../../runtime/index.ts'
import {
  assertNoGap,
  events,
  Fate,
  listenTo,
  openRig,
  reopen,
  stored,
  values,
} from '../../support/sending-rig.ts'

const wide = defineTopic<string>('wide', { partitions: 3, key: (value) => value })

describe('registry and runtime', () => {
  it('RG2: an id’s epoch is higher each time it is opened, also after a crash, and numbers go on', async () => {
    let rig = await openRig()
    for (let epoch = 1; epoch <= 4; epoch += 1) {
      const producer = rig.runtime.producer(wide, { id: 'p' })
      assert.equal(producer.epoch, epoch)
      const fate = new Fate(producer.send('same key'))
      await rig.settle()
      assert.deepEqual([fate.value?.epoch, fate.value?.sequence], [epoch, epoch])
      if (epoch === 2) rig = await reopen(rig)
    }
    assertNoGap(rig.disk)
  })

  it('RG2: the same id in another topic is another producer, and automatic ids fence nobody', async () => {
    const rig = await openRig()
    const other = defineTopic('other')
    const mine = rig.runtime.producer(wide, { id: 'auto-1' })
    const elsewhere = rig.runtime.producer(other, { id: 'auto-1' })
    const automatic = [rig.runtime.producer(wide), rig.runtime.producer(wide)]
    const sends = [mine.send('a'), elsewhere.send(1), ...automatic.map((producer) => producer.send('b'))]
    const fates = sends.map((send) => new Fate(send))
    await rig.settle()
    assert.ok(fates.every((fate) => fate.value?.epoch === 1))
    assert.equal(new Set([mine, ...automatic].map(({ id }) => id)).size, 3)
  })

  it('RG3: a declaration that contradicts what is stored is refused, and nothing changes', async () => {
    const rig = await openRig()
    await Promise.all([rig.runtime.producer(wide).send('a'), rig.settle()])
    const next = await reopen(rig)
    const wrong: readonly Topic<never>[] = [
      defineTopic<never>('wide', { partitions: 4 }),
      defineTopic<never>('wide'),
      defineTopic<never>('wide', { partitions: 3, codec: 'binary' as never }),
      defineTopic<never>('wide', {
        partitions: 3,
        codec: { encode: () => new Uint8Array(), decode: () => 0 as never },
      }),
    ]
    for (const topic of wrong) {
      assert.throws(() => next.runtime.producer(topic), {
        code: 'UNLOST_INVALID_OPTION',
        message: /was stored with/,
      })
      assert.throws(() => next.runtime.consumer(topic, { group: 'g' }), { code: 'UNLOST_INVALID_OPTION' })
    }
    await next.settle()
    assert.equal(next.disk.batches.length, 1)
    await Promise.all([next.runtime.producer(wide).send('b'), next.settle()])
    assert.deepEqual(values(next.disk), ['a', 'b'])
  })

  it('RG3: two declarations of one run must keep messages by the same rule', async () => {
    const rig = await openRig()
    const kept = defineTopic('kept', { retain: { ms: 1000 } })
    rig.runtime.producer(kept)
    rig.runtime.producer(defineTopic('kept', { retain: { ms: 1000 } }))
    const others = [
      {},
      { retain: {} },
      { retain: { ms: 5 } },
      { retain: { ms: 1000, evenIfUnread: true } },
      { retain: { ms: 1000 }, messageIdCount: 5 },
    ]
    for (const options of others) {
      assert.throws(() => rig.runtime.consumer(defineTopic('kept', options), { group: 'g' }), {
        code: 'UNLOST_INVALID_OPTION',
        message: /declared twice/,
      })
    }
    const next = await reopen(rig)
    next.runtime.producer(defineTopic('kept'))
  })

  it('RG1: topics, mailboxes, producers and groups have numbers of their own, however they come', async () => {
    const rig = await openRig()
    const topics = [
      defineTopic('a', { partitions: 2 }),
      defineTopic('b'),
      defineTopic('c', { partitions: 3 }),
    ]
    for (const topic of topics) {
      rig.runtime.producer(topic, { id: 'p' })
      rig.runtime.consumer(topic, { group: 'g' })
    }
    await rig.settle()
    const declared = events(rig.disk)
    assert.deepEqual(
      declared.flatMap((event) =>
        event.kind === 'topic' ? [[event.topic, event.mailbox, event.partitions]] : [],
      ),
      [
        [1, 1, 2],
        [2, 3, 1],
        [3, 4, 3],
      ],
    )
    assert.equal(
      new Set(declared.flatMap((event) => (event.kind === 'producer' ? [event.producer] : []))).size,
      3,
    )
    assert.equal(new Set(declared.flatMap((event) => (event.kind === 'group' ? [event.group] : []))).size, 3)
  })

  it('RG1: the longest declaration fits the batch of the smallest segment', async () => {
    const rig = await openRig({ batchBytesMax: 28_672 })
    const widest = defineTopic('x'.repeat(127), { partitions: 1024 })
    const before = listenTo(rig.runtime, 'broken')
    const starts = Array.from({ length: 1024 }, () => Number.MAX_SAFE_INTEGER)
    const declared = JSON.stringify({
      kind: 'group',
      group: 2 ** 32,
      topic: 2 ** 32,
      name: widest.name,
      starts,
    })
    assert.ok(declared.length + 64 < 28_672)
    rig.runtime.producer(widest, { id: 'y'.repeat(127) })
    rig.runtime.consumer(widest, { group: 'z'.repeat(127) })
    await rig.settle()
    assert.deepEqual(before, [])
    assert.deepEqual(
      events(rig.disk).map(({ kind }) => kind),
      ['topic', 'producer', 'group'],
    )
  })

  it('MD1: offsets are consecutive and runs follow each other, whoever sends, over many batches', async () => {
    const rig = await openRig()
    const producers = [1, 2, 3].map((n) => rig.runtime.producer(wide, { id: `p${n}` }))
    for (let round = 0; round < 5; round += 1) {
      const sends = producers.flatMap((producer, i) => [
        producer.send(`${round}/${i}`),
        producer.sendBatch([`x${i}`, `y${i}`, 'z'.repeat(70_000 * i)]),
      ])
      await Promise.all([...sends, rig.settle()])
    }
    const next = new Map<number, number>()
    for (const run of rig.disk.batches.flatMap((batch) => batch.runs)) {
      assert.equal(run.firstOffset, next.get(run.mailbox) ?? 0)
      next.set(run.mailbox, run.firstOffset + run.count)
    }
    assert.equal(
      [...next.values()].reduce((sum, end) => sum + end, 0),
      60,
    )
    assertNoGap(rig.disk)
  })

  it('BD3: one advance per producer and mailbox stands behind its messages, and none without', async () => {
    const rig = await openRig()
    const [a, b] = ['a', 'b'].map((id) => rig.runtime.producer(wide, { id }))
    assert.ok(a !== undefined && b !== undefined)
    await Promise.all([a.sendBatch(['k', 'k', 'k']), b.send('k'), a.send('k'), rig.settle()])
    const advances = events(rig.disk).filter((event) => event.kind === 'advance')
    assert.deepEqual(
      advances.map(({ sequence, next }) => [sequence, next]),
      [
        [4, 5],
        [1, 5],
      ],
    )
  })

  it('BD1: a refused batch leaves no trace: offsets, numbers and declarations go on as if it had not been', async () => {
    const rig = await openRig()
    const producer = rig.runtime.producer(wide, { id: 'p' })
    rig.store.beforeCommit = () => {
      throw new DiskFullError('no space')
    }
    const gone = new Fate(producer.sendBatch(['k', 'k'], { deliveryTimeoutMs: 10 }))
    await rig.clock.advance(10)
    assert.equal(gone.words, 'UNLOST_DISK_FULL not-written')
    rig.store.beforeCommit = () => {}
    const kept = new Fate(producer.send('k'))
    await rig.clock.advance(5000)
    assert.deepEqual([kept.value?.offset, kept.value?.sequence], [0, 1])
    assert.equal(stored(rig.disk).length, 1)
  })

  it('BD2: a batch is atomic over partitions, also an empty one, and one that is no list is refused', async () => {
    const rig = await openRig()
    const producer = rig.runtime.producer(wide)
    const batch = new Fate(producer.sendBatch(['a', 'b', 'c', 'd']))
    const empty = new Fate(producer.sendBatch([]))
    const odd = new Fate(producer.sendBatch('abc' as never))
    await rig.settle()
    assert.equal(rig.disk.batches.length, 1)
    assert.ok(new Set(batch.value?.map(({ partition }) => partition)).size > 1)
    assert.deepEqual([empty.value, odd.words], [[], 'UNLOST_INVALID_VALUE not-written'])
  })

  it('RT1: at open the leases of an earlier owner are back at once', async () => {
    const rig = await openRig()
    await Promise.all([rig.runtime.producer(wide).send('a'), rig.settle()])
    const handled: number[] = []
    rig.runtime
      .consumer(wide, { group: 'g' })
      .run(() => new Promise(() => {}))
      .catch(() => {})
    await rig.settle()
    const next = await reopen(rig)
    assert.equal(next.runtime.recovery.leasesReturned, 1)
    next.runtime
      .consumer(wide, { group: 'g' })
      .run((message) => void handled.push(message.attempt))
      .catch(() => {})
    await next.settle()
    assert.deepEqual(handled, [2], 'with no time passing')
  })

  it('RT2: close lets handlers and sends end, settles every promise, and is idempotent', async () => {
    const rig = await openRig()
    const producer = rig.runtime.producer(wide)
    let finish = (): void => {}
    const run = new Fate(
      rig.runtime
        .consumer(wide, { group: 'g' })
        .run(() => new Promise<void>((resolve) => (finish = resolve))),
    )
    await Promise.all([producer.send('a'), rig.settle()])
    await rig.settle()
    const send = new Fate(producer.send('b'))
    const closed = new Fate(rig.runtime.close())
    const again = new Fate(rig.runtime.close())
    await rig.settle()
    assert.deepEqual([closed.state, run.state], ['pending', 'pending'])
    finish()
    await rig.settle()
    assert.deepEqual(
      [closed.state, again.state, run.state, send.state],
      Array.from({ length: 4 }, () => 'fulfilled'),
    )
    const next = await reopen(rig)
    assert.equal(next.runtime.recovery.leasesReturned, 0)
    assert.equal(rig.clock.pending, 1, 'the timer of the new runtime alone')
  })
})
