import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { effectId, type ErrorData, type UnstorableError } from '../../../actors/index.ts'
import { defineTopic } from '../../../runtime/index.ts'
import { promised } from '../../support/actor-double.ts'
import { crash, note, notebook, notesOf, openActors } from '../../support/actor-rig.ts'
import { deferred, Fate, listenTo } from '../../support/sending-rig.ts'

function starter(run: (input: unknown, id: string) => Promise<unknown>, more: Record<string, unknown> = {}) {
  return notebook(
    'book',
    (event, asks) => {
      if (event.type === 'START') asks.start('job', 'work', event['id'])
      if (event.type === 'STOP') asks.ask({ kind: 'stop', effect: 'job', generation: 1 })
      if (event.type === 'TELL')
        asks.ask({
          kind: 'action',
          name: 'tell',
          params: event['id'],
          context: {},
          event,
          unconfirmed: event['now'] === true,
        })
      if (event.type === 'ARM') asks.arm(String(event['id']), Number(event['delayMs']))
      if (event.type === 'CANCEL') asks.ask({ kind: 'cancel', timer: String(event['id']) })
    },
    { runnables: { work: promised(run) }, ...more },
  )
}

const START = { type: 'START', id: 'a' }

describe('what runs for actors outside of turns', () => {
  it('EF1, OG1, OG2, TK3: a promise starts after its commit, and after a restart again under the same id', async () => {
    const ids: string[] = []
    const never = () => new Promise(() => {})
    const book = starter((_, id) => (ids.push(id), never()))
    const rig = await openActors([book])
    rig.store.beforeCommit = (batch) => {
      if (batch.events.some((bytes) => bytes[0] === 4)) assert.deepEqual(ids, [])
    }
    rig.runtime.actor(book, 'k').send(START).catch(assert.ifError)
    await rig.settle()
    const again = await crash(rig, [book])
    await again.settle()
    assert.deepEqual(ids, ['book/k/2:0', 'book/k/2:0'])
  })

  it('EF2, AM1: its result is mail, once; of a run that was stopped nothing comes', async () => {
    const gate = deferred()
    const book = starter(async () => gate.promise)
    const rig = await openActors([book])
    const [alice, bob] = [rig.runtime.actor(book, 'alice'), rig.runtime.actor(book, 'bob')]
    for (const ref of [alice, bob]) ref.send(START).catch(assert.ifError)
    await rig.settle()
    bob.send({ type: 'STOP' }).catch(assert.ifError)
    alice.send({ type: 'done', effect: 'job', generation: 1 }).catch(assert.ifError)
    await rig.settle()
    gate.resolve()
    await rig.settle()
    assert.deepEqual(await notesOf(bob), ['a', 'STOP'])
    // What a user calls done is an event of that name, and ends nothing.
    assert.deepEqual(await notesOf(alice), ['a', 'job', 'job'])
  })

  it('EF2, AM2: a result that JSON would change comes as a failure that tells where', async () => {
    const failures: ErrorData[] = []
    const book = notebook(
      'book',
      (event, asks) => {
        if (event.type === 'START') asks.start('job', 'work', 1)
        if (event.type === 'failed') failures.push(event['error'] as ErrorData)
      },
      { runnables: { work: promised(() => Promise.resolve({ found: [new Map([['a', 1]])] })) } },
    )
    const rig = await openActors([book])
    const told = listenTo(rig.runtime, 'actor-failed')
    rig.runtime.actor(book, 'k').send(START).catch(assert.ifError)
    await rig.settle()
    assert.match(String(failures[0]?.message), /output\.found\[0\] is of class Map/)
    assert.deepEqual([failures[0]?.name, failures[0]?.code], ['UnstorableError', 'UNLOST_UNSTORABLE'])
    assert.deepEqual(
      told.map(({ what }) => what),
      ['job'],
    )
  })

  it('EF3: a promise that does not settle in time has failed', async () => {
    const failures: unknown[] = []
    const book = notebook(
      'book',
      (event, asks) => {
        if (event.type === 'START') asks.start('job', 'work', 1)
        if (event.type === 'failed') failures.push(event['error'])
      },
      { runnables: { work: promised(() => new Promise(() => {})) }, effectTimeoutMs: 1_000 },
    )
    const rig = await openActors([book])
    rig.runtime.actor(book, 'k').send(START).catch(assert.ifError)
    await rig.clock.advance(1_500)
    assert.deepEqual(
      failures.map((error) => (error as { code: string }).code),
      ['UNLOST_TIMEOUT'],
    )
  })

  it('EF4: an action runs after its commit, again after a crash that left it unnoted, and is told when it throws', async () => {
    const told: unknown[] = []
    let isBad = true
    const actions = {
      tell: (params: unknown) => {
        told.push(params)
        if (isBad) throw new RangeError('no')
      },
    }
    const book = starter(async () => 1, { actions })
    const rig = await openActors([book])
    const failed = listenTo(rig.runtime, 'actor-failed')
    rig.runtime.actor(book, 'k').send({ type: 'TELL', id: 1 }).catch(assert.ifError)
    await rig.settle()
    assert.deepEqual([told, failed.map(({ what, next }) => [what, next])], [[1], [['tell', 'nothing']]])
    isBad = false
    rig.store.beforeCommit = (batch) =>
      batch.events.some((bytes) => Buffer.from(bytes).includes('"acted"')) ? new Promise(() => {}) : undefined
    rig.runtime.actor(book, 'k').send({ type: 'TELL', id: 2 }).catch(assert.ifError)
    await rig.settle()
    const again = await crash(rig, [book])
    assert.deepEqual(told, [1, 2, 2])
    const last = await crash(again, [book])
    await last.settle()
    assert.deepEqual(told, [1, 2, 2])
  })

  it('TK2: what JSON cannot write in the params of an action fails the turn that asked, by action and path', async () => {
    const odd: Record<string, unknown> = { big: { of: [1n] } }
    odd['round'] = { odd }
    const book = notebook(
      'book',
      ({ id }, asks) => {
        const params = { [String(id)]: odd[String(id)] }
        const what = { kind: 'action', name: 'tell', context: {}, event: START } as const
        asks.ask({ ...what, params, unconfirmed: false })
      },
      { actions: { tell: () => {} }, supervision: { maxAttempts: 1 } },
    )
    const rig = await openActors([book])
    const failed = listenTo(rig.runtime, 'actor-failed')
    for (const id of Object.keys(odd)) rig.runtime.actor(book, 'k').send(note(id)).catch(assert.ifError)
    await rig.settle()
    const errors = failed.map(({ error }) => error as UnstorableError)
    assert.deepEqual(
      errors.map(({ code, path }) => [code, path]),
      [
        ['UNLOST_UNSTORABLE', 'params.big.of[0]'],
        ['UNLOST_UNSTORABLE', 'params.round.odd.big.of[0]'],
      ],
    )
    assert.match(
      errors[0]?.message ?? '',
      /^action 'tell': params\.big\.of\[0\] is a bigint.*Keep plain data/,
    )
  })

  it('OD2: an action has an id, the same again after a crash that left it unnoted, and another in another turn', async () => {
    const ids: string[] = []
    const actions = {
      tell: (_: unknown, __: unknown, self: unknown) => void ids.push(effectId(self as object)),
    }
    const book = starter(async () => 1, { actions })
    const rig = await openActors([book])
    rig.store.beforeCommit = (batch) =>
      batch.events.some((bytes) => Buffer.from(bytes).includes('"acted"')) ? new Promise(() => {}) : undefined
    rig.runtime.actor(book, 'k').send({ type: 'TELL', id: 1 }).catch(assert.ifError)
    await rig.settle()
    const again = await crash(rig, [book])
    again.runtime.actor(book, 'k').send({ type: 'TELL', id: 2 }).catch(assert.ifError)
    await again.settle()
    const [first, second, third] = ids
    assert.deepEqual([ids.length, second, first === third], [3, first, false])
    assert.match(first ?? '', /^book\/k\/\d+:\d+$/)
  })

  it('OG1: an action that is marked unconfirmed runs before the commit', async () => {
    const told: unknown[] = []
    const book = starter(async () => 1, { actions: { tell: (params: unknown) => void told.push(params) } })
    const rig = await openActors([book])
    rig.store.beforeCommit = (batch) => (batch.runs.length === 0 ? new Promise(() => {}) : undefined)
    for (const now of [true, false])
      rig.runtime.actor(book, 'k').send({ type: 'TELL', id: now, now }).catch(assert.ifError)
    await rig.settle()
    assert.deepEqual(told, [true])
  })
})

describe('timers of actors', () => {
  const book = starter(async () => 1)

  it('TI1: fires once at its time, over a restart, a wall clock set back and forward, and longer than a timer holds', async () => {
    const rig = await openActors([book])
    const k = rig.runtime.actor(book, 'k')
    const longMs = 2 ** 31 + 5_000
    for (const [id, delayMs] of [
      ['short', 1_000],
      ['long', longMs],
    ] as const) {
      k.send({ type: 'ARM', id, delayMs }).catch(assert.ifError)
    }
    await rig.clock.advance(990)
    assert.deepEqual(await notesOf(k), ['short', 'long'])
    rig.clock.jumpWall(-500_000)
    await rig.clock.advance(20)
    assert.deepEqual(await notesOf(k), ['short', 'long', 'short'])
    rig.clock.jumpWall(500_000)
    const again = await crash(rig, [book])
    const ref = again.runtime.actor(book, 'k')
    again.clock.jumpWall(longMs - 6_000)
    await again.clock.advance(1_500)
    assert.equal((await notesOf(ref)).length, 3)
    await again.clock.advance(6_000)
    assert.deepEqual(await notesOf(ref), ['short', 'long', 'short', 'long'])
  })

  it('TI2, AW2: what was cancelled or armed anew does not fire, also when its mail is already there', async () => {
    const rig = await openActors([book])
    const k = rig.runtime.actor(book, 'k')
    k.send({ type: 'ARM', id: 't', delayMs: 100 }).catch(assert.ifError)
    k.send({ type: 'CANCEL', id: 't' }).catch(assert.ifError)
    k.send({ type: 'ARM', id: 't', delayMs: 300 }).catch(assert.ifError)
    await rig.clock.advance(200)
    assert.equal((await notesOf(k)).length, 3)
    await rig.clock.advance(200)
    assert.deepEqual(await notesOf(k), ['t', 't', 't', 't'])
    const sent = new Fate(k.send({ type: 'CANCEL', id: 't' }))
    await rig.settle()
    assert.equal(sent.state, 'fulfilled')
  })

  it('OG2: a timer that means nothing to a newer version is told', async () => {
    const rig = await openActors([book])
    rig.runtime.actor(book, 'k').send({ type: 'ARM', id: 'lost one', delayMs: 100_000 }).catch(assert.ifError)
    await rig.settle()
    rig.store.beforeCommit = () => new Promise(() => {})
    const newer = notebook('book', () => true, { version: 2, migrate: (state) => state as never })
    const again = await openActors([newer], { disk: rig.disk, simulated: rig.clock })
    const lost = listenTo(again.runtime, 'actor-timer-lost')
    await again.settle()
    assert.deepEqual(lost, [{ actor: 'book', key: 'k', timer: 'lost one' }])
  })
})

describe('topics and actors', () => {
  it('HS2: messages of a topic become mail of the actor that the subscription names', async () => {
    const orders = defineTopic<{ id: string; customer: string }>('orders')
    const book = notebook('book', () => true, {
      subscriptions: [
        {
          topic: orders,
          key: (message: { value: { customer: string } }) => message.value.customer,
          event: (message: { value: { id: string } }) => note(message.value.id),
        },
      ],
    })
    const rig = await openActors([book])
    const producer = rig.runtime.producer(orders)
    for (const id of ['a', 'b', 'c'])
      producer.send({ id, customer: id === 'b' ? 'bob' : 'alice' }).catch(assert.ifError)
    await rig.settle()
    assert.deepEqual(await notesOf(rig.runtime.actor(book, 'alice')), ['a', 'c'])
    assert.deepEqual(await notesOf(rig.runtime.actor(book, 'bob')), ['b'])
  })

  it('HS2: each of several subscriptions to one topic gets every message, in one commit', async () => {
    const payments = defineTopic<{ id: string; from: string; to: string }>('payments')
    type Paid = { readonly value: { readonly id: string; readonly from: string; readonly to: string } }
    const book = notebook('book', () => true, {
      subscriptions: [
        {
          topic: payments,
          key: ({ value }: Paid) => value.from,
          event: ({ value }: Paid) => note(`-${value.id}`),
        },
        {
          topic: payments,
          key: ({ value }: Paid) => value.to,
          event: ({ value }: Paid) => note(`+${value.id}`),
        },
      ],
    })
    const rig = await openActors([book])
    const producer = rig.runtime.producer(payments)
    for (const [id, from, to] of [
      ['a', 'ann', 'bob'],
      ['b', 'bob', 'ann'],
      ['c', 'bob', 'bob'],
    ] as const)
      producer.send({ id, from, to }).catch(assert.ifError)
    await rig.settle()
    assert.deepEqual(await notesOf(rig.runtime.actor(book, 'ann')), ['-a', '+b'])
    assert.deepEqual(await notesOf(rig.runtime.actor(book, 'bob')), ['+a', '-b', '-c', '+c'])
    assert.equal((await rig.runtime.consumer(payments, { group: 'actors:book' }).lag()).total, 0)
  })

  it('HS2: a message that concerns no actor is done, and nobody is asked whose it is', async () => {
    const orders = defineTopic<{ id: string; customer?: string }>('orders')
    const book = notebook('book', () => true, {
      subscriptions: [
        {
          topic: orders,
          key: ({ value }: { value: { customer?: string } }) => {
            assert.ok(value.customer !== undefined)
            return value.customer
          },
          event: ({ value }: { value: { id: string; customer?: string } }) =>
            value.customer === undefined ? undefined : note(value.id),
        },
      ],
    })
    const rig = await openActors([book])
    const producer = rig.runtime.producer(orders)
    for (const order of [{ id: 'a', customer: 'alice' }, { id: 'b' }, { id: 'c', customer: 'alice' }])
      producer.send(order).catch(assert.ifError)
    await rig.settle()
    assert.deepEqual(await notesOf(rig.runtime.actor(book, 'alice')), ['a', 'c'])
    assert.equal((await rig.runtime.consumer(orders, { group: 'actors:book' }).lag()).total, 0)
    assert.deepEqual(await rig.runtime.deadLetters(orders, { group: 'actors:book' }).list(), [])
  })
})
