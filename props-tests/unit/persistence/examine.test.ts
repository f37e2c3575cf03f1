/**
 * Proves which list of segments is whole, and that a refusal says file, bytes and reason.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  chooseSegments,
  closedName,
  decodeClosed,
  decodeMarker,
  encodeClosed,
  encodeMarker,
  examine,
  freedName,
  lookAt,
  markerName,
  readMarker,
  SegmentReader,
  segmentName,
  surveyDirectory,
  walkEarlier,
} from '../../../persistence/internal.ts'
import type { ChosenSegment, Floor, Log } from '../../../persistence/internal.ts'
import {
  bytesOf,
  flipBit,
  makeUnreadable,
  overwrite,
  plant,
  resize,
  vanish,
  zero,
} from '../../disk-damage.ts'
import { SimulatedDisk } from '../../simulated-disk.ts'
import {
  claimNext,
  codeOf,
  damageOf,
  directory,
  fill,
  killedDisk,
  offsetsIn,
  openJournal,
  range,
  segmentBytes,
  segmentsOf,
} from './journal-fixture.ts'

/** What an opening finds, without changing anything but the claim. */
function examined(disk: SimulatedDisk): Log {
  return examine(disk, surveyDirectory(disk, directory), claimNext(disk))
}

function chosenIn(disk: SimulatedDisk): readonly ChosenSegment[] {
  return chooseSegments(disk, surveyDirectory(disk, directory).segments).chosen
}

/** A disk whose owner, of epoch 1, closed. */
function closedDisk(count: number, size: number): SimulatedDisk {
  const disk = new SimulatedDisk()
  const journal = openJournal(disk)
  fill(journal, { first: 0, count, size })
  journal.release()
  return disk
}

/** Three segments, the first two of them sealed. */
const three = (): SimulatedDisk => killedDisk(14, 9000)

/** Where the last frame before `end` of a file begins. */
function lastFrameOf(disk: SimulatedDisk, segment: ChosenSegment, end: number): number {
  const reader = new SegmentReader(disk, disk.open(segment.path, 'read'))
  for (let position = 4096; ;) {
    const look = lookAt(reader, segment.header, { position, limit: segment.sizeBytes })
    assert.ok(look.state === 'whole')
    if (look.frame.end === end) return position
    position = look.frame.end
  }
}

describe('a segment that has a successor', () => {
  it('EX2: ends where its successor says, in every respect', () => {
    const disk = three()
    const all = chosenIn(disk)
    const [segment, after] = all
    assert.ok(segment !== undefined && after !== undefined)
    const positions: number[] = []
    const walk = (changed: object) => {
      const header = { ...after.header, predecessor: { ...after.header.predecessor, ...changed } }
      const pair = { segment, after: { ...after, header }, all }
      return walkEarlier(disk, pair, (_, frame) => positions.push(frame.position))
    }
    const end = walk({})
    assert.deepEqual(after.header.predecessor, {
      segmentId: 1,
      byteLength: end.position,
      lastSeq: end.seq - 1,
      chain: end.chain,
    })
    assert.equal(positions.length, end.seq - 1)
    for (const [field, value] of Object.entries(after.header.predecessor)) {
      const damage = damageOf(() => walk({ [field]: value + 1 }))
      assert.deepEqual(
        [damage.file, damage.start, damage.end, damage.reason],
        [segment.name, 0, end.position, 'the segment after it continues another one'],
        field,
      )
    }
  })

  it('EX2: without its seal it is refused, from the bad frame to the last used byte', () => {
    const disk = three()
    const [segment, after] = chosenIn(disk)
    assert.ok(segment !== undefined && after !== undefined)
    const sealEnd = after.header.predecessor.byteLength
    const seal = lastFrameOf(disk, segment, sealEnd)
    const refusal = (changed: SimulatedDisk) => {
      const pair = { segment, after, all: chosenIn(changed) }
      return damageOf(() => walkEarlier(changed, pair, () => undefined))
    }
    const bent = disk.clone()
    flipBit(bent, segment.path, (seal + 16) * 8)
    const { start, end, reason, offsets } = refusal(bent)
    assert.deepEqual([start, end, offsets], [seal, endOfUsed(bent, segment.path), []])
    assert.match(reason, /does not reach its seal.* \(T-seal-missing\)/)
    const cut = disk.clone()
    zero(cut, segment.path, { start: seal + 8, end: sealEnd })
    assert.deepEqual([refusal(cut).start, refusal(cut).end], [seal, seal + 64])
    const earlier = disk.clone()
    flipBit(earlier, segment.path, (seal - 100) * 8)
    assert.deepEqual(refusal(earlier).offsets.length, 1)
  })
})

/** One past the last byte of a file that is not zero. */
function endOfUsed(disk: SimulatedDisk, path: string): number {
  return bytesOf(disk, path).findLastIndex((byte) => byte !== 0) + 1
}

describe('the last segment', () => {
  it('EX3: of an owner that was killed it is not surely durable, of one that closed it is', () => {
    const killed = examined(killedDisk(3, 100)).last
    assert.deepEqual([killed?.surelyDurable, killed?.nextBytes, killed?.end.state], [false, 0, 'zero'])
    assert.equal(killed?.usedEnd, killed?.end.position)
    const closed = closedDisk(3, 100)
    const { last, kept, unneeded } = examined(closed.clone())
    assert.deepEqual([last?.surelyDurable, last?.nextBytes, last?.end.state], [true, 0, 'seal'])
    assert.deepEqual([kept.length, unneeded, last?.segment], [1, [], kept[0]])
    vanish(closed, `${directory}/${closedName(1)}`)
    assert.equal(examined(closed).last?.surelyDurable, false)
  })

  it('EX3: a damaged frame is refused by name, from its first damaged byte', () => {
    const disk = killedDisk(4, 300)
    const [segment] = chosenIn(disk)
    assert.ok(segment !== undefined)
    const position = examined(disk).last?.end.position ?? 0
    const frame = lastFrameOf(disk, segment, lastFrameOf(disk, segment, position))
    flipBit(disk, segment.path, (frame + 16) * 8)
    const damage = damageOf(() => examined(disk))
    assert.deepEqual([damage.file, damage.start], [segment.name, frame])
    assert.equal(damage.end, endOfUsed(disk, segment.path))
    assert.match(damage.reason, /commits are serial.* \(T-later-frame\)/)
    assert.deepEqual(damage.offsets, [{ mailbox: 1, first: 2, last: 2 }])
  })

  it('EX3: what lies behind the frames must be readable', () => {
    const disk = new SimulatedDisk()
    fill(openJournal(disk, { segmentBytes: 4 * segmentBytes }), { first: 0, count: 2, size: 100 })
    disk.crash()
    disk.restart('kill')
    const [path = ''] = segmentsOf(disk)
    makeUnreadable(disk, path, { start: 200_000, end: 200_100 })
    const { reason, start, end } = damageOf(() => examined(disk))
    assert.match(reason, /medium error.* \(T-unreadable\)/)
    assert.equal(start, end)
  })

  it('C2: reaches the floor that its owner noted, in every respect', () => {
    const disk = closedDisk(3, 100)
    const note = `${directory}/${closedName(1)}`
    const floor = decodeClosed(bytesOf(disk, note))?.floor
    assert.ok(floor !== undefined)
    const opens = (changed: Partial<Floor>) => {
      const other = disk.clone()
      plant(other, note, encodeClosed({ served: true, floor: { ...floor, ...changed } }))
      return examined(other)
    }
    assert.equal(opens({}).last?.surelyDurable, true)
    assert.equal(opens({ epoch: 0 }).last?.surelyDurable, false, 'a floor of an older file says nothing')
    for (const [field, value] of Object.entries(floor)) {
      assert.match(damageOf(() => opens({ [field]: value + 1 })).reason, /T-below-floor/, field)
    }
  })

  it('C2: the end of a frame that is no seal reaches no floor', () => {
    const disk = killedDisk(3, 100)
    const end = examined(disk.clone()).last?.end
    const floor = { segmentId: 1, epoch: 1, byteLength: end?.position ?? 0, chain: end?.chain ?? 0 }
    plant(disk, `${directory}/${closedName(1)}`, encodeClosed({ served: true, floor }))
    assert.match(damageOf(() => examined(disk)).reason, /T-below-floor/)
  })

  it('EX1: a sealed one says how large the next file was made, and that file must be there', () => {
    const disk = three()
    const [, second = '', third = ''] = segmentsOf(disk)
    zero(disk, third, { start: 0, end: segmentBytes })
    const { last, unneeded } = examined(disk.clone())
    assert.deepEqual([last?.segment.id, last?.nextBytes, last?.end.state], [2, segmentBytes, 'seal'])
    assert.deepEqual(
      unneeded.map(({ path }) => path),
      [third],
    )
    const short = disk.clone()
    resize(short, third, segmentBytes - 1)
    const damage = damageOf(() => examined(short))
    assert.equal(damage.file, `segment 3 (beside ${second.slice(directory.length + 1)})`)
    assert.equal(damage.reason, 'the file is missing, or shorter than it was made')
    assert.deepEqual([damage.start, damage.end], [0, 0])
    const other = disk.clone()
    plant(other, `${directory}/${segmentName(4, 1)}`, new Uint8Array(segmentBytes))
    vanish(other, third)
    assert.match(damageOf(() => examined(other)).file, /segment 3 /)
    const renamed = disk.clone()
    plant(renamed, `${directory}/${segmentName(3, 2)}`, new Uint8Array(segmentBytes))
    vanish(renamed, third)
    assert.match(damageOf(() => examined(renamed)).file, /segment 3 /)
  })

  it('EX4: its next file may be gone where a later opener left word that it removed it, and only there', () => {
    const disk = three()
    const [, , third = ''] = segmentsOf(disk)
    vanish(disk, third)
    const withWord = (id: number, epoch: number): SimulatedDisk => {
      const told = disk.clone()
      plant(told, `${directory}/${freedName(id, epoch)}`, new Uint8Array(0))
      return told
    }
    const { last, unneeded } = examined(withWord(3, 2))
    assert.deepEqual([last?.segment.id, last?.nextBytes, unneeded], [2, segmentBytes, []])
    for (const [id, epoch] of [
      [3, 1],
      [2, 2],
      [4, 2],
    ] as const) {
      assert.match(
        damageOf(() => examined(withWord(id, epoch))).file,
        /segment 3 /,
        `word of ${id}, ${epoch}`,
      )
    }
  })
})

describe('the list of segments', () => {
  it('EX1: an empty directory holds nothing, a prepared file in it is nobody’s', () => {
    const disk = new SimulatedDisk()
    disk.makeDirectory(directory)
    plant(disk, `${directory}/${segmentName(1, 1)}`, new Uint8Array(5000))
    const { kept, unneeded, last } = examined(disk)
    assert.deepEqual([kept, unneeded.length, last], [[], 1, undefined])
  })

  it('EX1: a journal that was complete once, or closed, is not gone', () => {
    for (const sign of ['marker', 'note']) {
      const disk = closedDisk(3, 100)
      for (const path of segmentsOf(disk)) vanish(disk, path)
      vanish(disk, `${directory}/${sign === 'marker' ? closedName(1) : markerName}`)
      const damage = damageOf(() => examined(disk))
      assert.deepEqual([damage.file, damage.start, damage.end], [markerName, 0, 0])
      assert.match(damage.reason, /complete here once, and its segments are missing/)
    }
    const disk = closedDisk(3, 100)
    for (const path of [...segmentsOf(disk), `${directory}/${closedName(1)}`, `${directory}/${markerName}`]) {
      vanish(disk, path)
    }
    assert.equal(examined(disk).last, undefined)
  })

  it('EX5: segments of another journal than the marker names are refused; a marker in pieces names none', () => {
    const disk = killedDisk(3, 100)
    const [segment = ''] = segmentsOf(disk)
    const marker = `${directory}/${markerName}`
    const { journalId } = decodeMarker(bytesOf(disk, marker))
    assert.deepEqual(Buffer.from(chosenIn(disk)[0]?.header.journalId ?? []), journalId)
    plant(disk, marker, encodeMarker(new Uint8Array(16).fill(5)))
    const damage = damageOf(() => examined(disk))
    assert.deepEqual(
      [damage.file, damage.start, damage.end],
      [segment.slice(directory.length + 1), 0, segmentBytes],
    )
    assert.match(damage.reason, /another journal than the one that journal says/)
    flipBit(disk, marker, 8 * 40)
    assert.equal(examined(disk).kept.length, 1)
  })

  it('MK1: a marker says which journal it is, or, damaged or unreadable, only that there was one', () => {
    const journalId = Uint8Array.from({ length: 16 }, (_, i) => 17 * i)
    const bytes = encodeMarker(journalId)
    assert.equal(
      Buffer.from(bytes).toString(),
      'An unlost journal, format 1.\n00112233445566778899aabbccddeeff 2420647024\n',
    )
    assert.deepEqual(decodeMarker(bytes).journalId, Buffer.from(journalId))
    for (const other of ['', 'An unlost journal, format 1.\n', 'x\nabcd 5\n', 'x\n00 4108050209\n']) {
      assert.equal(decodeMarker(Buffer.from(other)).journalId, undefined, other)
    }
    const disk = killedDisk(1, 10)
    const path = `${directory}/${markerName}`
    makeUnreadable(disk, path, { start: 0, end: 8 })
    assert.deepEqual(readMarker(disk, path), { journalId: undefined })
    assert.equal(examined(disk).kept.length, 1)
  })

  it('EX1: a hole is named by the segment that is missing, and by the one beside it', () => {
    const disk = three()
    const [, second = '', third = ''] = segmentsOf(disk)
    vanish(disk, second)
    const { file, reason } = damageOf(() => examined(disk))
    assert.equal(file, `segment 2 (beside ${third.slice(directory.length + 1)})`)
    assert.match(reason, /missing/)
  })

  it('EX1: what lies below the low watermark is not needed, whether it is there or not', () => {
    const disk = new SimulatedDisk()
    const journal = openJournal(disk)
    fill(journal, { first: 0, count: 40, size: 9000 })
    const [first = ''] = segmentsOf(disk)
    const bytes = Uint8Array.from(bytesOf(disk, first))
    journal.trim(new Map([[1, 20]]))
    disk.crash()
    disk.restart('power')
    const without = examined(disk.clone())
    const oldest = without.last?.oldestSegment ?? 0
    assert.ok(oldest > 1)
    assert.equal(without.kept[0]?.id, oldest)
    const prepared = without.unneeded.map(({ path }) => path)
    assert.deepEqual(prepared, segmentsOf(disk).slice(-1))
    plant(disk, first, bytes)
    const withIt = examined(disk.clone())
    assert.equal(withIt.kept[0]?.id, oldest)
    assert.deepEqual(
      withIt.unneeded.map(({ path }) => path),
      [...prepared, first],
    )
    openJournal(disk)
    assert.ok(!segmentsOf(disk).includes(first))
  })

  it('EX1: a segment that holds no frame yet knows the watermark by its header', () => {
    const disk = three()
    const third = segmentsOf(disk)[2] ?? ''
    zero(disk, third, { start: 4096, end: segmentBytes })
    const { last, kept } = examined(disk.clone())
    assert.deepEqual([last?.oldestSegment, kept.length, last?.nextBytes], [1, 3, 0])
    assert.ok(offsetsIn(openJournal(disk), 1).length > 6)
  })

  it('EX2: a segment of another journal is told as that', () => {
    const disk = three()
    const [first = ''] = segmentsOf(disk)
    const other = new SimulatedDisk()
    fillAnother(other)
    const [foreign = ''] = segmentsOf(other)
    plant(disk, first, bytesOf(other, foreign))
    const damage = damageOf(() => examined(disk))
    assert.deepEqual(
      [damage.reason, damage.start, damage.end],
      ['it belongs to another journal', 0, segmentBytes],
    )
  })

  it('U3: a file of a newer format is refused by name, also when it came after the first look', () => {
    const disk = three()
    const [, second = ''] = segmentsOf(disk)
    overwrite(disk, second, { position: 8, bytes: Uint8Array.of(2) })
    assert.throws(() => examined(disk), codeOf('UNLOST_NEWER_FORMAT'))
    assert.throws(
      () => examined(disk),
      /segment-000000000002-000000000001 has format 2; this version reads up to 1/,
    )
  })
})

/** Another journal with segments of the same names. */
function fillAnother(disk: SimulatedDisk): void {
  const random = { bytes: (count: number) => Uint8Array.from(range(count, 77)) }
  fill(openJournal(disk, { random }), { first: 0, count: 14, size: 9000 })
  disk.crash()
  disk.restart('kill')
}
