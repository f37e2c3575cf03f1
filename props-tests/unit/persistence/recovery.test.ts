/**
 * Proves that what a crash leaves opens by itself, with everything that was confirmed.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CorruptError } from '../../../persistence/index.ts'
import type { Damage, Disk } from '../../../persistence/index.ts'
import { Journal, makeSmall, makeZeros } from '../../../persistence/internal.ts'
import { bytesOf, filesOf, flipBit, overwrite, zero } from '../../disk-damage.ts'
import { SimulatedDiskError } from '../../index.ts'
import { SimulatedDisk } from '../../simulated-disk.ts'
import { SimulatedRandom } from '../../simulated-random.ts'
import { wrapDisk } from '../../support/disk-wrapper.ts'
import {
  batchOf,
  claimNext,
  codeOf,
  dataOf,
  directory,
  endOf,
  eventsOf,
  fill,
  isCorrupt,
  killedDisk,
  offsetsIn,
  openJournal,
  overwriteFile,
  range,
  refuses,
  runOf,
  segmentBytes,
  segmentsOf,
  usedIn,
} from './journal-fixture.ts'

describe('after a crash', () => {
  it('RV4, BS3: a crash at any call of an opening leaves a directory that opens to the same log', () => {
    const start = killedDisk(12, 9000)
    const [last = ''] = segmentsOf(start).slice(-1)
    overwrite(start, last, {
      position: Math.ceil(endOf(start, last) / 8) * 8,
      bytes: Buffer.from('torn'.repeat(50)),
    })
    const whole = start.clone()
    const first = whole.calls
    assert.deepEqual(offsetsIn(openJournal(whole), 1), range(12))
    const count = whole.calls - first
    for (let call = 1; call <= count; call += 1) {
      for (const kind of call % 3 === 0 ? (['kill', 'power'] as const) : (['power'] as const)) {
        const disk = start.clone()
        disk.crashAt(disk.calls + call, call % 2 === 0 ? 'before' : 'after')
        assert.throws(() => {
          openJournal(disk)
          disk.crash()
          disk.list('/')
        })
        disk.restart(kind, new SimulatedRandom(call))
        assert.deepEqual(offsetsIn(openJournal(disk), 1), range(12), `call ${call}, ${kind}`)
      }
    }
  })

  it('T2: a frame cut at any of its bytes opens to the frames before it', () => {
    const disk = killedDisk(3, 300)
    const [path = ''] = segmentsOf(disk)
    const ends = endOf(disk, path)
    const short = killedDisk(2, 300)
    const from = Math.ceil(endOf(short, segmentsOf(short)[0] ?? '') / 8) * 8
    for (let cut = from; cut < ends; cut += 3) {
      const torn = disk.clone()
      zero(torn, path, { start: cut, end: ends })
      const journal = openJournal(torn)
      assert.deepEqual(offsetsIn(journal, 1), range(2), `cut at ${cut}`)
      assert.equal(journal.recovered.report.bytesSetAside, usedIn(bytesOf(disk, path).slice(from, cut)))
    }
  })

  it('T2: any part of the last frame may be missing', () => {
    const disk = killedDisk(3, 3000)
    const [path = ''] = segmentsOf(disk)
    const ends = endOf(disk, path)
    for (const unit of range(6)) {
      const torn = disk.clone()
      zero(torn, path, { start: ends - (unit + 1) * 512, end: ends - unit * 512 })
      assert.deepEqual(offsetsIn(openJournal(torn), 1), range(2))
    }
  })

  it('BS1: what was only in the page cache is durable before it is served', () => {
    const disk = new SimulatedDisk()
    const journal = openJournal(disk)
    disk.addFault({ call: 'sync', code: 'EIO', effect: 'dropped' })
    assert.throws(() => journal.commit(batchOf(runOf(1, 0))))
    disk.clearFaults()
    disk.crash()
    disk.restart('kill')
    const served = offsetsIn(openJournal(disk), 1)
    disk.crash()
    disk.restart('power')
    assert.deepEqual(offsetsIn(openJournal(disk), 1), served)
  })

  it('BS2, CS1: an owner that was replaced writes into a file that nobody reads', () => {
    const disk = new SimulatedDisk()
    const zombie = openJournal(disk)
    zombie.commit(batchOf(runOf(1, 0)))
    const journal = openJournal(disk)
    const before = dataOf(disk)
    assert.throws(() => zombie.commit(batchOf(runOf(1, 1))))
    assert.deepEqual(dataOf(disk), before)
    journal.release()
  })

  it('CS1: of a copy and its source the finished copy counts, the unfinished one does not', () => {
    const source = killedDisk(3, 100)
    const [old = ''] = segmentsOf(source)
    const copied = source.clone()
    openJournal(copied)
    const [fresh = ''] = segmentsOf(copied)
    const both = copied.clone()
    overwriteFile(both, old, bytesOf(source, old))
    assert.deepEqual(offsetsIn(openJournal(both.clone()), 1), range(3))
    flipBit(both, fresh, (4096 + 100) * 8)
    assert.deepEqual(offsetsIn(openJournal(both), 1), range(3))
    const alone = copied.clone()
    flipBit(alone, fresh, (4096 + 100) * 8)
    refuses(alone)
  })

  it('CS1: an old file that somebody puts back does not hide what the newer one has more', () => {
    const disk = killedDisk(3, 100)
    const [old = ''] = segmentsOf(disk)
    const bytes = Uint8Array.from(bytesOf(disk, old))
    fill(openJournal(disk), { first: 3, count: 2, size: 100 })
    overwriteFile(disk, old, bytes)
    assert.deepEqual(offsetsIn(openJournal(disk), 1), range(5))
  })

  it('SW1: a header is synced before any frame, so a torn one is a crash and a lost one is damage', () => {
    const disk = killedDisk(9, 9000)
    const [, last = ''] = segmentsOf(disk)
    const torn = disk.clone()
    zero(torn, last, { start: 64, end: segmentBytes })
    assert.ok(offsetsIn(openJournal(torn), 1).length >= 6)
    zero(disk, last, { start: 0, end: 4096 })
    refuses(disk)
  })

  it('SW2: position and chain move only after a write returned', () => {
    const disk = new SimulatedDisk()
    const journal = openJournal(disk)
    for (const offset of range(5)) {
      disk.addFault({ call: 'write', code: 'ENOSPC', effect: 'half' })
      assert.throws(() => journal.commit(batchOf(runOf(1, offset))), codeOf('UNLOST_DISK_FULL'))
      disk.clearFaults()
      journal.commit(batchOf(runOf(1, offset)))
    }
    assert.deepEqual(offsetsIn(openJournal(disk), 1), range(5))
  })

  it('RV3: a creation that was cut short begins again', () => {
    const disk = new SimulatedDisk()
    disk.makeDirectory(directory)
    disk.syncDirectory('/')
    claimNext(disk)
    makeZeros(disk, `${directory}/segment-000000000001-000000000001`, { sizeBytes: 5000 })
    assert.deepEqual(offsetsIn(openJournal(disk), 1), [])
  })

  it('RV3: opening and closing again and again does not pile up files', () => {
    const disk = new SimulatedDisk()
    for (const round of range(10)) {
      const journal = openJournal(disk)
      journal.commit({ ...eventsOf('e'), runs: [runOf(1, round)] })
      if (round % 2 === 0) journal.release()
    }
    assert.equal(segmentsOf(disk).length, 1)
    assert.ok(filesOf(disk).length <= 6)
    assert.deepEqual(offsetsIn(openJournal(disk), 1), range(10))
  })

  it('RV1: the size of segments may change between openings', () => {
    const disk = new SimulatedDisk()
    for (const [round, size] of [256, 64, 128, 64].entries()) {
      const journal = openJournal(disk, { segmentBytes: size * 1024 })
      fill(journal, { first: round * 20, count: 20, size: 9000 })
      if (round % 2 === 0) journal.release()
    }
    assert.deepEqual(offsetsIn(openJournal(disk), 1), range(80))
  })
})

describe('what recovery tells and leaves', () => {
  it('RV1: the report tells what was found, and how long it took', () => {
    const disk = new SimulatedDisk()
    let now = 1_000
    const fresh = openJournal(disk, { nowMs: () => (now += 5) })
    const { durationMs, ...first } = fresh.recovered.report
    assert.ok(durationMs >= 10 && durationMs % 5 === 0)
    assert.deepEqual(first, {
      previous: 'none',
      epoch: 1,
      segments: 1,
      frames: 0,
      messages: 0,
      bytesSetAside: 0,
      setAside: [],
      unknownFiles: [],
    })
    fresh.commit(batchOf({ ...runOf(1, 0), count: 3 }, runOf(2, 0)))
    fill(fresh, { first: 3, count: 13, size: 9000 })
    makeSmall(disk, `${directory}/notes.txt`, Buffer.from('mine'))
    const second = openJournal(disk, { nowMs: () => (now -= 5) }).recovered.report
    assert.deepEqual(second, {
      ...first,
      previous: 'crashed',
      epoch: 2,
      durationMs: 0,
      segments: segmentsOf(disk).length,
      frames: 17,
      messages: 17,
      unknownFiles: ['notes.txt'],
    })
  })

  it('RV1: an owner that was replaced while it opened is fenced, and has touched nothing of the other', () => {
    const disk = killedDisk(14, 9000)
    const before = segmentsOf(disk)
    const owned = claimNext(disk)
    claimNext(disk)
    const options = { segmentBytes, random: new SimulatedRandom(1), nowMs: () => 0 }
    assert.throws(
      () => Journal.open({ disk, directory, claim: owned }, options),
      (error) => {
        assert.ok(codeOf('UNLOST_FENCED', 'not-written')(error) && error instanceof Error)
        assert.match(error.message, /^\/data was taken over by another owner while it was being opened/)
        return true
      },
    )
    assert.equal(disk.openFiles, 0)
    assert.deepEqual(
      before.filter((path) => !segmentsOf(disk).includes(path)),
      [],
    )
    assert.deepEqual(offsetsIn(openJournal(disk), 1), range(14))
  })

  it('RV4: a crash at any call leaves the same log, also where the last segment is sealed and the next is empty', () => {
    const start = killedDisk(14, 9000)
    const [, , third = ''] = segmentsOf(start)
    zero(start, third, { start: 0, end: segmentBytes })
    const whole = start.clone()
    const offsets = offsetsIn(openJournal(whole), 1)
    assert.ok(offsets.length > 6)
    const count = whole.calls - start.calls
    for (let call = 1; call <= count; call += 1) {
      const disk = start.clone()
      disk.crashAt(disk.calls + call, call % 2 === 0 ? 'before' : 'after')
      assert.throws(() => {
        openJournal(disk)
        disk.crash()
        disk.list('/')
      })
      disk.restart('power', new SimulatedRandom(call))
      assert.deepEqual(offsetsIn(openJournal(disk), 1), offsets, `call ${call}`)
    }
  })

  it('RV7: a file that goes away under the look is looked for once more; one that only says so is refused', () => {
    const disk = killedDisk(40, 9000)
    const [prepared = ''] = segmentsOf(disk).slice(-1)
    const goes = (stays: boolean): Disk['open'] => {
      return (path, mode) => {
        if (path === prepared && !stays && disk.kind(path) === 'file') disk.remove(path)
        if (path === prepared) throw new SimulatedDiskError('ENOENT', path, 'open')
        return disk.open(path, mode)
      }
    }
    assert.throws(() => openJournal(wrapDisk(disk, { open: goes(true) })), isCorrupt)
    assert.deepEqual(offsetsIn(openJournal(wrapDisk(disk, { open: goes(false) })), 1), range(40))
  })

  it('RV3: a directory that was once complete is marked for people too, once', () => {
    const disk = killedDisk(1, 10)
    const marker = `${directory}/journal`
    assert.match(
      Buffer.from(bytesOf(disk, marker)).toString(),
      /^An unlost journal, format 1\.\n[0-9a-f]{32} \d+\n$/,
    )
    overwrite(disk, marker, { position: 0, bytes: Buffer.from('My') })
    openJournal(disk)
    assert.match(Buffer.from(bytesOf(disk, marker)).toString(), /^My unlost journal/)
  })

  it('RV5: what reads differently the second time is refused, with its bytes', () => {
    const disk = new SimulatedDisk()
    const journal = openJournal(disk)
    fill(journal, { first: 0, count: 5, size: 9000 })
    journal.release()
    const bytes = Buffer.from(bytesOf(disk, segmentsOf(disk)[0] ?? ''))
    // Count and offset of the last message, as they stand in the directory of its frame.
    const entry = bytes.indexOf(Buffer.from([1, 0, 0, 0, 4, 0, 0, 0]))
    const frame = entry - 4 - 80
    const damageFrom = (at: number, reason: string) => {
      const found = range(12, 1).map((nth) => refusalOf(disk.clone(), at, nth))
      return found.find((damage) => damage?.reason === reason)
    }
    const runs = damageFrom(entry, 'a directory does not match its checksum')
    assert.deepEqual([runs?.start, runs?.end], [frame, frame + 112])
    const head = damageFrom(frame + 20, 'it reads differently the second time')
    assert.deepEqual([head?.start, head?.end], [frame, bytes.length])
  })
})

/** The refusal of an opening of five messages whose `nth` read has a bit of byte `at` turned over, if it refuses. */
function refusalOf(disk: SimulatedDisk, at: number, nth: number): Damage | undefined {
  let reads = 0
  const read = (file: number, into: Uint8Array, position: number): number => {
    const count = disk.read(file, into, position)
    reads += 1
    const bent = at - position
    if (reads === nth && bent >= 0 && bent < count) into[bent] = (into[bent] ?? 0) ^ 1
    return count
  }
  try {
    assert.deepEqual(offsetsIn(openJournal(wrapDisk(disk, { read })), 1), range(5))
    return undefined
  } catch (error) {
    assert.ok(error instanceof CorruptError, String(error))
    return error.damage
  }
}
