import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { object, pipe, string, startsWith, literal } from 'valibot'
import { AbortedError } from '../../../runtime/index.ts'
import { crash, note, notebook, notesOf, openActors } from '../../support/actor-rig.ts'
import { Fate, stored } from '../../support/sending-rig.ts'

const asked = notebook('book', (event, asks, { notes }) => {
  if (event.type === 'COUNT') asks.ask({ kind: 'reply', value: notes.length })
  if (event['emits'] === true) asks.ask({ kind: 'emit', event: { type: 'EMITTED', ...{ id: event['id'] } } })
})

const COUNT = { type: 'COUNT' }

describe('a reference to an actor', () => {
  it('AR1: may be made before its actor, which its first mail makes, with its input', async () => {
    const book = notebook('book', () => true, { initial: (input) => ({ notes: [String(input)] }) })
    const rig = await openActors([book])
    const alice = rig.runtime.actor(book, 'alice', { input: 'hello' })
    assert.equal(await alice.snapshot(), undefined)
    alice.send(note('a')).catch(assert.ifError)
    await rig.settle()
    assert.deepEqual(await notesOf(alice), ['hello', 'a'])
    assert.deepEqual(alice.address, { actor: 'book', key: 'alice' })
    assert.deepEqual(await notesOf(rig.runtime.actor(book, 'alice')), ['hello', 'a'])
  })

  it('AR2, WA2: send waits for the mail, or for its turn; ask for the answer: never before the disk', async () => {
    const rig = await openActors([asked])
    const alice = rig.runtime.actor(asked, 'alice')
    rig.store.beforeCommit = (batch) => (batch.runs.length === 0 ? new Promise(() => {}) : undefined)
    const fates = [
      alice.send(note('a')),
      alice.send(note('b'), { until: 'processed' }),
      alice.ask(COUNT),
    ].map((promise) => new Fate<unknown>(promise))
    await rig.settle()
    assert.deepEqual(
      fates.map(({ state }) => state),
      ['fulfilled', 'pending', 'pending'],
    )
    const receipt = { actor: 'book', key: 'alice', offset: 0, duplicate: false }
    assert.deepEqual(fates[0]?.value, receipt)
  })

  it('AR3, WA3: the same idempotency key is taken once, and answered once more, also after a restart', async () => {
    const rig = await openActors([asked])
    const alice = rig.runtime.actor(asked, 'alice')
    const options = { idempotencyKey: 'k1' }
    const first = [new Fate<unknown>(alice.ask(COUNT, options)), new Fate<unknown>(alice.ask(COUNT, options))]
    await rig.settle()
    assert.deepEqual(
      first.map(({ value }) => value),
      [0, 0],
    )
    const again = await crash(rig, [asked])
    const ref = again.runtime.actor(asked, 'alice')
    const later = [new Fate<unknown>(ref.ask(COUNT, options)), new Fate<unknown>(ref.send(COUNT, options))]
    await again.settle()
    assert.equal(later[0]?.value, 0)
    assert.deepEqual(later[1]?.value, { actor: 'book', key: 'alice', offset: 0, duplicate: true })
    assert.deepEqual(await notesOf(ref), ['COUNT'])
    // Another actor's key is another key.
    const bob = new Fate(again.runtime.actor(asked, 'bob').send(COUNT, options))
    await again.settle()
    assert.equal(bob.value?.duplicate, false)
  })

  it('AR3: an idempotency key of one actor is never that of another, whatever their keys are', async () => {
    const rig = await openActors([asked])
    const pairs = [
      ['a\nb', 'c'],
      ['a', 'b\nc'],
      ['a\\nb', 'c'],
      ['a\\', 'nb\nc'],
      ['a\\\nb', 'c'],
    ] as const
    const fates = pairs.map(
      ([key, idempotencyKey]) => new Fate(rig.runtime.actor(asked, key).send(COUNT, { idempotencyKey })),
    )
    await rig.settle()
    assert.deepEqual(
      fates.map(({ value }) => value?.duplicate),
      pairs.map(() => false),
    )
  })

  it('WA1: everybody who waits is told: deadline, signal, no answer, end of the runtime', async () => {
    const rig = await openActors([asked])
    const alice = rig.runtime.actor(asked, 'alice')
    const none = new Fate<unknown>(alice.ask(note('a')))
    await rig.settle()
    assert.equal(none.words, 'UNLOST_NO_REPLY undefined')
    rig.store.beforeCommit = (batch) => (batch.runs.length === 0 ? new Promise(() => {}) : undefined)
    const controller = new AbortController()
    const late = new Fate<unknown>(alice.ask(COUNT, { timeoutMs: 50 }))
    const given = new Fate<unknown>(alice.send(COUNT, { until: 'processed', signal: controller.signal }))
    const left = new Fate<unknown>(alice.send(COUNT, { until: 'processed' }))
    await rig.clock.advance(60)
    assert.equal(late.words, 'UNLOST_TIMEOUT unknown')
    controller.abort()
    await rig.settle()
    assert.ok(given.error instanceof AbortedError)
    rig.runtime.close().catch(() => {})
    await rig.settle()
    assert.equal(left.words, 'UNLOST_CLOSED undefined')
    await assert.rejects(alice.send(note('x')), { code: 'UNLOST_CLOSED' })
    for (const watch of [() => alice.subscribe(() => {}), () => alice.on('*', () => {})])
      assert.throws(watch, { code: 'UNLOST_CLOSED' })
  })

  it('DO1: what is no event, is the machine’s own, or is refused by the schema is not written', async () => {
    const schema = object({ type: literal('NOTE'), id: pipe(string(), startsWith('a')) })
    const book = notebook('book', () => true, { schema })
    const any = notebook('any')
    const rig = await openActors([book, any])
    const alice = rig.runtime.actor(book, 'alice')
    const circle: Record<string, unknown> = { type: 'NOTE' }
    circle['self'] = circle
    const [free, open] = [rig.runtime.actor(book, 'bob'), rig.runtime.actor(any, 'bob')]
    for (const [event, code] of [
      [{ type: 'xstate.stop' }, 'UNLOST_INVALID_EVENT'],
      [{ type: 5 }, 'UNLOST_INVALID_EVENT'],
      ['NOTE', 'UNLOST_INVALID_EVENT'],
      [note('b'), 'UNLOST_INVALID_VALUE'],
      [circle, 'UNLOST_INVALID_VALUE'],
    ] as const) {
      const fate = new Fate(free.send(event as never))
      await rig.settle()
      assert.equal(fate.words, `${code} not-written`)
    }
    for (const lossy of [new Date(0), [undefined], { by: new Map() }, { [Symbol('s')]: 1 }, 1n]) {
      const fate = new Fate(open.send(note('a', { lossy })))
      await rig.settle()
      assert.equal(fate.words, 'UNLOST_INVALID_VALUE not-written')
    }
    await assert.rejects(open.ask(note('a', { tags: [{ by: new Map() }] })), (error) =>
      /event\.tags\[0\]\.by is of class Map/.test(String(error)),
    )
    for (const at of [Number.NaN, 1n, circle, () => 1, { [Symbol('s')]: 1 }]) {
      const sent = new Fate(rig.runtime.actor(book, 'new', { input: { at } }).send(note('a')))
      await rig.settle()
      assert.equal(sent.words, 'UNLOST_INVALID_VALUE not-written')
      assert.match(String(sent.error), /: input\.at.* is .*Keep plain data/)
    }
    await assert.rejects(alice.send(note('a'), { untill: 'stored' } as never), {
      code: 'UNLOST_INVALID_OPTION',
    })
    assert.equal(stored(rig.disk).length, 0)
    const good = new Fate(alice.send(note('a')))
    await rig.settle()
    assert.equal(good.state, 'fulfilled')
  })

  it('AN1, AN2: watchers see committed states and what is emitted, until they stop; one that throws disturbs nothing', async () => {
    const rig = await openActors([asked])
    const alice = rig.runtime.actor(asked, 'alice')
    const states: unknown[] = []
    const emitted: unknown[] = []
    const stop = alice.subscribe((view) =>
      states.push((view as { context: { notes: unknown[] } }).context.notes.length),
    )
    alice.on('EMITTED', (event) => emitted.push((event as unknown as { id: string }).id))
    for (const id of ['a', 'b']) {
      alice.send(note(id, { emits: true })).catch(assert.ifError)
      await rig.settle()
    }
    stop()
    alice.send(note('c', { emits: true })).catch(assert.ifError)
    await rig.settle()
    assert.deepEqual(
      [states, emitted],
      [
        [1, 2],
        ['a', 'b', 'c'],
      ],
    )
  })

  it('PO1, PO2: mail between actors is not refused for want of room, and waits for a definition that is not here', async () => {
    const relay = notebook('relay', (event, asks) => {
      for (let i = 0; i < 100; i += 1)
        asks.ask({ kind: 'deliver', to: { actor: 'book', key: `k${i}` }, event })
    })
    const book = notebook('book')
    const rig = await openActors([relay, book], { limits: { windowCount: 1, waitingCount: 0 } })
    rig.runtime.actor(relay, 'r').send(note('a')).catch(assert.ifError)
    await rig.settle()
    assert.deepEqual(await notesOf(rig.runtime.actor(book, 'k99')), ['a'])
    const alone = await crash(rig, [relay])
    alone.runtime.actor(relay, 'r').send(note('b')).catch(assert.ifError)
    await alone.settle()
    const both = await crash(alone, [relay, book])
    assert.deepEqual(await notesOf(both.runtime.actor(book, 'k99')), ['a', 'b'])
  })
})
