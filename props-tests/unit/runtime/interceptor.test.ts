import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DiskFullError } from '../../../persistence/index.ts'
import {
  defineTopic,
  type ContinuityBreak,
  type FetchedRun,
  type Interceptor,
} from '../../../runtime/index.ts'
import { collectHooks, continuity, numbering } from '../../../runtime/internal.ts'
import { assertNoGap, deferred, Fate, listenTo, openRig, stored, values } from '../../support/sending-rig.ts'

const plain = defineTopic('plain')

function fetched(
  reader: object,
  firstSequence: number,
  more: { count?: number; by?: string } = {},
): FetchedRun {
  const { count = 1, by = 'p' } = more
  return {
    reader,
    group: 'g',
    topic: 't',
    partition: 0,
    producer: { id: by, epoch: 1 },
    firstSequence,
    firstOffset: 7,
    count,
  }
}

/** What the check says about runs, as `kind expected got`. */
function judge(...runs: readonly FetchedRun[]): string[] {
  const found: ContinuityBreak[] = []
  const check = continuity((each) => found.push(each))
  for (const run of runs) check.onFetch?.(run)
  return found.map(({ kind, expected, got }) => `${kind} ${expected} ${got}`)
}

describe('interceptors', () => {
  it('IC1: hooks run in the order of the list, before the built-in pair, and see its last number', async () => {
    const seen: string[] = []
    const watcher = (name: string): Interceptor => ({
      name,
      onSend: (message) => void seen.push(`${name} send ${message.lastSequence} ${message.sequence}`),
      onConfirm: (message, receipt) =>
        void seen.push(`${name} confirm ${message.sequence} ${receipt.sequence}`),
    })
    const rig = await openRig({ interceptors: [watcher('a'), watcher('b')] })
    await Promise.all([rig.runtime.producer(plain).sendBatch([1, 2]), rig.settle()])
    assert.deepEqual(seen, [
      'a send 0 0',
      'b send 0 0',
      'a send 1 0',
      'b send 1 0',
      'a confirm 1 1',
      'b confirm 1 1',
      'a confirm 2 2',
      'b confirm 2 2',
    ])
    const hooks = collectHooks([watcher('a'), numbering()])
    assert.deepEqual([hooks.onSend.length, hooks.onConfirm.length, hooks.onFetch.length], [2, 1, 0])
  })

  it('IC2: a throw in onSend rejects that send and burns no number; one in onConfirm changes nothing', async () => {
    const rig = await openRig({
      interceptors: [
        {
          name: 'moody',
          onSend: (message) => {
            if (message.key === 'bad') throw Object.create(null)
          },
          onConfirm: (message) => {
            if (message.key === 'worse') throw new TypeError('in onConfirm')
          },
        },
      ],
    })
    const errors = listenTo(rig.runtime, 'interceptor-error')
    const producer = rig.runtime.producer(plain)
    const fates = ['good', 'bad', 'worse'].map((key) => new Fate(producer.send(key, { key })))
    await rig.settle()
    assert.deepEqual(
      fates.map((fate) => fate.words),
      ['fulfilled', 'UNLOST_INTERCEPTOR not-written', 'fulfilled'],
    )
    assert.deepEqual(
      errors.map(({ interceptor, hook }) => [interceptor, hook]),
      [['moody', 'onConfirm']],
    )
    assertNoGap(rig.disk)
  })

  it('IC2: onConfirm runs for what is on disk, though its sender had given up', async () => {
    const confirmed: number[] = []
    const rig = await openRig({
      interceptors: [{ name: 'audit', onConfirm: (_, receipt) => void confirmed.push(receipt.sequence) }],
    })
    const gate = deferred()
    rig.store.beforeCommit = () => gate.promise
    const fate = new Fate(rig.runtime.producer(plain).send(1, { deliveryTimeoutMs: 10 }))
    await rig.clock.advance(10)
    assert.deepEqual([fate.words, confirmed], ['UNLOST_TIMEOUT unknown', []])
    gate.resolve()
    await rig.settle()
    assert.deepEqual(confirmed, [1])
  })

  it('BD4: headers that an interceptor sets are stored once, though the batch is tried again', async () => {
    const rig = await openRig({
      interceptors: [
        {
          name: 'tracer',
          onSend: (message) => {
            message.headers = { ...message.headers, trace: `${message.headers?.['trace'] ?? ''}+` }
          },
        },
      ],
    })
    rig.store.beforeCommit = () => {
      throw new DiskFullError('no space')
    }
    const fate = new Fate(rig.runtime.producer(plain).send(1, { headers: { own: 'yes' } }))
    await rig.settle()
    rig.store.beforeCommit = () => {}
    await rig.clock.advance(5000)
    assert.equal(fate.state, 'fulfilled')
    assert.deepEqual(stored(rig.disk)[0]?.headers, { own: 'yes', trace: '+' })
  })

  it('BD4: headers that are no texts, too many bytes and late answers refuse the unit, and only that', async () => {
    const odd: readonly unknown[] = [5, null, ['a'], { a: 1 }, { a: 10n }, { a: 'x'.repeat(65_537) }]
    let turn = 0
    const rig = await openRig({
      batchBytesMax: 20_000,
      interceptors: [
        {
          name: 'odd',
          onSend: (message) => {
            if (message.key === 'odd') message.headers = odd[turn++] as Record<string, string>
            if (message.key === 'large') message.headers = { a: 'x'.repeat(30_000) }
            if (message.key === 'late') return Promise.reject(new TypeError('late')) as unknown as undefined
          },
        },
      ],
    })
    const producer = rig.runtime.producer(plain)
    for (const _ of odd) {
      const fate = new Fate(producer.send('odd', { key: 'odd' }))
      const other = new Fate(producer.send('fine'))
      await rig.settle()
      assert.deepEqual([fate.words, other.state], ['UNLOST_INTERCEPTOR not-written', 'fulfilled'])
    }
    const large = new Fate(producer.sendBatch(['large', 'large'], { key: 'large' }))
    const alone = new Fate(producer.send('large', { key: 'large' }))
    const late = new Fate(producer.send('late', { key: 'late' }))
    const next = new Fate(producer.send('fine'))
    await rig.settle()
    assert.deepEqual(
      [large.words, alone.words, late.words, next.state],
      [
        'UNLOST_TOO_LARGE not-written',
        'UNLOST_TOO_LARGE not-written',
        'UNLOST_INTERCEPTOR not-written',
        'fulfilled',
      ],
    )
    assert.ok(values(rig.disk).every((value) => value === 'fine'))
    assertNoGap(rig.disk)
  })

  it('BD2: a number out of order is refused, whoever gave it', async () => {
    const wrong = [2, -1, 0.5, Number.NaN]
    let turn = 0
    const rig = await openRig({
      continuity: false,
      interceptors: [
        {
          name: 'mine',
          onSend: (message) => void (message.sequence = wrong[turn++] ?? message.lastSequence + 1),
        },
      ],
    })
    const producer = rig.runtime.producer(plain)
    for (const _ of wrong) {
      const fate = new Fate(producer.send('x'))
      await rig.settle()
      assert.equal(fate.words, 'UNLOST_SEQUENCE not-written')
    }
    const fate = new Fate(producer.send('x'))
    await rig.settle()
    assert.equal(fate.value?.sequence, 1)
  })

  it('NU1: a number is given when the message joins a batch; a send that is given up burns none', async () => {
    const rig = await openRig()
    const producer = rig.runtime.producer(plain)
    const stop = new AbortController()
    const fates = [1, 2, 3, 4].map((value) => {
      return new Fate(producer.send(value, value % 2 === 0 ? { signal: stop.signal } : {}))
    })
    stop.abort()
    await rig.settle()
    assert.deepEqual(
      fates.map((fate) => fate.value?.sequence),
      [1, undefined, 2, undefined],
    )
  })

  it('NU1: without the pair nothing is numbered, and nothing is checked', async () => {
    const rig = await openRig({ continuity: false })
    const fate = new Fate(rig.runtime.producer(plain).sendBatch([1, 2]))
    await rig.settle()
    assert.deepEqual(
      fate.value?.map(({ sequence, offset }) => [sequence, offset]),
      [
        [0, 0],
        [0, 1],
      ],
    )
    assert.deepEqual(judge(fetched({}, 0), fetched({}, 0)), [])
  })

  it('CO1: the first message that a reader meets sets what it expects, for each producer apart', () => {
    const [reader, other] = [{}, {}]
    assert.deepEqual(
      judge(
        fetched(reader, 5, { count: 3 }),
        fetched(reader, 1, { by: 'q' }),
        fetched(other, 100),
        fetched(reader, 8),
        fetched(reader, 2, { by: 'q' }),
        fetched(other, 101),
      ),
      [],
    )
  })

  it('CO2: a gap, a repeat and a step back are told apart, and the check goes on from the highest', () => {
    const reader = {}
    assert.deepEqual(judge(fetched(reader, 1, { count: 3 }), fetched(reader, 5), fetched(reader, 6)), [
      'gap 4 5',
    ])
    assert.deepEqual(
      judge(fetched(reader, 1, { count: 3 }), fetched(reader, 1, { count: 3 }), fetched(reader, 4)),
      ['duplicate 4 1'],
    )
    assert.deepEqual(judge(fetched(reader, 1, { count: 9 }), fetched(reader, 4), fetched(reader, 10)), [
      'step-back 10 4',
    ])
  })
})
