import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PublishOptions, UnstorableError } from '../../../actors/index.ts'
import { defineTopic, InvalidOptionError } from '../../../runtime/index.ts'
import { BATCH_COUNT } from '../../../runtime/internal.ts'
import { DiskFullError } from '../../../persistence/index.ts'
import { crash, note, notebook, notesOf, openActors } from '../../support/actor-rig.ts'
import { events, Fate, listenTo, openRig, reopen } from '../../support/sending-rig.ts'

describe('the host of actors', () => {
  it('AH2, AK1: takes mail in the order of the mailbox, and the state is there after a restart', async () => {
    const book = notebook('book')
    const rig = await openActors([book])
    const alice = rig.runtime.actor(book, 'alice')
    const fates = ['a', 'b', 'c'].map((id) => new Fate(alice.send(note(id))))
    await rig.settle()
    assert.deepEqual(
      fates.map(({ words }) => words),
      ['fulfilled', 'fulfilled', 'fulfilled'],
    )
    assert.deepEqual(await notesOf(alice), ['a', 'b', 'c'])
    const again = await crash(rig, [book])
    assert.deepEqual(await notesOf(again.runtime.actor(book, 'alice')), ['a', 'b', 'c'])
  })

  it('AH1: a turn is not on disk without what it sent, also while a full disk takes no messages', async () => {
    const book = notebook('book', (event, asks) => {
      if (event['id'] === 'a')
        asks.ask({ kind: 'deliver', to: { actor: 'book', key: 'bob' }, event: note('b') })
    })
    const rig = await openActors([book])
    const [alice, bob] = [rig.runtime.actor(book, 'alice'), rig.runtime.actor(book, 'bob')]
    alice.send(note('a')).catch(assert.ifError)
    let isFull = false
    rig.store.beforeCommit = ({ runs, events: marks }) => {
      if (isFull && runs.length > 0) throw new DiskFullError('no space')
      // From the commit of the mail on.
      isFull ||= marks.length > 0 && runs.length > 0
    }
    await rig.settle()
    assert.ok(isFull)
    assert.deepEqual([await notesOf(alice), await notesOf(bob)], [[], []])
    isFull = false
    rig.store.beforeCommit = () => {}
    await rig.clock.advance(10_000)
    assert.deepEqual([await notesOf(alice), await notesOf(bob)], [['a'], ['b']])
  })

  it('AH1, TU1, TU2, AW1: of a batch that is not written nothing is seen, and it is taken again after a restart', async () => {
    const book = notebook(
      'book',
      (event, asks) => {
        asks.ask({ kind: 'emit', event })
        asks.ask({ kind: 'deliver', to: { actor: 'book', key: 'bob' }, event: note('from alice') })
      },
      { initial: () => ({ notes: [] }) },
    )
    const sink = notebook('sink')
    const rig = await openActors([book, sink])
    const alice = rig.runtime.actor(book, 'alice')
    const seen: unknown[] = []
    alice.on('*', (event) => seen.push(event))
    rig.store.beforeCommit = (batch) =>
      batch.events.some((bytes) => bytes[0] === 4) ? new Promise(() => {}) : undefined
    const fate = new Fate(alice.send(note('a'), { until: 'processed' }))
    await rig.settle()
    assert.equal(fate.state, 'pending')
    assert.deepEqual([seen, await notesOf(alice)], [[], []])
    const quiet = notebook('book')
    const again = await crash(rig, [quiet, sink])
    assert.deepEqual(await notesOf(again.runtime.actor(quiet, 'alice')), ['a'])
    assert.deepEqual(await notesOf(again.runtime.actor(quiet, 'bob')), [])
  })

  it('AH4, AK3: a mail that ends the process is counted on disk, and no innocent one is given up', async () => {
    const tries: string[] = []
    let isDeadly = true
    const book = notebook(
      'book',
      (event) => {
        tries.push(String(event['id']))
        if (event['id'] === 'killer' && isDeadly) throw new Stop()
      },
      { supervision: { maxAttempts: 3 } },
    )
    let rig = await openRig({})
    const first = await openActors([book], { disk: rig.disk })
    first.store.beforeCommit = (batch) => (batch.runs.length === 0 ? new Promise(() => {}) : undefined)
    for (const id of ['a', 'killer', 'b'])
      first.runtime
        .actor(book, 'k')
        .send(note(id))
        .catch(() => {})
    await first.settle()
    tries.length = 0
    rig = first
    // Each life of the process ends within the turn of the killer.
    for (let life = 0; life < 3; life += 1) rig = await dieIn(rig, 'killer')
    isDeadly = false
    const last = await crash(rig, [book])
    const letters = await last.runtime.actorLetters(book).list()
    assert.deepEqual(
      letters.map(({ event, reason }) => [(event as { id: string }).id, reason]),
      [['killer', 'owner-crashed']],
    )
    assert.deepEqual(await notesOf(last.runtime.actor(book, 'k')), ['a', 'b'])
  })

  it('AH5, TK2, TB1: a turn whose sends are refused is held to account alone', async () => {
    const small = defineTopic<string>('small', {
      codec: { encode: (text) => Buffer.from(text), decode: String },
    })
    const book = notebook(
      'book',
      (event, asks) => {
        if (event['id'] === 'bad') asks.ask({ kind: 'publish', topic: small, value: 'x'.repeat(2 ** 21) })
        if (event['id'] === 'worse') asks.ask({ kind: 'deliver', to: { actor: 'nobody', key: 'k' }, event })
        const lossy = { ...event, when: new Date(0) }
        if (event['id'] === 'lossy')
          asks.ask({ kind: 'deliver', to: { actor: 'book', key: 'k' }, event: lossy })
        if (event['id'] === 'vague') asks.ask({ kind: 'reply', value: [undefined] })
      },
      { supervision: { maxAttempts: 1 } },
    )
    const rig = await openActors([book])
    const failed = listenTo(rig.runtime, 'actor-failed')
    const [alice, bob] = [rig.runtime.actor(book, 'alice'), rig.runtime.actor(book, 'bob')]
    for (const id of ['a', 'bad', 'worse', 'lossy', 'vague', 'b']) {
      alice.send(note(id)).catch(assert.ifError)
      bob.send(note(id === 'b' ? id : 'fine')).catch(assert.ifError)
    }
    await rig.settle()
    assert.deepEqual(await notesOf(alice), ['a', 'b'])
    assert.deepEqual(await notesOf(bob), ['fine', 'fine', 'fine', 'fine', 'fine', 'b'])
    assert.deepEqual(
      failed.map(({ key, next, error }) => [key, next, (error as { code: string }).code]),
      [
        ['alice', 'dead-letter', 'UNLOST_TOO_LARGE'],
        ['alice', 'dead-letter', 'UNLOST_UNKNOWN_ACTOR'],
        ['alice', 'dead-letter', 'UNLOST_UNSTORABLE'],
        ['alice', 'dead-letter', 'UNLOST_UNSTORABLE'],
      ],
    )
  })

  it('TK2: what a turn sends to a topic may be delayed, or be for a partition', async () => {
    const out = defineTopic<string>('out', { partitions: 2 })
    const book = notebook(
      'book',
      ({ id, options }, asks) =>
        asks.ask({ kind: 'publish', topic: out, value: String(id), options: options as PublishOptions }),
      { supervision: { maxAttempts: 1 } },
    )
    const rig = await openActors([book])
    const failed = listenTo(rig.runtime, 'actor-failed')
    const beganMs = rig.clock.nowMs()
    const met: [string, number, boolean][] = []
    rig.runtime
      .consumer(out, { group: 'met' })
      .run(({ value, partition }) => {
        met.push([value, partition, rig.clock.nowMs() - beganMs >= 500])
      })
      .catch(assert.ifError)
    const post = (id: string, options: PublishOptions): void => {
      rig.runtime.actor(book, 'k').send(note(id, { options })).catch(assert.ifError)
    }
    post('at', { deliverAt: beganMs + 900, partition: 0 })
    post('later', { delayMs: 500, partition: 1 })
    post('now', { partition: 1 })
    post('twice', { delayMs: 1, deliverAt: 2 })
    await rig.clock.advance(2_000)
    assert.deepEqual(met, [
      ['now', 1, false],
      ['later', 1, true],
      ['at', 0, true],
    ])
    assert.deepEqual(
      failed.map(({ error }) => (error as { code: string }).code),
      ['UNLOST_INVALID_OPTION'],
    )
  })

  it('PO3: what JSON would change in a message is refused by its path, unless the codec is the user’s', async () => {
    const circle: Record<string, unknown> = {}
    circle['self'] = circle
    const odd = [new Date(0), new Map(), Number.NaN, () => 1, 1n, circle, { [Symbol('s')]: 1 }, undefined]
    const codec = {
      encode: (value: unknown) => Buffer.from(typeof value),
      decode: (bytes: Uint8Array) => Buffer.from(bytes).toString(),
    }
    const [plain, own] = [defineTopic('plain'), defineTopic('own', { codec })]
    const book = notebook(
      'book',
      ({ id, which }, asks) => {
        const value = odd[Number(which)]
        const isBare = value === undefined
        const topic = id === 'own' ? own : plain
        asks.ask({ kind: 'publish', topic, value: isBare ? value : { list: [value] } })
      },
      { supervision: { maxAttempts: 1 } },
    )
    const rig = await openActors([book])
    const failed = listenTo(rig.runtime, 'actor-failed')
    const met: unknown[] = []
    for (const topic of [plain, own])
      rig.runtime
        .consumer(topic, { group: 'met' })
        .run(({ value }) => void met.push(value))
        .catch(assert.ifError)
    const alice = rig.runtime.actor(book, 'alice')
    for (const [which] of odd.entries()) alice.send(note('plain', { which })).catch(assert.ifError)
    await rig.settle()
    assert.deepEqual(met, [])
    const errors = failed.map(({ error }) => error as UnstorableError)
    assert.deepEqual(
      errors.map(({ code, path }) => [code, path.slice(0, 13)]),
      odd.map((value) => ['UNLOST_UNSTORABLE', value === undefined ? 'value' : 'value.list[0]']),
    )
    for (const { message } of errors) assert.match(message, /for topic 'plain': value.*is .*codec/)
    for (const [which] of odd.entries()) alice.send(note('own', { which })).catch(assert.ifError)
    await rig.settle()
    assert.deepEqual(met, [...Array<string>(odd.length - 1).fill('object'), 'undefined'])
  })

  it('AH5: a batch that an interceptor refuses is taken again mail by mail', async () => {
    const out = defineTopic<string>('out')
    const book = notebook(
      'book',
      (event, asks) => asks.ask({ kind: 'publish', topic: out, value: String(event['id']) }),
      { supervision: { maxAttempts: 1 } },
    )
    const rig = await openActors([book], {
      interceptors: [
        {
          name: 'censor',
          onSend: (message) => {
            if (message.topic === 'out' && message.valueBytes === 5) throw new RangeError('censored')
          },
        },
      ],
    })
    const alice = rig.runtime.actor(book, 'alice')
    for (const id of ['a', 'bad', 'b']) alice.send(note(id)).catch(assert.ifError)
    await rig.settle()
    assert.deepEqual(await notesOf(alice), ['a', 'b'])
    assert.deepEqual(
      (await rig.runtime.actorLetters(book).list()).map(({ offset }) => offset),
      [1],
    )
  })

  it('AK2: a long backlog is taken in parts, which are few', async () => {
    const book = notebook('book', () => false)
    const rig = await openActors([book])
    const alice = rig.runtime.actor(book, 'alice')
    const count = BATCH_COUNT * 2 + 5
    for (let i = 0; i < count; i += 1) alice.send(note('x')).catch(assert.ifError)
    await rig.settle()
    const consumed = events(rig.disk).filter(({ kind }) => kind === 'consumed')
    assert.ok(consumed.length >= 3 && consumed.length < 40, `${consumed.length} batches`)
    assert.deepEqual(consumed.at(-1), { kind: 'consumed', actors: 1, next: count })
  })

  it('HS1, AF1: what is no definition, given twice, or another of that name, is refused', async () => {
    const book = notebook('book')
    await assert.rejects(openRig({ actors: [book, book] }), InvalidOptionError)
    await assert.rejects(openRig({ actors: [{} as never] }), InvalidOptionError)
    const rig = await openActors([book])
    assert.throws(() => rig.runtime.actor(notebook('book'), 'k'), InvalidOptionError)
    assert.throws(() => rig.runtime.actor(notebook('other'), 'k'), { code: 'UNLOST_UNKNOWN_ACTOR' })
    assert.throws(() => rig.runtime.actor(book, ''), InvalidOptionError)
  })

  it('RT2: a directory with actors closes and opens as any other', async () => {
    const book = notebook('book')
    const rig = await openActors([book])
    const sent = rig.runtime.actor(book, 'k').send(note('a'), { until: 'processed' })
    await rig.settle()
    await sent
    const closing = rig.runtime.close()
    await rig.settle()
    await closing
    const without = await reopen(rig)
    const closed = without.runtime.close()
    await without.settle()
    await closed
    const again = await openActors([book], { disk: rig.disk })
    assert.deepEqual(await notesOf(again.runtime.actor(book, 'k')), ['a'])
  })
})

/** Stands for the end of the process: the store takes nothing any more. */
class Stop extends RangeError {}

async function dieIn(rig: Awaited<ReturnType<typeof openActors>>, id: string): ReturnType<typeof openActors> {
  rig.store.beforeCommit = () => new Promise(() => {})
  let isOver = false
  const deadly = notebook(
    'book',
    (event) => {
      // Nothing that follows reaches the disk.
      if (event['id'] === id) isOver = true
    },
    { supervision: { maxAttempts: 3 } },
  )
  const next = await openActors([deadly], { disk: rig.disk, simulated: rig.clock })
  next.store.beforeCommit = () => (isOver ? new Promise(() => {}) : undefined)
  await next.settle()
  return next
}
