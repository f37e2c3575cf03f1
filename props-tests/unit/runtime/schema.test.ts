import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as v from 'valibot'
import { z } from 'zod'
import { defineTopic, InvalidValueError } from '../../../runtime/index.ts'
import {
  checkValue,
  codecName,
  decodeValue,
  encodeValue,
  payloadBytes,
  RecordPad,
  withOutcome,
  wordsOf,
} from '../../../runtime/internal.ts'
import {
  BrokenError,
  ClosedError,
  DiskFullError,
  FencedError,
  UnlostError,
} from '../../../persistence/index.ts'
import { Fate, openRig, stored, values } from '../../support/sending-rig.ts'

const zodOrder = z.object({
  id: z.string(),
  total: z.number().default(0),
  at: z.object({ x: z.number() }).optional(),
})
const valibotOrder = v.object({ id: v.string(), total: v.optional(v.number(), 0) })
const zodLater = z.object({ id: z.string().refine((id) => Promise.resolve(id !== 'bad'), 'is bad') })
const valibotLater = v.objectAsync({
  id: v.pipeAsync(
    v.string(),
    v.checkAsync((id) => Promise.resolve(id !== 'bad'), 'is bad'),
  ),
})

const bare = { key: undefined, headers: undefined, dueMs: undefined, messageId: undefined }

describe('schemas and codecs', () => {
  it('SC1: zod and valibot check at send, give defaults, and tell what is wrong and where', async () => {
    const rig = await openRig()
    const topics = [
      defineTopic('zod', { schema: zodOrder, key: (order) => order.id }),
      defineTopic('valibot', { schema: valibotOrder, key: (order) => order.id }),
    ] as const
    for (const topic of topics) {
      const producer = rig.runtime.producer(topic)
      const good = new Fate(producer.send({ id: 'a' }))
      const bad = new Fate(producer.send({ id: 5 } as never))
      const deep = new Fate(producer.sendBatch([{ id: 'b' }, { id: 'c', total: 'x' } as never]))
      await rig.settle()
      assert.equal(good.value?.sequence, 1)
      assert.equal(bad.words, 'UNLOST_INVALID_VALUE not-written')
      assert.deepEqual((bad.error as InvalidValueError).issues[0]?.path, ['id'])
      assert.match(
        (bad.error as Error).message,
        new RegExp(`topic '${topic.name}': the schema refused the value: id: `),
      )
      assert.deepEqual((deep.error as InvalidValueError).issues[0]?.path, ['total'])
    }
    assert.deepEqual(values(rig.disk), [
      { id: 'a', total: 0 },
      { id: 'a', total: 0 },
    ])
    assert.deepEqual(
      stored(rig.disk).map(({ key }) => key),
      ['a', 'a'],
    )
  })

  it('SC1: schemas of zod and valibot that answer later keep the order, and refuse as well', async () => {
    const rig = await openRig()
    for (const topic of [
      defineTopic('zod', { schema: zodLater }),
      defineTopic('valibot', { schema: valibotLater }),
    ]) {
      const producer = rig.runtime.producer(topic)
      const fates = ['a', 'bad', 'b'].map((id) => new Fate(producer.send({ id })))
      const batch = new Fate(producer.sendBatch([{ id: 'c' }, { id: 'bad' }]))
      await rig.settle()
      assert.deepEqual(
        [...fates, batch].map((fate) => fate.words),
        ['fulfilled', 'UNLOST_INVALID_VALUE not-written', 'fulfilled', 'UNLOST_INVALID_VALUE not-written'],
      )
      const bad = fates[1]?.error
      assert.ok(bad instanceof InvalidValueError)
      assert.deepEqual(bad.issues[0], { message: 'is bad', path: ['id'] })
    }
    assert.deepEqual(values(rig.disk), [{ id: 'a' }, { id: 'b' }, { id: 'a' }, { id: 'b' }])
  })

  it('SC2: a schema that answers at once costs no promise; whatever has a `then` answers later', async () => {
    const at = (answer: unknown): unknown =>
      checkValue(
        defineTopic('t', {
          schema: { '~standard': { version: 1, vendor: 'test', validate: () => answer as never } },
        }),
        1,
      )
    assert.equal(at({ value: 5 }), 5)
    const thenable = {}
    Reflect.set(thenable, 'then', (tell: (result: object) => void) => tell({ value: 6 }))
    const later = at(thenable)
    assert.ok(later instanceof Promise)
    assert.equal(await later, 6)
    assert.throws(() => at({ issues: [{ message: 'no', path: [{ key: 'a' }, 0, Symbol('s')] }] }), {
      code: 'UNLOST_INVALID_VALUE',
      message: /a\.0\.Symbol\(s\): no/,
    })
  })

  it('SC3: a schema is given bytes of its own, of the same class', () => {
    let given: unknown
    const validate = (value: unknown): { value: unknown } => {
      given = value
      return { value }
    }
    const topic = defineTopic('t', { schema: { '~standard': { version: 1, vendor: 'test', validate } } })
    const buffer = Buffer.from('mine')
    checkValue(topic, buffer)
    assert.ok(Buffer.isBuffer(given))
    buffer.fill('x')
    assert.equal(given.toString(), 'mine')
    const object = { a: 1 }
    checkValue(topic, object)
    assert.equal(given, object)
  })

  it('VC1, RP1: what is sent shares no memory with the value, nor what is decoded with the journal', () => {
    const own = Buffer.from('own')
    const codecs = ['binary' as const, { encode: () => own, decode: (bytes: Uint8Array) => bytes }]
    for (const codec of codecs) {
      const { chunk, end, valueBytes } = new RecordPad().write(bare, encodeValue<Uint8Array>(codec, own))
      own[0] = 0
      assert.equal(chunk.toString('utf8', end - valueBytes, end), 'own')
      own[0] = 111
      const kept = Buffer.from('stored')
      const value = decodeValue<Uint8Array>(codec, kept)
      kept.fill(0)
      assert.equal(Buffer.from(value).toString(), 'stored')
    }
    assert.deepEqual([payloadBytes('ü€😀'), payloadBytes(own)], [9, 3])
    assert.deepEqual([codecName('json'), codecName(codecs[1])], ['json', 'custom'])
  })

  it('VC2: what a codec cannot carry is refused, and nothing of it is stored', async () => {
    const rig = await openRig()
    const cyclic: Record<string, unknown> = {}
    cyclic['self'] = cyclic
    const json = rig.runtime.producer(defineTopic('json'))
    const binary = rig.runtime.producer(defineTopic('binary', { codec: 'binary' as never }))
    const custom = rig.runtime.producer(
      defineTopic('custom', { codec: { encode: () => 'text' as never, decode: () => 0 } }),
    )
    const cases = [
      ...[undefined, () => {}, Symbol('s'), 10n, { a: 10n }, cyclic, { toJSON: () => undefined }].map(
        (value) => () => json.send(value),
      ),
      ...['text', [1], null, new ArrayBuffer(2), new Uint16Array(2)].map((value) => () => binary.send(value)),
      () => custom.send(1),
    ]
    for (const send of cases) {
      const fate = new Fate(send())
      await rig.settle()
      assert.equal(fate.words, 'UNLOST_INVALID_VALUE not-written')
    }
    assert.deepEqual(stored(rig.disk), [])
    assert.throws(() => decodeValue('json', Buffer.from('{')), { code: 'UNLOST_UNDECODABLE' })
  })

  it('VC2: a value over the limit is refused by its encoded size', async () => {
    const rig = await openRig({ limits: { valueBytes: 10 } })
    const producer = rig.runtime.producer(defineTopic<string>('t'))
    const fates = ['12345678', '123456789', '€€€'].map((value) => new Fate(producer.send(value)))
    await rig.settle()
    assert.deepEqual(
      fates.map((fate) => fate.words),
      ['fulfilled', 'UNLOST_TOO_LARGE not-written', 'UNLOST_TOO_LARGE not-written'],
    )
  })

  it('errors keep their class and learn their outcome', () => {
    for (const Kind of [BrokenError, ClosedError, DiskFullError, FencedError]) {
      const error = new Kind('x', { outcome: 'unknown' })
      const told = withOutcome(error, 'not-written')
      assert.ok(told instanceof Kind && told !== error)
      assert.deepEqual([told.outcome, told.cause], ['not-written', error])
      assert.equal(withOutcome(error, 'unknown'), error)
    }
    assert.equal(withOutcome(new UnlostError('x'), 'unknown').code, 'UNLOST_BROKEN')
    assert.equal(wordsOf(new TypeError('no')), 'TypeError: no')
    assert.match(wordsOf(Object.create(null)), /cannot be put into words/)
  })
})
