/**
 * What passes between the main thread and the journal's thread: errors, bytes, batches, wake-ups.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Worker } from 'node:worker_threads'
import fc from 'fast-check'
import * as door from '../../../persistence/index.ts'
import {
  Announcements,
  SharedDraft,
  decodeError,
  encodeError,
  packBytes,
  packRecovered,
  packRuns,
  unpackBytes,
  unpackRecovered,
  unpackRuns,
} from '../../../persistence/internal.ts'

const overTheWire = (error: unknown) => decodeError(structuredClone(encodeError(error)))

describe('wire errors', () => {
  const classes = [
    door.BrokenError,
    door.ClosedError,
    door.DirectoryError,
    door.DiskFullError,
    door.FencedError,
    door.LockedError,
    door.NewerFormatError,
    door.TooLargeError,
  ]

  it('WE1: every error of the door arrives as itself', () => {
    const known = Object.values(door).filter(
      (value): value is typeof door.BrokenError =>
        typeof value === 'function' && Object.getPrototypeOf(value) === door.UnlostError,
    )
    assert.equal(known.length, classes.length + 1, 'all of the door, and CorruptError')
    for (const one of classes) {
      const cause = Object.assign(new Error('EIO: i/o error'), { code: 'EIO' })
      const arrived = overTheWire(new one('said', { outcome: 'unknown', cause }))
      assert.ok(arrived instanceof one)
      assert.equal(arrived.constructor, one)
      assert.equal(arrived.message, 'said')
      assert.equal(arrived.outcome, 'unknown')
      assert.ok(arrived.cause instanceof Error && 'code' in arrived.cause)
      assert.equal(arrived.cause.code, 'EIO')
      assert.equal(overTheWire(new one('said')).cause, undefined)
    }
  })

  it('WE1: damage arrives whole', () => {
    const offsets = [{ mailbox: 1, first: 2, last: 3 }]
    const damage = { file: 'segment', start: 4, end: 5, reason: 'a sum differs', offsets }
    const sent = new door.CorruptError(damage)
    const arrived = overTheWire(sent)
    assert.ok(arrived instanceof door.CorruptError)
    assert.deepEqual(arrived.damage, damage)
    assert.equal(arrived.message, sent.message)
  })

  it('WE2: other errors keep name, message and code; what is no error becomes one', () => {
    const strange = Object.assign(new RangeError('far'), { code: 'EFAR' })
    const arrived = overTheWire(strange)
    assert.equal(arrived.name, 'RangeError')
    assert.equal(arrived.message, 'far')
    assert.ok('code' in arrived)
    assert.equal(arrived.code, 'EFAR')
    assert.equal(overTheWire('text').message, 'text')
    assert.equal(overTheWire(undefined).message, 'undefined')
  })

  it('WE2: a mistake of ours arrives as the assertion that found it', () => {
    const mistake = new assert.AssertionError({ message: 'must not be' })
    const arrived = overTheWire(mistake)
    assert.ok(arrived instanceof assert.AssertionError)
    assert.equal(arrived.message, 'must not be')
  })

  it('WE2: a cause that is its own cause ends', () => {
    const loop = new Error('loop')
    loop.cause = loop
    assert.equal(overTheWire(loop).message, 'loop')
  })
})

const pieces = fc.array(fc.uint8Array({ maxLength: 40, size: 'max' }), { maxLength: 8 })

describe('wire bytes', () => {
  it('WB1: what is unpacked equals what was packed', () => {
    fc.assert(
      fc.property(pieces, (given) => {
        const unpacked = unpackBytes(structuredClone(packBytes(given)))
        assert.deepEqual(unpacked, given)
      }),
    )
  })

  it('WB1: runs come back as they were', () => {
    const runs = [
      { mailbox: 4, firstOffset: 9, count: 2, timestampMs: 1.5, bytes: Uint8Array.of(1, 2, 3) },
      { mailbox: 0, firstOffset: 0, count: 1, timestampMs: 0, bytes: new Uint8Array() },
    ]
    assert.deepEqual(unpackRuns(packRuns(runs)), runs)
    assert.deepEqual(unpackRuns(packRuns([])), [])
  })

  it('WB1: what was recovered comes back, with and without a checkpoint', () => {
    const report = {
      previous: 'crashed' as const,
      epoch: 3,
      durationMs: 1,
      segments: 1,
      frames: 2,
      messages: 3,
      bytesSetAside: 0,
      setAside: [],
      unknownFiles: ['readme'],
    }
    const mailboxes = new Map([[7, { first: 1, next: 5 }]])
    for (const checkpoint of [undefined, new Uint8Array(), Uint8Array.of(5)]) {
      const recovered = { report, checkpoint, events: [Uint8Array.of(1), Uint8Array.of(2)], mailboxes }
      assert.deepEqual(unpackRecovered(structuredClone(packRecovered(recovered))), recovered)
    }
  })

  it('WB2: handing the packed bytes over leaves the pieces alone', () => {
    const piece = Uint8Array.of(1, 2)
    const packed = packBytes([piece])
    structuredClone(packed, { transfer: [packed.bytes] })
    assert.deepEqual(piece, Uint8Array.of(1, 2))
  })
})

describe('shared draft', () => {
  const run = (bytes: Uint8Array) => ({ mailbox: 3, firstOffset: 10, count: 2, timestampMs: 99, bytes })

  it('SD1: the other side finds the batch, and the caller may reuse its bytes at once', () => {
    const near = new SharedDraft(64 * 1024)
    const far = new SharedDraft(64 * 1024, near.memory)
    const event = Buffer.from('event')
    const bytes = Buffer.from('messages')
    near.put({ events: [event], runs: [run(bytes)] })
    event.fill(0)
    bytes.fill(0)
    const draft = far.draft()
    const payload = Buffer.from(
      draft.buffer.subarray(draft.payloadStart, draft.payloadStart + draft.payloadBytes),
    )
    assert.equal(payload.readUInt32LE(0), 5)
    assert.equal(payload.toString('latin1', 4), 'eventmessages')
    assert.equal(draft.eventCount, 1)
    assert.equal(draft.eventBytes, 9)
    assert.deepEqual([...draft.runs], [3, 2, 10, 8, 99])
    far.putCommitted({ eventBytesSinceCheckpoint: 7, journalBytes: 8 })
    assert.deepEqual(near.committed(), { eventBytesSinceCheckpoint: 7, journalBytes: 8 })
  })

  it('SD3: parts of any length arrive whole, one batch after the other, and each payload begins at a word', () => {
    const near = new SharedDraft(64 * 1024)
    const far = new SharedDraft(64 * 1024, near.memory)
    for (const lengths of [[1, 7, 8, 9], [1_000, 3, 4_097], [2], [5, 5_000, 1]]) {
      const parts = lengths.map((length, index) => Buffer.alloc(length, index + 1))
      near.put({ events: [], runs: parts.map(run) })
      const { buffer, payloadStart, payloadBytes } = far.draft()
      assert.ok(Buffer.concat(parts).equals(buffer.subarray(payloadStart, payloadStart + payloadBytes)))
      assert.equal((buffer.byteOffset + payloadStart) % 8, 0)
    }
  })

  it('SD2: refuses what does not fit, in bytes or in runs, and takes what just fits', () => {
    const draft = new SharedDraft(64 * 1024)
    const half = { outcome: 'not-written', code: 'UNLOST_TOO_LARGE' }
    assert.throws(() => draft.put({ events: [new Uint8Array(64 * 1024)], runs: [] }), half)
    const many = Array.from({ length: 1_024 }, () => run(new Uint8Array()))
    assert.throws(() => draft.put({ events: [], runs: many }), half)
    draft.put({ events: [], runs: many.slice(0, 900) })
    assert.equal(draft.draft().runs.length, 900 * 5)
  })
})

describe('announcements', () => {
  it('AN1: work that was announced before the wait ends it at once', () => {
    const announcements = new Announcements()
    const seen = announcements.count()
    assert.equal(announcements.wait(seen, 0), false)
    announcements.announce()
    assert.equal(announcements.wait(seen, 60_000), true)
  })

  it('AN2: who was prodded for nothing wakes, looks for a moment and finds nothing', () => {
    const announcements = new Announcements()
    const before = announcements.count()
    announcements.prod()
    assert.equal(announcements.wait(before, 60_000), true)
    const seen = announcements.count()
    assert.equal(announcements.watch(seen, 1), false)
    announcements.announce()
    assert.equal(announcements.watch(seen, 60_000), true)
  })

  it('AN1: every announcement of another thread is noticed', async () => {
    const announcements = new Announcements()
    const rounds = 2_000
    const worker = new Worker(
      `const { workerData } = require('node:worker_threads')
       const words = new Int32Array(workerData.memory)
       for (let i = 0; i < workerData.rounds; i += 1) {
         Atomics.add(words, 0, 1)
         Atomics.notify(words, 0)
       }`,
      { eval: true, workerData: { memory: announcements.memory, rounds } },
    )
    let seen = 0
    while (seen < rounds) {
      assert.equal(announcements.wait(seen, 60_000), true)
      seen = announcements.count()
    }
    await worker.terminate()
  })
})
