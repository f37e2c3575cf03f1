/**
 * Proves what is seen behind the last frame of a segment, to the byte, and what it is taken for.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  encodeFrame,
  judgeTail,
  magicsIn,
  plainDraft,
  SegmentReader,
  shapeOf,
} from '../../../persistence/internal.ts'
import type { TailContext, WalkEnd } from '../../../persistence/internal.ts'
import { plant } from '../../disk-damage.ts'
import { SimulatedDisk } from '../../simulated-disk.ts'
import { wrapDisk } from '../../support/disk-wrapper.ts'

const mebibyte = 1024 * 1024
const salt = { low: 0x01020304, high: 0x05060708 }
const facts = { salt, frameBytesMax: 32 * 1024 }
/** Three pieces and a little: the rest of a file is looked at in pieces of a mebibyte. */
const sizeBytes = 4096 + 3 * mebibyte + 512
const context: TailContext = {
  facts,
  sizeBytes,
  madeBytes: sizeBytes,
  successor: false,
  belowFloor: false,
}
const end: WalkEnd = {
  state: 'garbage',
  position: 4096,
  seq: 5,
  chain: 1,
  bad: { start: 4096, end: 4160 },
}

interface Placed {
  readonly at: number
  readonly bytes: Uint8Array
}

const one = (at: number): Placed => ({ at, bytes: Uint8Array.of(1) })

function frame(
  at: number,
  changed: { seq?: number; salt?: typeof salt; payloadBytes?: number } = {},
): Placed {
  const { payloadBytes = 16, ...rest } = changed
  const stamp = {
    kind: 'data',
    flags: 0,
    salt,
    seq: 6,
    previousChain: 9,
    oldestSegment: 1,
    wallMs: 0,
  } as const
  return { at, bytes: encodeFrame(plainDraft(new Uint8Array(payloadBytes)), { ...stamp, ...rest }).frame }
}

function diskWith(placed: readonly Placed[]): SimulatedDisk {
  const disk = new SimulatedDisk()
  const bytes = new Uint8Array(sizeBytes)
  for (const { at, bytes: piece } of placed) bytes.set(piece, at)
  plant(disk, '/f', bytes)
  return disk
}

/** The row that decides, and where the used bytes end. */
function judged(
  placed: readonly Placed[],
  changed: Partial<WalkEnd> = {},
  around: Partial<TailContext> = {},
) {
  const disk = diskWith(placed)
  const reader = new SegmentReader(disk, disk.open('/f', 'read'))
  const { row, usedEnd, error } = judgeTail(reader, { ...end, ...changed }, { ...context, ...around })
  assert.equal(error, undefined)
  return [row.label, usedEnd]
}

describe('the tail of a segment', () => {
  it('V1: nothing but zeros is the end of the log', () => {
    assert.deepEqual(judged([], { state: 'zero' }), ['T-end', 4096])
    assert.deepEqual(judged([one(4095)], { state: 'zero' }), ['T-end', 4096])
  })

  it('V1: what one frame can have left is torn, one byte more is damage', () => {
    const window = 4096 + facts.frameBytesMax
    assert.deepEqual(judged([one(4096)]), ['T-torn', 4097])
    assert.deepEqual(judged([one(window - 1)]), ['T-torn', window])
    assert.deepEqual(judged([one(window)]), ['T-beyond', window + 1])
    assert.deepEqual(judged([one(window - 1)], { state: 'zero' }), ['T-torn-start-lost', window])
    assert.deepEqual(judged([one(window)], { state: 'zero' }), ['T-beyond', window + 1])
  })

  it('V1: a frame whose head is whole says itself how far it reached', () => {
    const cut = { state: 'cut-body', bad: { start: 4200, end: 5000 } } as const
    assert.deepEqual(judged([one(4999)], cut), ['T-torn', 5000])
    assert.deepEqual(judged([one(5000)], cut), ['T-beyond', 5001])
  })

  it('V1: a byte is found wherever it lies in the rest of the file', () => {
    const edges = [1, 2, 3].flatMap((piece) => [4095 + piece * mebibyte, 4096 + piece * mebibyte])
    for (const at of [...edges, sizeBytes - 1]) {
      assert.deepEqual(judged([one(at)], { state: 'zero' }), ['T-beyond', at + 1], `byte ${at}`)
    }
    assert.deepEqual(judged([one(8000), one(sizeBytes - 9)]), ['T-beyond', sizeBytes - 8])
    assert.deepEqual(judged([one(8000)], {}, { sizeBytes: 8000, madeBytes: 8000 }), ['T-torn', 4096])
  })

  it('V2: a later frame of this file, wherever it lies, proves that the bad one had been durable', () => {
    const last = sizeBytes - shapeOf(0, 16).frameBytes
    for (const at of [4104, 8192, 4096 + mebibyte - 64, 4096 + mebibyte, 4096 + 2 * mebibyte - 8, last]) {
      const [label] = judged([frame(at)])
      assert.equal(label, 'T-later-frame', `at ${at}`)
    }
    assert.equal(judged([frame(8192), one(sizeBytes - 1)])[0], 'T-later-frame')
    assert.equal(judged([one(8192), frame(3 * mebibyte)])[0], 'T-later-frame')
    assert.equal(judged([frame(8192, { seq: 5 }), frame(16_384)])[0], 'T-later-frame')
  })

  it('V2: no other frame proves it', () => {
    const others = {
      'the one that was being written': frame(8192, { seq: 5 }),
      'an older one': frame(8192, { seq: 4 }),
      'one of another file': frame(8192, { salt: { low: 1, high: 2 } }),
      'one where the bad frame lies': frame(4096),
      'one where no frame begins': frame(8196),
    }
    for (const [which, placed] of Object.entries(others)) {
      assert.equal(judged([placed])[0], 'T-torn', which)
    }
    const broken = frame(8192)
    broken.bytes[30] = 9
    assert.equal(judged([broken])[0], 'T-torn', 'one whose head is not whole')
    const edge = 8192 + shapeOf(0, 16).frameBytes
    assert.equal(judged([frame(8192)], {}, { sizeBytes: edge, madeBytes: edge })[0], 'T-later-frame')
    assert.equal(judged([frame(8192)], {}, { sizeBytes: edge - 8, madeBytes: edge - 8 })[0], 'T-torn')
  })

  it('V2: places where a frame might begin are counted from the beginning of the file', () => {
    const magic = [0x55, 0x4c, 0x46, 0x31]
    const piece = Uint8Array.from([0, 0, 0, 0, ...magic, ...magic, 0, 0, 0, 0, ...magic])
    assert.deepEqual(magicsIn(piece, 0), [8, 16])
    assert.deepEqual(magicsIn(piece, 4), [8])
    assert.deepEqual(magicsIn(piece.subarray(4), 20), [24, 32])
    assert.deepEqual(magicsIn(piece.subarray(0, 7), 4), [])
    assert.deepEqual(magicsIn(Uint8Array.from([0, ...magic]), 7), [8])
  })

  it('V1: behind a seal nothing is looked at', () => {
    const disk = diskWith([one(8000)])
    const calls = disk.calls
    const reader = new SegmentReader(disk, disk.open('/f', 'read'))
    const { row, usedEnd } = judgeTail(reader, { ...end, state: 'seal' }, context)
    assert.deepEqual([row.label, usedEnd, disk.calls - calls], ['T-sealed', 4096, 1])
  })

  it('V1: what is known from elsewhere goes before what is seen', () => {
    assert.equal(judged([], { state: 'zero' }, { successor: true })[0], 'T-seal-missing')
    assert.equal(judged([], { state: 'zero' }, { belowFloor: true })[0], 'T-below-floor')
    assert.equal(judged([], { state: 'zero' }, { madeBytes: sizeBytes + 1 })[0], 'T-shortened')
    assert.equal(judged([], { state: 'zero' }, { madeBytes: sizeBytes - 1 })[0], 'T-end')
    assert.equal(judged([], { state: 'seal' }, { belowFloor: true })[0], 'T-below-floor')
  })

  it('V1: a rest that cannot be read is unreadable, with the reason, and never the end', () => {
    const disk = diskWith([])
    disk.addFault({ call: 'read', code: 'EIO', nth: 2 })
    const reader = new SegmentReader(disk, disk.open('/f', 'read'))
    const { row, usedEnd, error } = judgeTail(reader, { ...end, state: 'zero' }, context)
    assert.deepEqual([row.label, usedEnd, (error as { code: string }).code], ['T-unreadable', 4096, 'EIO'])
    const wrong = wrapDisk(disk, { read: () => assert.fail('our own mistake') })
    const other = new SegmentReader(wrong, disk.open('/f', 'read'))
    assert.throws(() => judgeTail(other, end, context), /our own mistake/)
  })
})
