import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  ByteReader,
  ByteWriter,
  partitionOf,
  RecordPad,
  readEvent,
  readRun,
  writeEvent,
  writeRecord,
  writeRunHead,
  type ActorLedgerEvent,
  type LedgerEvent,
  type RecordFields,
} from '../../../runtime/internal.ts'

/** Computed by another program, from the description in `partition.ts`. */
const KNOWN = [
  ['', 2, 1],
  ['', 4, 3],
  ['', 7, 4],
  ['', 1024, 11],
  ['a', 2, 1],
  ['a', 4, 3],
  ['a', 7, 3],
  ['a', 1024, 551],
  ['b', 2, 1],
  ['b', 4, 1],
  ['b', 7, 2],
  ['b', 1024, 849],
  ['customer-1', 2, 0],
  ['customer-1', 4, 2],
  ['customer-1', 7, 2],
  ['customer-1', 1024, 318],
  ['customer-2', 2, 1],
  ['customer-2', 4, 1],
  ['customer-2', 7, 2],
  ['customer-2', 1024, 165],
  ['ü', 2, 0],
  ['ü', 4, 0],
  ['ü', 7, 4],
  ['ü', 1024, 288],
  ['€', 2, 1],
  ['€', 4, 3],
  ['€', 7, 6],
  ['€', 1024, 883],
  ['😀', 2, 0],
  ['😀', 4, 2],
  ['😀', 7, 1],
  ['😀', 1024, 6],
  ['\ud800', 2, 1],
  ['\ud800', 4, 1],
  ['\ud800', 7, 1],
  ['\ud800', 1024, 817],
  ['x'.repeat(1000), 2, 1],
  ['x'.repeat(1000), 4, 3],
  ['x'.repeat(1000), 7, 3],
  ['x'.repeat(1000), 1024, 187],
] as const

const bare: RecordFields = {
  key: undefined,
  headers: undefined,
  dueMs: undefined,
  isDelay: false,
  messageId: undefined,
}

function run(bytes: Uint8Array, count: number, firstOffset = 10): Parameters<typeof readRun>[0] {
  return { mailbox: 1, firstOffset, count, timestampMs: 99, bytes }
}

function hexOf(event: LedgerEvent): string {
  const writer = new ByteWriter(8)
  writeEvent(writer, event)
  return writer.take().toString('hex')
}

describe('stored formats', () => {
  it('RP1, RP2, RP3: records wait in their pad as they are stored, also long ones and those of many bytes a letter', () => {
    const pad = new RecordPad()
    const texts = ['', 'v', '€'.repeat(1_000), 'x'.repeat(5_000), '😀'.repeat(40_000), 'end']
    const all = Array.from({ length: 200 }, (_, i) => {
      const fields = {
        ...bare,
        key: i % 3 === 0 ? `ключ-${i}` : undefined,
        messageId: i % 5 === 0 ? `№${i}` : undefined,
      }
      const value = texts[i % texts.length] ?? ''
      const { chunk, start, end, valueBytes } = pad.write(fields, i % 2 === 0 ? value : Buffer.from(value))
      return { fields, value, record: { chunk, start, end, valueBytes } }
    })
    for (const { fields, value, record } of all) {
      const writer = new ByteWriter(64)
      writeRecord(writer, fields, value)
      const { chunk, start, end, valueBytes } = record
      assert.ok(chunk.subarray(start, end).equals(writer.take()))
      assert.equal(valueBytes, Buffer.byteLength(value))
    }
    const sizes = all.slice(0, 2).map(({ record }) => record.chunk.length)
    assert.deepEqual(sizes, [4_096, 4_096], 'who sends little holds little')
  })

  it('RE2: a run is these bytes, and gives back what was written', () => {
    const writer = new ByteWriter(4)
    writeRunHead(writer, { producer: 7, epoch: 2, sequence: 5 })
    writeRecord(writer, { key: 'k', headers: { a: 'b' }, dueMs: 1000, messageId: 'm' }, 'v')
    writeRecord(writer, bare, Buffer.from('w'))
    const bytes = writer.take()
    assert.equal(
      bytes.toString('hex'),
      [
        '07000000', // producer
        '02000000', // epoch
        '0000000000001440', // first sequence 5
        '21000000', // 33 bytes follow
        '0f', // key, headers, due, message id
        '010000006b',
        '090000007b2261223a2262227d',
        '0000000000408f40', // 1000
        '010000006d',
        '76',
        '02000000',
        '00',
        '77',
      ].join(''),
    )
    const common = { timestampMs: 99, producer: 7, epoch: 2 }
    assert.deepEqual(readRun(run(bytes, 2), 0), [
      {
        ...common,
        offset: 10,
        sequence: 5,
        key: 'k',
        headers: { a: 'b' },
        dueMs: 1000,
        isDelay: false,
        messageId: 'm',
        value: Buffer.from('v'),
      },
      { ...common, ...bare, offset: 11, sequence: 6, value: Buffer.from('w') },
    ])
  })

  it('RE1: the messages of a run have one producer and consecutive sequences, or none', () => {
    for (const sequence of [0, 3]) {
      const writer = new ByteWriter()
      writeRunHead(writer, { producer: 1, epoch: 1, sequence })
      for (const value of ['a', 'b', 'c']) writeRecord(writer, bare, value)
      const messages = readRun(run(writer.take(), 3), 0)
      assert.deepEqual(
        messages.map((message) => message.sequence),
        sequence === 0 ? [0, 0, 0] : [3, 4, 5],
      )
    }
  })

  it('RE2: any messages come back, whole, in part and with a limit', () => {
    const text = fc.string({ unit: 'binary' })
    const message = fc.record({
      key: fc.option(text, { nil: undefined }),
      headers: fc.option(fc.dictionary(text, text), { nil: undefined }),
      dueMs: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }), { nil: undefined }),
      isDelay: fc.boolean(),
      messageId: fc.option(text, { nil: undefined }),
      value: fc.uint8Array(),
    })
    fc.assert(
      fc.property(fc.array(message, { minLength: 1 }), fc.nat(12), fc.nat(12), (messages, from, limit) => {
        const writer = new ByteWriter(1)
        writeRunHead(writer, { producer: 1, epoch: 1, sequence: 1 })
        for (const each of messages) writeRecord(writer, each, each.value)
        const read = readRun(run(writer.take(), messages.length, 0), from, limit)
        const expected = messages.slice(from, from + limit)
        assert.deepEqual(
          read.map(({ key, headers, dueMs, isDelay, messageId, value }) => {
            return {
              key,
              headers: headers && { ...headers },
              dueMs,
              isDelay,
              messageId,
              value: Uint8Array.from(value),
            }
          }),
          expected.map((each) => ({ ...each, headers: each.headers && { ...each.headers } })),
        )
      }),
      { numRuns: 200 },
    )
  })

  it('LE2: the frequent events are these bytes, the rest is JSON', () => {
    assert.equal(
      hexOf({
        kind: 'advance',
        producer: 1,
        mailbox: 2,
        epoch: 3,
        sequence: 4,
        next: 5,
        timestampMs: 6,
        bytes: 7,
      }),
      [
        '01',
        '01000000',
        '02000000',
        '03000000',
        '0000000000001040',
        '0000000000001440',
        '0000000000001840',
        '07000000',
      ].join(''),
    )
    assert.equal(
      hexOf({ kind: 'lease', group: 1, mailbox: 2, attempt: 3, ranges: [[4, 6]] }),
      ['02', '03000000', '01000000', '02000000', '0000000000001040', '02000000'].join(''),
    )
    assert.equal(
      hexOf({
        kind: 'ack',
        group: 1,
        mailbox: 2,
        ranges: [
          [0, 1],
          [4, 6],
        ],
      }),
      ['03', '01000000', '02000000', '0000000000000000', '01000000', '0000000000001040', '02000000'].join(''),
    )
    assert.equal(
      Buffer.from(hexOf({ kind: 'trim', mailbox: 2, first: 9 }), 'hex').toString(),
      '\0{"kind":"trim","mailbox":2,"first":9}',
    )
  })

  it('LE1: every kind of event comes back complete', () => {
    const entry = { attempt: 1, atMs: 2, reason: 'x' }
    const at = { group: 1, mailbox: 2 }
    const all: {
      readonly [Kind in Exclude<LedgerEvent['kind'], ActorLedgerEvent['kind']>]: Extract<
        LedgerEvent,
        { readonly kind: Kind }
      >
    } = {
      topic: { kind: 'topic', topic: 1, name: 'ü', partitions: 2, codec: 'json', mailbox: 1 },
      producer: { kind: 'producer', producer: 1, topic: 1, name: 'p', epoch: 1 },
      advance: {
        kind: 'advance',
        producer: 1,
        mailbox: 1,
        epoch: 1,
        sequence: 2 ** 53 - 1,
        next: 3,
        timestampMs: 4.5,
        bytes: 5,
      },
      identified: {
        kind: 'identified',
        topic: 1,
        messageId: '\ud800"',
        mailbox: 1,
        offset: 0,
        producer: 1,
        epoch: 1,
        sequence: 1,
      },
      group: { kind: 'group', group: 1, topic: 1, name: 'g', starts: [0, 5] },
      lease: { kind: 'lease', ...at, attempt: 1, ranges: [[0, 2 ** 32 - 1]] },
      ack: { kind: 'ack', ...at, ranges: [] },
      retry: { kind: 'retry', ...at, offset: 1, dueMs: 2, delayMs: 1, attempt: 3, entry },
      dead: { kind: 'dead', ...at, offset: 1, atMs: 2, reason: 'r', entry },
      redrive: { kind: 'redrive', ...at, offsets: [1, 2] },
      purge: { kind: 'purge', ...at, offsets: [3] },
      seek: { kind: 'seek', ...at, offset: 4 },
      trim: { kind: 'trim', mailbox: 1, first: 5 },
    }
    for (const event of Object.values(all)) {
      const writer = new ByteWriter(1)
      writeEvent(writer, event)
      assert.deepEqual(readEvent(writer.take()), event)
    }
  })

  it('LE3: an event of an unknown kind was written by a newer version', () => {
    assert.throws(() => readEvent(Buffer.from([9, 1, 2])), { code: 'UNLOST_NEWER_FORMAT' })
    assert.throws(() => readEvent(Buffer.from('\0{"kind":"later"}')), { code: 'UNLOST_NEWER_FORMAT' })
  })

  it('PA1: keys belong to these partitions, for ever', () => {
    for (const [key, partitions, expected] of KNOWN) {
      assert.equal(partitionOf(key, partitions), expected, `${JSON.stringify(key)} of ${partitions}`)
    }
  })

  it('PA1: a partition is one of them, the same each time, and near keys are spread', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 1024 }), (key, partitions) => {
        const partition = partitionOf(key, partitions)
        assert.ok(partition >= 0 && partition < partitions && Number.isInteger(partition))
        assert.equal(partitionOf(key, partitions), partition)
      }),
    )
    const counts = Array.from({ length: 8 }, () => 0)
    for (let i = 0; i < 8000; i += 1) {
      const partition = partitionOf(`customer-${i}`, 8)
      counts[partition] = (counts[partition] ?? 0) + 1
    }
    assert.ok(
      counts.every((count) => count > 800 && count < 1200),
      counts.join(),
    )
  })

  it('BY1: a writer takes what it is given, whatever it was made for, and hands out no more than it should', () => {
    const writer = new ByteWriter(1)
    writer.u8(255)
    writer.u32(2 ** 32 - 1)
    writer.f64(-0.5)
    writer.bytes(Uint8Array.of(1, 2))
    writer.text('ü€😀')
    const at = writer.length
    writer.utf8('taken back')
    writer.rewind(at)
    const bytes = writer.take()
    assert.equal(writer.length, 0)
    writer.utf8('x'.repeat(bytes.length))
    const reader = new ByteReader(bytes)
    assert.deepEqual([reader.u8(), reader.u32(), reader.f64()], [255, 2 ** 32 - 1, -0.5])
    assert.deepEqual([...reader.bytes(2)], [1, 2])
    assert.equal(reader.text(), 'ü€😀', 'what was taken is not written to again')
    assert.equal(reader.done, true)
  })

  it('BY1: a few bytes do not keep a large buffer', () => {
    const writer = new ByteWriter(1024 * 1024)
    const held = Array.from({ length: 50 }, (_, i) => {
      writer.text(`small ${i}`)
      return writer.take()
    })
    const buffers = new Set(held.map((bytes) => bytes.buffer))
    const total = [...buffers].reduce((sum, buffer) => sum + buffer.byteLength, 0)
    assert.ok(total < 100_000, `${total} bytes are held`)
    assert.equal(new ByteReader(held[7] ?? Buffer.alloc(0)).text(), 'small 7')
  })

  it('BY2: a reader that is asked for more than there is throws', () => {
    const reads: ((reader: ByteReader) => unknown)[] = [
      (reader) => reader.u8(),
      (reader) => reader.u32(),
      (reader) => reader.f64(),
      (reader) => reader.bytes(3),
      (reader) => reader.text(),
    ]
    const lengths = [0, 3, 7, 2, 2]
    reads.forEach((read, index) =>
      assert.throws(() => read(new ByteReader(new Uint8Array(lengths[index] ?? 0)))),
    )
    assert.throws(() => new ByteReader(Uint8Array.of(4, 0, 0, 0, 65)).text(), /too early/)
  })
})
