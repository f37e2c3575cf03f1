/**
 * Proves the bytes of format version 1: golden frames and headers, and that every changed bit is found.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  batchBytesMax,
  blockBytes,
  bodyDamage,
  closingBytes,
  decodeDirectory,
  decodeHead,
  decodeHeader,
  directoryOf,
  draftOf,
  encodeFrame,
  encodeHeader,
  frameBytesMax,
  headBytes,
  isZero,
  lookAt,
  newerVersion,
  payloadOf,
  plainDraft,
  segmentBytesMax,
  segmentBytesMin,
  SegmentReader,
  walkFrames,
  shapeOf,
  viewOf,
} from '../../../persistence/internal.ts'
import type { FrameStamp, SegmentHeader } from '../../../persistence/internal.ts'
import { SimulatedDisk } from '../../simulated-disk.ts'
import { SimulatedRandom } from '../../simulated-random.ts'
import { range, runOf } from './journal-fixture.ts'

const salt = { low: 0x01020304, high: 0x05060708 }
const stamp: FrameStamp = {
  kind: 'data',
  flags: 0,
  salt,
  seq: 7,
  previousChain: 0xaabbccdd,
  oldestSegment: 1,
  wallMs: 1_700_000_000_000,
}
const facts = { salt, frameBytesMax: 32 * 1024 }

const header: SegmentHeader = {
  journalId: Uint8Array.from(range(16)),
  segmentId: 3,
  ownerEpoch: 5,
  salt,
  firstSeq: 90,
  predecessor: { segmentId: 2, byteLength: 65_000, lastSeq: 89, chain: 0x11223344 },
  segmentBytes: 65_536,
  frameBytesMax: 32_768,
  begun: 'rotation',
  sourceEpoch: 0,
  oldestSegment: 1,
  createdMs: 1_700_000_000_000,
}

/** A frame with one event and two runs. */
function sample(): Uint8Array {
  const runs = [
    { mailbox: 2, firstOffset: 40, count: 3, timestampMs: 1234.5, bytes: Buffer.from('abc') },
    { mailbox: 9, firstOffset: 2 ** 40, count: 1, timestampMs: 8, bytes: Buffer.from('xyz!!') },
  ]
  return encodeFrame(draftOf({ events: [Buffer.from('hi')], runs }, 1024), stamp).frame
}

/** Puts bytes into a file of zeros and looks at its beginning. */
function readerOver(bytes: Uint8Array): SegmentReader {
  const disk = new SimulatedDisk()
  const file = disk.open('/f', 'create')
  disk.write(file, Buffer.concat([bytes, Buffer.alloc(4096)]), 0)
  return new SegmentReader(disk, file)
}

/** Whether a walk that expects exactly this frame takes it. */
function isValid(bytes: Uint8Array, limit = bytes.length): boolean {
  const expected = { position: 0, seq: stamp.seq, chain: stamp.previousChain, limit }
  const step = walkFrames(readerOver(bytes), { ...facts, depth: 'bodies' }, expected).next()
  return step.done !== true
}

describe('frame', () => {
  it('F4: a frame of version 1 has exactly these bytes', () => {
    const golden =
      '554c4631e46394c00403020108070605070000000000000001000000020000000100000006000000' +
      '0e000000ddccbbaa010000000000000000008056febc7842ff3e9ec22fe228ca0200000003000000' +
      '2800000000000000030000000000000000000000004a934009000000010000000000000000010000' +
      '0500000000000000000000000000204002000000686961626378797a21210000'
    assert.equal(Buffer.from(sample()).toString('hex'), golden)
  })

  it('F4: a draft is completed in its own buffer', () => {
    const draft = draftOf({ events: [], runs: [runOf(1, 0)] }, 1024)
    const { frame } = encodeFrame(draft, stamp)
    assert.equal(frame.buffer, draft.buffer.buffer)
    assert.equal(draft.payloadStart, headBytes(1, 16))
  })

  it('F4: what was written is read back', () => {
    const frame = sample()
    const head = decodeHead(frame)
    assert.ok(head !== undefined)
    assert.deepEqual(
      { ...head, chain: 0 },
      { ...stamp, runCount: 2, eventCount: 1, eventBytes: 6, payloadBytes: 14, chain: 0 },
    )
    const reader = readerOver(frame)
    const look = lookAt(reader, facts, { position: 0, limit: frame.length })
    assert.ok(look.state === 'whole')
    const [first, second] = directoryOf(reader, look.frame) ?? []
    assert.deepEqual(first, {
      mailbox: 2,
      firstOffset: 40,
      count: 3,
      timestampMs: 1234.5,
      byteLength: 3,
      payloadAt: 6,
    })
    assert.equal(second?.firstOffset, 2 ** 40)
    assert.deepEqual(
      payloadOf(reader, look.frame, { start: 9, end: 14 }),
      new Uint8Array(Buffer.from('xyz!!')),
    )
  })

  it('F1: zeros of any length are no frame', () => {
    for (const length of [64, 128, 8192]) {
      assert.equal(decodeHead(new Uint8Array(length)), undefined)
      assert.equal(
        lookAt(readerOver(new Uint8Array(length)), facts, { position: 0, limit: length }).state,
        'zero',
      )
    }
  })

  it('F2: every bit that is changed in a frame is found, its padding excepted', () => {
    const frame = sample()
    const used = shapeOf(2, 14).payloadAt + 14
    assert.ok(isValid(frame))
    for (let bit = 0; bit < frame.length * 8; bit += 1) {
      const changed = Uint8Array.from(frame)
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      assert.equal(isValid(changed), bit >> 3 >= used, `bit ${bit}`)
    }
  })

  it('F2: a frame of many blocks tells which of them is damaged', () => {
    const { frame } = encodeFrame(plainDraft(new SimulatedRandom(1).bytes(3 * blockBytes - 5)), stamp)
    const { payloadAt } = shapeOf(0, 3 * blockBytes - 5)
    for (const block of range(3)) {
      const changed = Uint8Array.from(frame)
      const at = payloadAt + block * blockBytes + 77
      changed[at] = (changed[at] ?? 0) ^ 1
      const reader = readerOver(changed)
      const look = lookAt(reader, facts, { position: 0, limit: changed.length })
      assert.ok(look.state === 'whole')
      assert.equal(bodyDamage(reader, look.frame)?.start, payloadAt + block * blockBytes)
      const other = (block + 1) % 3
      const part = { start: other * blockBytes, end: other * blockBytes + 10 }
      assert.ok(payloadOf(reader, look.frame, part) instanceof Uint8Array)
    }
  })

  it('F2: no shortened frame is valid', () => {
    const frame = sample()
    const used = shapeOf(2, 14).payloadAt + 14
    for (let length = 0; length < used; length += 1) {
      const torn = Buffer.alloc(frame.length)
      torn.set(frame.subarray(0, length))
      // A frame may end in zeros; then nothing of it is missing.
      const isWhole = Buffer.compare(torn, frame) === 0
      assert.equal(isValid(torn), isWhole, `cut at ${length}`)
    }
  })

  it('F3: a frame with another salt, sequence or chain is not the next one', () => {
    const draft = { events: [], runs: [runOf(1, 0)] }
    for (const other of [{ seq: 8 }, { previousChain: 1 }, { salt: { low: 1, high: 2 } }]) {
      assert.equal(isValid(encodeFrame(draftOf(draft, 1024), { ...stamp, ...other }).frame), false)
    }
  })

  it('F4: a draft without room for its head or its padding is our own mistake, and found', () => {
    const draft = plainDraft(Buffer.from('abc'))
    const { payloadStart, payloadBytes } = draft
    const { frameBytes, payloadAt } = shapeOf(0, payloadBytes)
    assert.throws(() => encodeFrame({ ...draft, payloadStart: payloadStart - 1 }, stamp), /room for its head/)
    const short = draft.buffer.slice(0, payloadStart - payloadAt + frameBytes - 1)
    assert.throws(() => encodeFrame({ ...draft, buffer: short }, stamp), /room for its padding/)
    const exact = draft.buffer.slice(0, payloadStart - payloadAt + frameBytes)
    assert.equal(encodeFrame({ ...draft, buffer: exact }, stamp).frame.length, frameBytes)
  })

  it('F1, F4: what has no magic or no known kind is no head, and a head is read whole', () => {
    const head = sample().slice(0, 64)
    assert.equal(decodeHead(head)?.seq, stamp.seq)
    assert.throws(() => decodeHead(head.subarray(0, 63)), /a head is read whole/)
    const unknown = head.with(24, 7)
    assert.equal(decodeHead(unknown), undefined, 'a kind that there is not')
    assert.equal(decodeHead(head.with(0, 0)), undefined)
  })

  it('F4: what was in the buffer before does not reach the file: all that is not used is zero', () => {
    const runs = [runOf(1, 0, 9), runOf(2, 5, 11), runOf(3, 7, 10)]
    const drafts = [draftOf({ events: [Buffer.from('e')], runs }, 1024), plainDraft(Buffer.from('abc'))]
    for (const { payloadStart, payloadBytes, ...rest } of drafts) {
      const filled = (byte: number): Uint8Array => {
        const buffer = Uint8Array.from(rest.buffer)
        buffer.fill(byte, 0, payloadStart)
        buffer.fill(byte, payloadStart + payloadBytes)
        return encodeFrame({ ...rest, payloadStart, payloadBytes, buffer }, stamp).frame
      }
      assert.deepEqual(filled(0xff), filled(0))
    }
  })

  it('F4: where the bytes of each run lie is told by the runs before it', () => {
    const runs = [runOf(1, 0, 9), runOf(2, 5, 11), runOf(3, 7, 10)]
    const draft = draftOf({ events: [Buffer.from('e')], runs }, 1024)
    const { payloadBytes, eventBytes } = draft
    const { directoryAt, payloadAt } = shapeOf(3, payloadBytes)
    const { frame } = encodeFrame(draft, stamp)
    const entries = decodeDirectory(frame.subarray(directoryAt, payloadAt), eventBytes)
    assert.deepEqual(
      entries.map((entry) => entry.payloadAt),
      [5, 14, 25],
    )
  })

  it('R1: a length that no checksum vouches for is not followed', () => {
    const frame = Uint8Array.from(sample())
    viewOf(frame).setUint32(40, 0xffffffff, true)
    assert.equal(isValid(frame), false)
    viewOf(frame).setUint32(28, 0xffffffff, true)
    assert.equal(isValid(frame), false)
  })

  it('R3: a failed read is thrown, it is not the end', () => {
    const disk = new SimulatedDisk()
    const file = disk.open('/f', 'create')
    disk.write(file, sample(), 0)
    disk.addFault({ call: 'read', code: 'EIO' })
    const reader = new SegmentReader(disk, file)
    assert.throws(() => lookAt(reader, facts, { position: 0, limit: 200 }), { code: 'EIO' })
  })

  it('Z1: no checksum covers more than 11 KiB, whatever the segment', () => {
    for (const size of [segmentBytesMin, 8 * 1024 * 1024, segmentBytesMax]) {
      const frame = frameBytesMax(size)
      assert.ok(frame <= size / 2 && frame <= 16 * 1024 * 1024 && frame % 8 === 0)
      const { directoryAt, frameBytes } = shapeOf(0, batchBytesMax(size))
      assert.ok(directoryAt <= 11 * 1024 && blockBytes <= 11 * 1024)
      assert.ok(frameBytes <= frame)
    }
  })

  it('Z2: the room kept behind the last frame takes an OPEN and a SEAL frame', () => {
    const open = encodeFrame(plainDraft(new Uint8Array(16)), { ...stamp, kind: 'open' }).frame
    const seal = encodeFrame(plainDraft(new Uint8Array(8)), { ...stamp, kind: 'seal' }).frame
    assert.ok(open.length + seal.length <= closingBytes)
  })

  it('DR1: a batch is copied when it is laid out', () => {
    const bytes = Buffer.from('before')
    const draft = draftOf({ events: [], runs: [{ ...runOf(1, 0), bytes }] }, 1024)
    bytes.fill(0)
    const payload = draft.buffer.subarray(draft.payloadStart, draft.payloadStart + draft.payloadBytes)
    assert.equal(Buffer.from(payload).toString(), 'before')
    assert.throws(() => draftOf({ events: [], runs: [runOf(1, 0, 2000)] }, 1024), {
      code: 'UNLOST_TOO_LARGE',
    })
  })

  it('F4: a directory reads back whatever its numbers', () => {
    const random = new SimulatedRandom(3)
    const runs = range(100).map((i) => ({
      ...runOf(i, i * 1000, 8 + random.choose(50)),
      count: 1 + random.choose(9),
    }))
    const { frame } = encodeFrame(draftOf({ events: [], runs }, 1 << 20), stamp)
    const { directoryAt, payloadAt } = shapeOf(100, 0)
    const entries = decodeDirectory(frame.subarray(directoryAt, payloadAt), 0)
    assert.deepEqual(
      entries.map((entry) => [entry.mailbox, entry.firstOffset, entry.count, entry.byteLength]),
      runs.map((run) => [run.mailbox, run.firstOffset, run.count, run.bytes.length]),
    )
  })
})

describe('segment header', () => {
  it('H1: a header of version 1 has exactly these bytes', () => {
    const golden =
      '756e6c6f73740d0a010000000000000028b3dd3400100000000102030405060708090a0b0c0d0e0f' +
      '0300000000000000050000000000000004030201080706055a000000000000000200000000000000' +
      'e8fd0000000000005900000000000000443322110200000000000100000000000080000000000000' +
      '0000000000000000010000000000000000008056febc7842'
    const block = encodeHeader(header)
    assert.equal(block.length, 4096)
    assert.ok(isZero(block.subarray(144)))
    assert.equal(Buffer.from(block.subarray(0, 144)).toString('hex'), golden)
  })

  it('H1: any version knows a newer one by its first 16 bytes', () => {
    const block = Buffer.alloc(4096, 0xee)
    block.set(encodeHeader(header).subarray(0, 8))
    block.writeUInt32LE(2, 8)
    assert.equal(newerVersion(block.subarray(0, 16)), 2)
    assert.deepEqual(decodeHeader(block), { state: 'newer', version: 2 })
    assert.equal(newerVersion(encodeHeader(header)), undefined)
  })

  it('H2: every bit that is changed in a header is found', () => {
    const block = encodeHeader(header)
    const look = decodeHeader(block)
    assert.ok(look.state === 'whole')
    assert.deepEqual(look.header, header)
    for (let bit = 0; bit < block.length * 8; bit += 1) {
      const changed = Uint8Array.from(block)
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      assert.notEqual(decodeHeader(changed).state, 'whole', `bit ${bit}`)
    }
    assert.equal(decodeHeader(new Uint8Array(4096)).state, 'zero')
  })
})
