import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { UndecodableError } from '../../../runtime/index.ts'
import {
  ActorKind,
  Ledger,
  letterText,
  readMail,
  Scope,
  StateCache,
  systemText,
  TurnEffects,
  unpacked,
  Work,
} from '../../../runtime/internal.ts'
import type { ActorLedgerEvent, LedgerEvent } from '../../../runtime/internal.ts'
import { note, notebook, notesOf, openActors } from '../../support/actor-rig.ts'
import { Fate, listenTo, reopen } from '../../support/sending-rig.ts'

const base: readonly LedgerEvent[] = [
  { kind: 'topic', topic: 1, name: '~actors/a', partitions: 1, codec: 'actor-mail', mailbox: 1 },
  { kind: 'actors', actors: 1, name: 'a', topic: 1 },
  { kind: 'shape', actors: 1, shape: 0, version: 1, hash: 'h' },
]

const key = fc.constantFrom('k', 'l', 'ü')
const name = fc.constantFrom('s', 't')
const offset = fc.nat(40)
const timer = fc.record({ timer: name, generation: fc.nat(3), dueMs: fc.nat(99) })
const running = fc.record({ effect: name, generation: fc.nat(3), id: name })
const changes = fc.record(
  {
    cancelled: fc.array(name),
    armed: fc.uniqueArray(timer, { selector: (one) => one.timer }),
    stopped: fc.array(name),
    started: fc.uniqueArray(running, { selector: (one) => one.effect }),
    actions: fc.array(
      fc.record({
        id: name,
        name,
        params: fc.constant(1),
        context: fc.constant({}),
        event: fc.constant({ type: 'E' }),
      }),
    ),
    replies: fc.array(fc.tuple(offset, fc.constant('1'))),
  },
  { requiredKeys: [] },
)
const event: fc.Arbitrary<ActorLedgerEvent> = fc.oneof(
  fc.record({
    kind: fc.constant('turn' as const),
    actors: fc.constant(1),
    key,
    turn: fc.nat(9),
    status: fc.constantFrom('active', 'done'),
    shape: fc.constant(0),
    state: fc.string({ unit: 'grapheme' }),
    changes: fc.option(changes, { nil: undefined }),
  }),
  fc.record({ kind: fc.constant('consumed' as const), actors: fc.constant(1), next: offset }),
  fc.record({ kind: fc.constant('tried' as const), actors: fc.constant(1), offset, attempt: fc.nat(3) }),
  fc.record({
    kind: fc.constant('lagged' as const),
    actors: fc.constant(1),
    key,
    at: offset,
    attempt: fc.nat(3),
    dueMs: fc.nat(9),
    parked: fc.constantFrom('failed' as const, 'unfit' as const),
    history: fc.constant([]),
  }),
  fc.record({ kind: fc.constant('caught-up' as const), actors: fc.constant(1), key }),
  fc.record({
    kind: fc.constant('undelivered' as const),
    actors: fc.constant(1),
    key,
    offset,
    atMs: fc.nat(9),
    reason: name,
    history: fc.constant([]),
  }),
  fc.record({
    kind: fc.constant('letters-gone' as const),
    actors: fc.constant(1),
    offsets: fc.array(offset),
  }),
  fc.record({
    kind: fc.constant('fired' as const),
    actors: fc.constant(1),
    timers: fc.array(fc.tuple(key, name, fc.nat(3))),
  }),
  fc.record({ kind: fc.constant('acted' as const), actors: fc.constant(1), key, ids: fc.array(name) }),
  fc.record({ kind: fc.constant('restarted' as const), actors: fc.constant(1), key }),
)

function ledgerOf(events: readonly LedgerEvent[]): Ledger {
  const ledger = new Ledger()
  for (const one of events) ledger.apply(one, 0)
  return ledger
}

function wordsOf(kind: ActorKind): unknown {
  return JSON.parse(JSON.stringify([kind.image(), [...kind.records]]))
}

function kindOf(ledger: Ledger): ActorKind {
  return ledger.actors.kind(1)
}

describe('the durable state of actors', () => {
  it('AS1, AI1, LG2: a checkpoint and the events after it give the state that all events give', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), fc.nat(40), (events, cut) => {
        const whole = ledgerOf([...base, ...events])
        const restored = new Ledger()
        restored.restore(ledgerOf([...base, ...events.slice(0, cut)]).image())
        for (const one of events.slice(cut)) restored.apply(one, 0)
        assert.deepEqual(wordsOf(kindOf(restored)), wordsOf(kindOf(whole)))
      }),
      { numRuns: 300 },
    )
  })

  it('AS1: a ledger without actors has the image that it always had', () => {
    assert.equal(ledgerOf([]).image()[0], '{'.charCodeAt(0))
    assert.equal(ledgerOf(base.slice(0, 1)).image()[0], '{'.charCodeAt(0))
  })

  it('AS3: mail is kept from the lowest offset on that somebody needs', () => {
    const at = { actors: 1, key: 'k' } as const
    const kind = kindOf(ledgerOf([...base, { kind: 'consumed', actors: 1, next: 20 }]))
    assert.equal(kind.low, 20)
    kind.apply({ kind: 'lagged', ...at, at: 9, attempt: 0, dueMs: 0, parked: undefined, history: [] })
    assert.equal(kind.low, 9)
    kind.apply({ kind: 'undelivered', ...at, offset: 4, atMs: 0, reason: '', history: [] })
    assert.equal(kind.low, 4)
    kind.apply({ kind: 'letters-gone', actors: 1, offsets: [4] })
    kind.apply({ kind: 'caught-up', ...at })
    assert.equal(kind.low, 20)
  })

  it('AS1: replies are remembered up to the count that the definition asks for', () => {
    const kind = kindOf(ledgerOf(base))
    kind.repliesMax = 2
    const turn = {
      kind: 'turn',
      actors: 1,
      key: 'k',
      status: 'active',
      shape: 0,
      state: '1',
    } as const
    for (const turned of [1, 2, 3])
      kind.apply({ ...turn, turn: turned, changes: { replies: [[turned, `${turned}`]] } })
    assert.deepEqual([...kind.replies.keys()], [2, 3])
  })

  it('AS2: text of any kind comes back as it was, and takes a byte a character', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '"', 'é', '\u00ff', '✓', '𝄞', '\u0000') })
    fc.assert(
      fc.property(text, (state) => {
        const turn = { kind: 'turn', actors: 1, key: 'k', turn: 1, status: 'active', shape: 0 } as const
        const kind = kindOf(ledgerOf([...base, { ...turn, state, changes: undefined }]))
        const kept = kind.records.get('k')?.packed ?? ''
        assert.equal(unpacked(kept), state)
        assert.deepEqual(Buffer.from(kept, 'latin1'), Buffer.from(state, 'utf8'))
      }),
    )
  })
})

describe('turns of actors', () => {
  it('TB3, TB4, TK1: ids and chance follow from the actor and its turn; an actor that is over takes no turn', async () => {
    const seen: unknown[] = []
    let isBad = true
    const book = notebook(
      'book',
      (said, asks) => {
        if (asks.scope.address.key === 'other') return
        seen.push([asks.scope.turn, asks.scope.id(), asks.scope.random()])
        if (said.type === 'END') asks.finish('bye')
        asks.ask({ kind: 'deliver', to: { actor: 'book', key: 'other' }, event: note('x') })
        if (said['id'] === 'bad' && isBad) throw new RangeError('later')
      },
      { supervision: { minDelayMs: 10, maxDelayMs: 10 } },
    )
    const rig = await openActors([book])
    const unhandled = listenTo(rig.runtime, 'actor-unhandled')
    const k = rig.runtime.actor(book, 'k')
    k.send(note('bad')).catch(assert.ifError)
    await rig.settle()
    const [first] = seen
    seen.length = 0
    isBad = false
    await rig.clock.advance(20)
    assert.deepEqual(seen[0], first, 'the same turn gives the same')
    seen.length = 0
    k.send({ type: 'END' }).catch(assert.ifError)
    k.send(note('late')).catch(assert.ifError)
    await rig.settle()
    assert.equal(seen.filter((one) => (one as unknown[])[0] === 3).length > 0, true)
    assert.deepEqual(await notesOf(k), ['bad', 'END'])
    assert.deepEqual((await k.snapshot())?.status, 'done')
    assert.deepEqual(
      unhandled.map(({ key: who }) => who),
      ['k'],
    )
  })

  it('AP1: numbers are spread, in range, and another turn’s are others', () => {
    const scopes = Array.from({ length: 200 }, (_, turn) => new Scope({ actor: 'a', key: 'k' }, turn, 0))
    const numbers = scopes.map((scope) => scope.random())
    assert.equal(new Set(scopes.map((scope) => scope.id())).size, 200)
    assert.ok(numbers.every((number) => number >= 0 && number < 1))
    const mean = numbers.reduce((sum, number) => sum + number, 0) / 200
    assert.ok(mean > 0.4 && mean < 0.6, `${mean}`)
    assert.equal(
      new Scope({ actor: 'a', key: 'k' }, 7, 1).id(),
      new Scope({ actor: 'a', key: 'k' }, 7, 2).id(),
    )
  })

  it('AM2: a mail is read as it was written, in each of its forms', () => {
    const letters = [
      { event: note('a') },
      { event: note('ü'), ask: [1, 2] as const },
      { event: note('a'), input: { b: 1 } },
    ]
    for (const letter of letters) assert.deepEqual(readMail(letterText(letter)).letter, letter)
    const system = { kind: 'timer', timer: 't', generation: 1 } as const
    assert.deepEqual(readMail(systemText(system)).system, system)
    assert.throws(() => readMail('?{'), UndecodableError)
  })

  it('AW1, AW2: only what differs from the record is written, and the record is not touched', () => {
    const armed = { timer: 't', generation: 1, dueMs: 5 }
    const record = {
      turn: 1,
      status: 'active',
      shape: 0,
      packed: '',
      timers: [armed],
      running: [],
      actions: [],
    } as const
    const work = new Work({ actor: 'a', key: 'k' }, record, 1)
    assert.equal(work.changes(), undefined)
    const nothing = { armed: [], cancelled: [], started: [], stopped: [], actions: [], replies: [] }
    work.apply({ ...nothing, armed: [{ ...armed, timer: 'u' }] })
    work.apply({ ...nothing, cancelled: ['u', 't'] })
    assert.deepEqual(work.changes(), { cancelled: ['t'] })
    assert.deepEqual(record.timers, [armed])
  })

  it('YE1: what is armed or started, and taken back in the same turn, never was', () => {
    const effects = new TurnEffects()
    effects.armed.push({ timer: 't', generation: 2, dueMs: 5 }, { timer: 'u', generation: 2, dueMs: 5 })
    effects.cancel('t')
    const start = {
      kind: 'start',
      effect: 'e',
      generation: 2,
      src: 's',
      child: 'e',
      snapshots: false,
    } as const
    effects.started.push({ effect: { ...start, input: undefined }, id: 'a/k/2:0' })
    effects.stop('e')
    assert.deepEqual(
      effects.armed.map(({ timer: armed }) => armed),
      ['u'],
    )
    assert.deepEqual(effects.started, [])
    assert.deepEqual([effects.cancelled, effects.stopped], [['t'], ['e']], 'one of an earlier turn goes too')
  })

  it('CS1, CS2: the states that were used last stay, up to about the limit', () => {
    const cache = new StateCache(10)
    const state = (n: number) => ({ status: 'active', n }) as const
    for (let i = 0; i < 100; i += 1) {
      cache.set(`k${i}`, state(i))
      assert.deepEqual(cache.get('k0'), state(0), 'it is in use')
      assert.ok(cache.size <= 10)
    }
    assert.deepEqual(cache.get('k99'), state(99))
    assert.equal(cache.get('k50'), undefined)
    cache.set('k99', state(7))
    assert.deepEqual(cache.get('k99'), state(7))
    cache.delete('k99')
    assert.equal(cache.get('k99'), undefined)
  })
})

describe('many actors', () => {
  it('AI2, AS2: a hundred thousand are open within two seconds', async () => {
    const book = notebook('book')
    const rig = await openActors([book])
    const count = 100_000
    const state = JSON.stringify({
      state: { notes: ['x'] },
      running: [],
      timers: [],
      starts: 0,
      status: 'active',
    })
    const turn = {
      kind: 'turn',
      actors: 1,
      turn: 1,
      status: 'active',
      shape: 0,
      state,
      changes: undefined,
    } as const
    const ledger = new Ledger()
    for (const one of base.map((declared) =>
      'name' in declared ? { ...declared, name: declared.name.replace(/a$/, 'book') } : declared,
    ))
      ledger.apply(one, 0)
    ledger.apply({ kind: 'shape', actors: 1, shape: 0, version: 1, hash: 'double-1' }, 0)
    for (let i = 0; i < count; i += 1) ledger.apply({ ...turn, key: `actor-${i}` }, 0)
    rig.disk.batches.length = 0
    rig.disk.checkpoint = ledger.image()
    rig.disk.eventsAfterCheckpoint = []
    const startMs = performance.now()
    const again = await reopen(rig, { actors: [book] })
    const tookMs = performance.now() - startMs
    assert.deepEqual(await notesOf(again.runtime.actor(book, 'actor-77777')), ['x'])
    const fate = new Fate(again.runtime.actor(book, 'actor-5').send(note('y'), { until: 'processed' }))
    await again.settle()
    assert.equal(fate.state, 'fulfilled')
    assert.ok(tookMs < 2_000, `${tookMs} ms`)
  })
})
