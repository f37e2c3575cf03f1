import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  DEFAULT_LIMITS,
  defineTopic,
  openRuntime,
  type RuntimeEventName,
  type Topic,
} from '../../../runtime/index.ts'
import {
  checkName,
  checkOptions,
  either,
  finiteNumber,
  LIMIT_RULES,
  nearest,
  NO_OPTIONS,
  oneOf,
  port,
  resolveLimits,
  wholeNumber,
} from '../../../runtime/internal.ts'
import { Fate, listenTo, manualClock, openRig, stored } from '../../support/sending-rig.ts'

const plain = defineTopic('plain')
const invalid = { code: 'UNLOST_INVALID_OPTION', outcome: 'not-written' }

describe('options', () => {
  it('OC1: an unknown option is refused by name, with the nearest known one where there is one', () => {
    const rules = { key: wholeNumber(0), deliveryTimeoutMs: wholeNumber(0), delayMs: wholeNumber(0) }
    const words = (options: object): string => {
      try {
        checkOptions(options, rules, 'here')
      } catch (error) {
        return (error as Error).message
      }
      return ''
    }
    assert.match(words({ delay: 1 }), /^here: unknown option 'delay'; did you mean 'delayMs'\?$/)
    assert.match(words({ DELIVERYTIMEOUTMS: 1 }), /did you mean 'deliveryTimeoutMs'\?$/)
    assert.match(words({ ttl: 1 }), /known options: key, deliveryTimeoutMs, delayMs$/)
    assert.match(words(JSON.parse('{"__proto__": 1}') as object), /unknown option '__proto__'/)
    assert.match(words({ constructor: 1 }), /unknown option 'constructor'/)
    assert.equal(nearest('x'.repeat(1_000_000), ['key']), undefined)
  })

  it('OC1: every door refuses what it does not know', async () => {
    const rig = await openRig()
    const odd = { partitons: 2 } as object
    const producer = rig.runtime.producer(plain)
    assert.throws(() => defineTopic('t', odd), { ...invalid, message: /did you mean 'partitions'/ })
    assert.throws(() => defineTopic('t', { retain: { byte: 1 } as object }), {
      message: /did you mean 'bytes'/,
    })
    assert.throws(() => rig.runtime.producer(plain, odd), invalid)
    assert.throws(() => rig.runtime.consumer(plain, { group: 'g', concurency: 2 } as never), {
      message: /did you mean 'concurrency'/,
    })
    assert.throws(() => rig.runtime.deadLetters(plain, { gruop: 'g' } as never), invalid)
    await assert.rejects(openRuntime('x', odd), invalid)
    await assert.rejects(openRuntime('x', { limits: { windowCounts: 1 } as object }), {
      message: /'windowCount'/,
    })
    await assert.rejects(producer.send(1, { header: {} } as object), { ...invalid, message: /'headers'/ })
    await assert.rejects(producer.sendBatch([1], { messageId: 'x' } as object), invalid)
    assert.throws(() => rig.runtime.on('stall' as RuntimeEventName, () => {}), {
      message: /did you mean 'stalled'/,
    })
    assert.deepEqual(stored(rig.disk), [])
  })

  it('OC2: a check changes nothing, and each kind refuses what is not of it', () => {
    const wrong: readonly (readonly [(value: unknown, where: string) => void, readonly unknown[]])[] = [
      [wholeNumber(1, 5), [0, 6, 1.5, Number.NaN, '1', null, 2n, Infinity]],
      [finiteNumber(0, 1), [-0.1, 1.1, Number.NaN, '0', null]],
      [oneOf('a', 'b'), ['c', null, Symbol('a'), () => 'a']],
      [port('read'), [null, {}, { read: 1 }, 'read', () => {}]],
      [either('one or the other', oneOf('a'), wholeNumber(1)), ['b', 0, {}]],
    ]
    for (const [rule, values] of wrong) {
      for (const value of values)
        assert.throws(() => rule(value, 'here'), { ...invalid, message: /^here must be/ })
    }
    wholeNumber(1, 5)(5, 'here')
    finiteNumber(0, 1)(0.5, 'here')
    oneOf('a')('a', 'here')
    port('read')({ read() {} }, 'here')
    either('x', oneOf('a'), wholeNumber(1))(7, 'here')
    const options = Object.freeze({ n: 3, other: undefined })
    checkOptions(options, { n: wholeNumber(0), other: wholeNumber(0) }, 'here')
    checkOptions(undefined, {}, 'here')
    for (const odd of [null, 5, 'x', [], () => {}])
      assert.throws(() => checkOptions(odd, {}, 'here'), invalid)
    assert.throws(() => either('x', () => assert.fail('ours'))(1, 'here'), assert.AssertionError)
  })

  it('OC2: names are short and plain, and can leave no directory', () => {
    for (const name of ['a', 'A9', 'orders.v2', 'a_b:c@d~e-f', 'x'.repeat(127), '1'])
      checkName(name, 'a name')
    const odd = [
      '',
      '.',
      '..',
      '../x',
      'a/b',
      'a\\b',
      'a b',
      '~a',
      '-a',
      'ü',
      'a\0',
      'a\n',
      'x'.repeat(128),
      5,
      null,
      undefined,
      {},
    ]
    for (const name of odd)
      assert.throws(() => checkName(name, 'a name'), { ...invalid, message: /^a name must be/ })
  })

  it('TO1: a declaration is immutable and serves any number of runtimes', async () => {
    const retain = { ms: 5 }
    const topic = defineTopic('t', { retain })
    retain.ms = 6
    assert.ok(Object.isFrozen(topic) && Object.isFrozen(topic.retain))
    assert.equal(topic.retain?.ms, 5)
    const [one, two] = [await openRig(), await openRig()]
    await Promise.all([one.runtime.producer(topic).send(1), one.settle()])
    await Promise.all([two.runtime.producer(topic).send(2), two.settle()])
    assert.deepEqual([stored(one.disk).length, stored(two.disk).length], [1, 1])
  })

  it('TO2: a wrong option of a topic is refused at its declaration', () => {
    const wrong: readonly object[] = [
      { partitions: 0 },
      { partitions: 1025 },
      { partitions: '4' },
      { key: 'id' },
      { codec: 'xml' },
      { codec: { encode: () => new Uint8Array() } },
      { schema: {} },
      { schema: 5 },
      { retain: 5 },
      { retain: { ms: -1 } },
      { retain: { evenIfUnread: 1 } },
      { messageIdCount: -1 },
    ]
    for (const options of wrong) {
      assert.throws(
        () => defineTopic('t', options),
        { code: 'UNLOST_INVALID_OPTION' },
        JSON.stringify(options),
      )
    }
    assert.throws(() => defineTopic('t', null as never), invalid)
    assert.throws(() => defineTopic('a/b'), invalid)
  })

  it('TO3: what is no topic is refused wherever one is asked for, and declares nothing', async () => {
    const rig = await openRig()
    const odd: readonly unknown[] = [
      undefined,
      null,
      'plain',
      5,
      {},
      { name: 'x' },
      { name: '../x', partitions: 1, codec: 'json', messageIdCount: 1 },
      { name: 'x', partitions: -1, codec: 'json', messageIdCount: 1 },
      { name: 'x', partitions: 1, codec: 'odd', messageIdCount: 1 },
    ]
    for (const topic of odd as readonly Topic<unknown>[]) {
      assert.throws(() => rig.runtime.producer(topic), invalid)
      assert.throws(() => rig.runtime.consumer(topic, { group: 'g' }), invalid)
      assert.throws(() => rig.runtime.deadLetters(topic, { group: 'g' }), invalid)
    }
    await rig.settle()
    assert.deepEqual(rig.disk.batches, [])
    const other = { ...plain }
    await Promise.all([rig.runtime.producer(other).send(1), rig.settle()])
    assert.equal(stored(rig.disk).length, 1, 'a topic of another copy of the package is one')
  })

  it('SO1: a send without options, and each of its options, refused or taken', async () => {
    const rig = await openRig()
    const wide = defineTopic('wide', { partitions: 4 })
    const producer = rig.runtime.producer(wide)
    assert.ok(Object.isFrozen(NO_OPTIONS))
    const wrong: readonly object[] = [
      { key: 5 },
      { key: 'x'.repeat(65_537) },
      { partition: 4 },
      { partition: -1 },
      { partition: 1.5 },
      { headers: [] },
      { headers: null },
      { headers: { a: 1 } },
      { headers: { a: undefined } },
      { headers: { a: 'x'.repeat(65_537) } },
      { delayMs: -1 },
      { delayMs: 1.5 },
      { deliverAt: new Date(Number.NaN) },
      { deliverAt: '2026-01-01' },
      { deliverAt: 1.5 },
      { delayMs: 1, deliverAt: 1 },
      { messageId: 5 },
      { signal: {} },
      { deliveryTimeoutMs: 0 },
      { deliveryTimeoutMs: Infinity },
    ]
    for (const options of wrong) {
      const fate = new Fate(producer.send(1, options))
      await rig.settle()
      assert.equal(fate.words, 'UNLOST_INVALID_OPTION not-written', JSON.stringify(options))
    }
    assert.deepEqual(stored(rig.disk), [])
    const right = {
      key: '',
      partition: 3,
      headers: { a: '', ['__proto__']: 'own' },
      delayMs: 0,
      messageId: '',
      signal: new AbortController().signal,
    }
    const fate = new Fate(producer.send(1, { ...right, deliveryTimeoutMs: Number.MAX_SAFE_INTEGER }))
    const none = new Fate(producer.send(1, { key: undefined, headers: undefined } as object))
    await rig.settle()
    assert.deepEqual([fate.value?.partition, none.state], [3, 'fulfilled'])
    assert.equal(stored(rig.disk).find(({ key }) => key === '')?.headers?.['a'], '')
  })

  it('RO1: what is not built yet is refused by name, never taken and ignored', async () => {
    for (const option of ['mirrors', 'minInSync', 'durability'] as const) {
      await assert.rejects(openRuntime('x', { [option]: 1 }), {
        code: 'UNLOST_INVALID_OPTION',
        message: new RegExp(option),
      })
    }
    const wrong: readonly object[] = [
      { interceptors: {} },
      { interceptors: [{}] },
      { interceptors: [{ name: 'a', onSent: () => {} }] },
      { interceptors: [{ name: 'a', onSend: 5 }] },
      { clock: { nowMs: () => 0 } },
      { random: {} },
      { store: {} },
      { takeover: 1 },
      { continuity: 'no' },
      { limits: [] },
    ]
    for (const options of wrong)
      await assert.rejects(openRuntime('x', options), { code: 'UNLOST_INVALID_OPTION' })
  })

  it('LI1: every limit has a default and a rule, and undefined means the default', () => {
    assert.deepEqual(Object.keys(LIMIT_RULES).toSorted(), Object.keys(DEFAULT_LIMITS).toSorted())
    checkOptions(DEFAULT_LIMITS, LIMIT_RULES, 'defaults')
    assert.deepEqual(resolveLimits({ windowCount: 3, stallMs: undefined } as object), {
      ...DEFAULT_LIMITS,
      windowCount: 3,
    })
    for (const name of Object.keys(LIMIT_RULES)) {
      assert.throws(() => checkOptions({ [name]: -1 }, LIMIT_RULES, 'limits'), {
        message: new RegExp(`'${name}'`),
      })
      assert.throws(() => checkOptions({ [name]: '5' }, LIMIT_RULES, 'limits'), {
        message: new RegExp(`'${name}'`),
      })
    }
    assert.ok(
      DEFAULT_LIMITS.windowBytes > DEFAULT_LIMITS.valueBytes &&
        DEFAULT_LIMITS.batchBytes < DEFAULT_LIMITS.segmentBytes,
    )
  })

  it('EV1: a listener that throws disturbs neither the runtime nor other listeners', async () => {
    const rig = await openRig({ simulated: manualClock(), limits: { stallMs: 10 } })
    rig.runtime.on('stalled', () => {
      throw new TypeError('in the listener')
    })
    const told = listenTo(rig.runtime, 'stalled')
    const off = (): void => assert.fail('was taken off')
    rig.runtime.on('stalled', off).off('stalled', off)
    let release = (): void => {}
    rig.store.beforeCommit = () => new Promise<void>((resolve) => (release = resolve))
    const fate = new Fate(rig.runtime.producer(plain).send(1))
    await assert.rejects(rig.clock.advance(10), /in the listener/)
    release()
    await rig.settle()
    assert.equal(fate.state, 'fulfilled')
    assert.deepEqual(
      told.map(({ cause }) => cause),
      ['slow-commit'],
    )
  })

  it('EV2: a name that is no event, and a listener that is no function, are refused', async () => {
    const { runtime } = await openRig()
    for (const name of ['gpa', '__proto__', 'constructor', '', 5]) {
      assert.throws(() => runtime.on(name as RuntimeEventName, () => {}), { code: 'UNLOST_INVALID_OPTION' })
      assert.throws(() => runtime.off(name as RuntimeEventName, () => {}), { code: 'UNLOST_INVALID_OPTION' })
    }
    assert.throws(() => runtime.on('gap', 5 as never), { code: 'UNLOST_INVALID_OPTION' })
  })
})
