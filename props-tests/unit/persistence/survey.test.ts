/**
 * Proves what a look at a directory tells, and how a missing directory is made, whatever its path looks like.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SimulatedDiskError } from '../../disk-errors.ts'
import { plant, plantDirectory } from '../../disk-damage.ts'
import { SimulatedDisk } from '../../simulated-disk.ts'
import { wrapDisk } from '../../support/disk-wrapper.ts'
import {
  encodeHeader,
  peek,
  restIsZero,
  segmentName,
  surveyDirectory,
} from '../../../persistence/internal.ts'
import type { SegmentHeader } from '../../../persistence/internal.ts'
import { directory, killedDisk, segmentsOf } from './journal-fixture.ts'

const header: SegmentHeader = {
  journalId: new Uint8Array(16),
  segmentId: 1,
  ownerEpoch: 1,
  salt: { low: 1, high: 2 },
  firstSeq: 1,
  predecessor: { segmentId: 0, byteLength: 0, lastSeq: 0, chain: 0 },
  segmentBytes: 65_536,
  frameBytesMax: 32_768,
  begun: 'rotation',
  sourceEpoch: 0,
  oldestSegment: 1,
  createdMs: 0,
}

/** A disk whose data directory holds these files. */
function holding(files: Readonly<Record<string, Uint8Array>>): SimulatedDisk {
  const disk = new SimulatedDisk()
  disk.makeDirectory(directory)
  for (const [name, bytes] of Object.entries(files)) plant(disk, `${directory}/${name}`, bytes)
  return disk
}

/** A segment file of one block and `rest`. */
function segment(changed: Partial<SegmentHeader>, rest = new Uint8Array(0)): Uint8Array {
  return Buffer.concat([encodeHeader({ ...header, ...changed }), rest])
}

describe('a look at a directory', () => {
  it('U2: names at most three foreign files; what file systems make themselves is none', () => {
    const one = Uint8Array.of(1)
    const disk = holding({ a: one, b: one, c: one, d: one })
    assert.throws(() => peek(disk, directory), /holds other files \(a, b, c\)/)
    const fresh = holding({ 'lost+found': one })
    peek(fresh, directory)
    assert.deepEqual(surveyDirectory(fresh, directory).unknownFiles, [])
    const mixed = holding({ 'lost+found': one, journal: one, 'notes.txt': one })
    peek(mixed, directory)
    assert.deepEqual(surveyDirectory(mixed, directory).unknownFiles, ['notes.txt'])
  })

  it('U2: a file in the place of the directory is named', () => {
    const disk = holding({ file: Uint8Array.of(1) })
    assert.throws(() => peek(disk, `${directory}/file`), /^\w+: \/data\/file is a file, not a directory/)
  })

  it('U3: says which file has which newer format', () => {
    const newer = segment({})
    newer[8] = 3
    const disk = holding({ [segmentName(1, 1)]: newer })
    assert.throws(
      () => peek(disk, directory),
      /\/data\/segment-000000000001-000000000001 has format 3; this version reads up to 1/,
    )
  })

  it('U1: lists segments by id, then by epoch, and the other files by what they are', () => {
    const disk = holding({
      [segmentName(2, 3)]: segment({ segmentId: 2, ownerEpoch: 3 }),
      [segmentName(1, 4)]: segment({ segmentId: 1, ownerEpoch: 4 }),
      [segmentName(1, 2)]: segment({ segmentId: 1, ownerEpoch: 2 }),
      'aside-000000000002-000000000003-1': Uint8Array.of(1),
      'aside-000000000001-000000000003-1': Uint8Array.of(1),
      'freed-000000000003-000000000004': new Uint8Array(0),
    })
    const survey = surveyDirectory(wrapDisk(disk, { list: (path) => disk.list(path).reverse() }), directory)
    assert.deepEqual(
      survey.segments.map(({ id, epoch, look }) => [id, epoch, look.state]),
      [
        [1, 2, 'whole'],
        [1, 4, 'whole'],
        [2, 3, 'whole'],
      ],
    )
    assert.deepEqual(survey.segments[0], {
      ...survey.segments[0],
      name: segmentName(1, 2),
      path: `${directory}/${segmentName(1, 2)}`,
      sizeBytes: 4096,
    })
    assert.equal(survey.asides.length, 2)
    assert.deepEqual(survey.freed, [{ name: 'freed-000000000003-000000000004', id: 3, epoch: 4 }])
    assert.equal(survey.marker, undefined)
    assert.notEqual(surveyDirectory(killedDisk(1, 10), directory).marker, undefined)
  })

  it('U1: a header that stands under the name of another segment, or of another epoch, is bad', () => {
    const disk = holding({
      [segmentName(1, 2)]: segment({}),
      [segmentName(2, 1)]: segment({}),
      [segmentName(3, 1)]: new Uint8Array(4096),
    })
    const states = surveyDirectory(disk, directory).segments.map(({ look }) => look)
    assert.deepEqual(states, [{ state: 'bad' }, { state: 'bad' }, { state: 'zero' }])
  })

  it('U1: a file that cannot be read is told as that, with the reason', () => {
    const disk = killedDisk(1, 10)
    disk.addFault({ call: 'read', code: 'EIO' })
    const [file] = surveyDirectory(disk, directory).segments
    assert.ok(file?.look.state === 'unreadable')
    assert.deepEqual([file.sizeBytes, (file.look.error as SimulatedDiskError).code], [0, 'EIO'])
    const wrong = wrapDisk(disk, { read: () => assert.fail('our own mistake') })
    assert.throws(() => surveyDirectory(wrong, directory), /our own mistake/)
  })

  it('U1: the rest of a file is zero only if every byte behind the header is', () => {
    const [path = ''] = segmentsOf(killedDisk(1, 10))
    const long = 3 * 1024 * 1024
    for (const at of [undefined, 4096, 1024 * 1024 + 4095, 1024 * 1024 + 4096, long - 1]) {
      const disk = holding({})
      const bytes = new Uint8Array(long)
      bytes[0] = 1
      if (at !== undefined) bytes[at] = 1
      plant(disk, path, bytes)
      const [file] = surveyDirectory(disk, directory).segments
      assert.ok(file !== undefined)
      assert.equal(restIsZero(disk, file), at === undefined, `byte ${at}`)
      assert.equal(disk.openFiles, 0)
    }
  })

  it('U1: a directory under the name of a segment is no whole segment', () => {
    const disk = holding({})
    plantDirectory(disk, `${directory}/${segmentName(1, 1)}`)
    assert.equal(surveyDirectory(disk, directory).segments[0]?.look.state, 'unreadable')
  })
})
