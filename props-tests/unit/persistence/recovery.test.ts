/**
 * Proves opening: what a crash leaves opens by itself with everything confirmed, what it cannot leave is refused.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { decodeClosed, encodeClosed } from '../../../persistence/closed-record.ts'
import { claim, newestOwner, peek, prepareDirectory } from '../../../persistence/internal.ts'
import { makeSmall, makeZeros, readSmall, withFile } from '../../../persistence/small-file.ts'
import { bytesOf, duplicate, filesOf, flipBit, overwrite, resize, vanish, zero } from '../../disk-damage.ts'
import { SimulatedDisk } from '../../simulated-disk.ts'
import { SimulatedRandom } from '../../simulated-random.ts'
import {
  batchOf,
  claimNext,
  dataOf,
  directory,
  eventsOf,
  fill,
  identityOf,
  offsetsIn,
  openJournal,
  range,
  runOf,
  segmentBytes,
  segmentsOf,
} from './journal-fixture.ts'

const codeOf = (code: string) => (error: unknown) =>
  error instanceof Error && 'code' in error && error.code === code
const isCorrupt = codeOf('UNLOST_CORRUPT')

function damageOf(work: () => unknown): { file: string; reason: string; offsets: readonly object[] } {
  try {
    work()
  } catch (error) {
    if (error instanceof Error && 'damage' in error) return error.damage as ReturnType<typeof damageOf>
    throw error
  }
  throw new TypeError('it was not refused')
}

/** A disk with `count` messages of `size` bytes, its owner killed. */
function killedDisk(count: number, size: number): SimulatedDisk {
  const disk = new SimulatedDisk()
  fill(openJournal(disk), { first: 0, count, size })
  disk.crash()
  disk.restart('kill')
  return disk
}

/** Where the frames of the only segment end. */
function endOf(disk: SimulatedDisk, path: string): number {
  const bytes = bytesOf(disk, path)
  return bytes.findLastIndex((byte) => byte !== 0) + 1
}

function refuses(disk: SimulatedDisk): void {
  const before = dataOf(disk)
  assert.throws(() => openJournal(disk), isCorrupt)
  assert.deepEqual(dataOf(disk), before)
}

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
      for (const kind of ['kill', 'power'] as const) {
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

  it('RV2: a torn tail is set aside, and only the newest of them are kept', () => {
    let disk = killedDisk(1, 100)
    const names: string[] = []
    for (const round of range(12)) {
      const [path = ''] = segmentsOf(disk)
      const at = Math.ceil(endOf(disk, path) / 8) * 8
      overwrite(disk, path, { position: at, bytes: Buffer.from(`torn ${round}!`) })
      const { report } = openJournal(disk).recovered
      assert.ok(report.bytesSetAside >= 7)
      const [name = ''] = report.setAside
      assert.match(
        Buffer.from(bytesOf(disk, `${directory}/${name}`)).toString(),
        new RegExp(`torn ${round}!`),
      )
      names.push(name)
      disk.crash()
      disk.restart('power')
      disk = disk.clone()
    }
    const kept = filesOf(disk).filter((path) => path.includes('/aside-'))
    assert.deepEqual(
      kept,
      names.slice(-8).map((name) => `${directory}/${name}`),
    )
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
    makeZeros(disk, `${directory}/segment-000000000001-000000000001`, 5000)
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

describe('damage', () => {
  it('RV1, V1: one bit changed anywhere is refused, or harmless', () => {
    const disk = killedDisk(4, 60)
    openJournal(disk).idle()
    const journal = openJournal(disk)
    journal.commit(batchOf(runOf(1, 4, 60)))
    journal.idle()
    disk.crash()
    disk.restart('kill')
    const [path = ''] = segmentsOf(disk)
    const end = endOf(disk, path)
    const positions = [...range(160), ...range(60, 200).map((at) => at * 16), ...range(end - 4096, 4096)]
    let refused = 0
    for (const at of positions) {
      const changed = disk.clone()
      flipBit(changed, path, at * 8 + (at % 8))
      try {
        // Without its mark the log is still whole; what is torn is the mark.
        assert.deepEqual(offsetsIn(openJournal(changed), 1), range(5), `byte ${at}`)
      } catch (error) {
        if (!isCorrupt(error) && !codeOf('UNLOST_NEWER_FORMAT')(error)) throw error
        refused += 1
      }
    }
    assert.ok(refused > positions.length / 2, `${refused} of ${positions.length}`)
  })

  it('C2: after a close not even the last frame can be lost', () => {
    const disk = new SimulatedDisk()
    const journal = openJournal(disk)
    fill(journal, { first: 0, count: 3, size: 60 })
    journal.release()
    const [path = ''] = segmentsOf(disk)
    for (const at of range(bytesOf(disk, path).length - 4096, 4096)) {
      const changed = disk.clone()
      flipBit(changed, path, at * 8 + (at % 8))
      const before = dataOf(changed)
      try {
        assert.deepEqual(offsetsIn(openJournal(changed), 1), range(3))
      } catch (error) {
        assert.ok(isCorrupt(error))
        assert.deepEqual(dataOf(changed), before)
      }
    }
    resize(disk, path, 4096 + 80)
    refuses(disk)
  })

  it('V2, T3: a zeroed sector before the last frame is not the end of the log', () => {
    const disk = killedDisk(10, 900)
    const [path = ''] = segmentsOf(disk)
    const last = endOf(disk, path) - 1100
    for (let start = 4096; start + 512 < last; start += 512) {
      const changed = disk.clone()
      zero(changed, path, { start, end: start + 512 })
      refuses(changed)
    }
  })

  it('R2: a stale or foreign frame in the place of the next one is refused', () => {
    const disk = killedDisk(3, 300)
    const [path = ''] = segmentsOf(disk)
    const frame = bytesOf(disk, path).slice(4096 + 88, 4096 + 88 + 408)
    overwrite(disk, path, { position: Math.ceil(endOf(disk, path) / 8) * 8, bytes: frame })
    refuses(disk)
  })

  it('T2: bytes beyond the one frame that was being written are refused', () => {
    const disk = killedDisk(3, 300)
    const [path = ''] = segmentsOf(disk)
    overwrite(disk, path, { position: segmentBytes - 100, bytes: Buffer.from([1]) })
    refuses(disk)
  })

  it('EX1: a missing segment is refused with the offsets that were in it', () => {
    const disk = killedDisk(40, 9000)
    const paths = segmentsOf(disk)
    for (const [i, path] of paths.slice(0, -2).entries()) {
      const changed = disk.clone()
      vanish(changed, path)
      const before = dataOf(changed)
      const damage = damageOf(() => openJournal(changed))
      assert.match(damage.reason, /missing/)
      assert.ok(damage.file.includes(`segment ${i + 1}`), damage.file)
      assert.equal(damage.offsets.length, i === 0 ? 0 : 1)
      assert.deepEqual(dataOf(changed), before)
    }
  })

  it('EX1: a journal whose segments are all gone is refused, not begun anew', () => {
    const disk = killedDisk(3, 100)
    for (const path of segmentsOf(disk)) vanish(disk, path)
    refuses(disk)
  })

  it('EX1: the newest segment cannot vanish after the one before was left for it', () => {
    const disk = killedDisk(12, 9000)
    vanish(
      disk,
      `${directory}/segment-000000000002-${String(newestOwner(disk, directory)?.epoch).padStart(12, '0')}`,
    )
    refuses(disk)
  })

  it('EX2: a shortened or exchanged segment is refused', () => {
    const disk = killedDisk(30, 9000)
    const [first = '', second = ''] = segmentsOf(disk)
    const short = disk.clone()
    resize(short, first, 30_000)
    refuses(short)
    const swapped = disk.clone()
    duplicate(swapped, first, second)
    refuses(swapped)
    const other = killedDisk(30, 8999)
    overwriteFile(disk, first, bytesOf(other, segmentsOf(other)[0] ?? ''))
    refuses(disk)
  })

  it('EX3, Q1: the refusal names the offsets between what can still be read', () => {
    const disk = killedDisk(6, 2000)
    const [path = ''] = segmentsOf(disk)
    const at = Buffer.from(bytesOf(disk, path)).indexOf(Buffer.from(runOf(1, 2, 2000).bytes))
    const inPayload = disk.clone()
    flipBit(inPayload, path, (at + 1000) * 8)
    assert.deepEqual(damageOf(() => openJournal(inPayload)).offsets, [{ mailbox: 1, first: 2, last: 2 }])
    zero(disk, path, { start: at - 100, end: at - 60 })
    assert.deepEqual(damageOf(() => openJournal(disk)).offsets, [{ mailbox: 1, first: 2, last: 2 }])
  })

  it('CS2: a failed read while opening refuses, and changes nothing that was kept', () => {
    const start = killedDisk(10, 9000)
    const reads = range(6, 1)
    for (const nth of reads) {
      const disk = start.clone()
      disk.addFault({ call: 'read', path: 'segment-', code: 'EIO', nth, times: 1000 })
      const before = dataOf(disk)
      assert.throws(() => openJournal(disk), isCorrupt)
      assert.deepEqual(dataOf(disk), before)
    }
    for (const nth of range(20, 7)) {
      const disk = start.clone()
      disk.addFault({ call: 'read', path: 'segment-', code: 'EIO', nth, times: 1000 })
      try {
        openJournal(disk)
      } catch (error) {
        assert.ok(isCorrupt(error) || codeOf('UNLOST_BROKEN')(error))
      }
      disk.clearFaults()
      assert.deepEqual(offsetsIn(openJournal(disk), 1), range(10))
    }
  })
})

describe('the directory', () => {
  it('U1: is made with its parents when it is missing, and what is there is not touched by a look', () => {
    const disk = new SimulatedDisk()
    peek(disk, '/a/b/c')
    assert.deepEqual(disk.list('/'), [])
    prepareDirectory(disk, '/a/b/c')
    disk.crash()
    disk.restart('power')
    assert.equal(disk.kind('/a/b/c'), 'directory')
  })

  it('U1: a directory that is a file, or below one, is refused', () => {
    const disk = new SimulatedDisk()
    makeSmall(disk, '/file', Buffer.from('text'))
    for (const path of ['/file', '/file/below']) {
      assert.throws(() => {
        peek(disk, path)
        prepareDirectory(disk, path)
      }, codeOf('UNLOST_DIRECTORY'))
    }
    assert.deepEqual(disk.list('/'), ['file'])
  })

  it('U2: is refused when it holds other files and none of ours', () => {
    const disk = new SimulatedDisk()
    disk.makeDirectory(directory)
    makeSmall(disk, `${directory}/letter.txt`, Buffer.from('dear'))
    assert.throws(() => openJournal(disk), codeOf('UNLOST_DIRECTORY'))
    assert.deepEqual(disk.list(directory), ['letter.txt'])
    const mixed = killedDisk(1, 10)
    makeSmall(mixed, `${directory}/letter.txt`, Buffer.from('dear'))
    assert.deepEqual(openJournal(mixed).recovered.report.unknownFiles, ['letter.txt'])
  })

  it('U2: is refused when it is read-only', () => {
    const disk = killedDisk(1, 10)
    disk.isReadOnly = true
    assert.throws(() => openJournal(disk), codeOf('UNLOST_DIRECTORY'))
  })

  it('U3: is refused when one file is of a newer format, before anything is claimed', () => {
    const disk = killedDisk(20, 9000)
    const [first = ''] = segmentsOf(disk)
    overwrite(disk, first, { position: 8, bytes: Uint8Array.of(2) })
    const before = filesOf(disk)
    assert.throws(() => openJournal(disk), codeOf('UNLOST_NEWER_FORMAT'))
    assert.deepEqual(filesOf(disk), before)
  })
})

describe('a claim', () => {
  function claimed() {
    const disk = new SimulatedDisk()
    disk.makeDirectory(directory)
    disk.syncDirectory('/')
    return disk
  }

  it('O1: of two for the same epoch one wins, the other has changed nothing', () => {
    const disk = claimed()
    const seen = newestOwner(disk, directory)
    claim(disk, { directory, identity: identityOf('a') }, seen)
    const before = disk.clone()
    assert.throws(() => claim(disk, { directory, identity: identityOf('b') }, seen), codeOf('UNLOST_LOCKED'))
    assert.deepEqual(filesOf(disk), filesOf(before))
    assert.equal(newestOwner(disk, directory)?.identity?.nonce, 'a')
  })

  it('O1: one that looked long ago does not bring an old epoch back', () => {
    const disk = claimed()
    const seen = newestOwner(disk, directory)
    for (const _ of range(4)) claimNext(disk).tidy()
    assert.throws(
      () => claim(disk, { directory, identity: identityOf('late') }, seen),
      codeOf('UNLOST_LOCKED'),
    )
    assert.equal(disk.kind(`${directory}/owner-000000000001`), 'absent')
  })

  it('O2: holds until the next epoch is claimed, and is durable at once', () => {
    const disk = claimed()
    const first = claimNext(disk)
    disk.crash()
    disk.restart('power')
    assert.ok(first.holds())
    const second = claimNext(disk)
    assert.ok(!first.holds() && second.holds())
  })

  it('O3: whoever wakes after many owners finds that it was replaced', () => {
    const disk = claimed()
    const claims = range(6).map(() => {
      const owned = claimNext(disk)
      owned.tidy()
      return owned
    })
    assert.deepEqual(
      claims.map((owned) => owned.holds()),
      [false, false, false, false, false, true],
    )
    assert.equal(filesOf(disk).length, 2)
  })

  it('O4: one that refused the directory is passed over when asking how the last owner ended', () => {
    const disk = claimed()
    const first = claimNext(disk)
    assert.equal(first.previous, 'none')
    first.close({ segmentId: 1, epoch: 1, byteLength: 1, chain: 1 })
    claimNext(disk).giveUp()
    assert.equal(claimNext(disk).previous, 'closed')
    assert.equal(claimNext(disk).previous, 'crashed')
  })

  it('C1: a record whose sum fails tells nothing', () => {
    const record = { served: true, floor: { segmentId: 1, epoch: 2, byteLength: 3, chain: 4 } }
    const bytes = encodeClosed(record)
    assert.deepEqual(decodeClosed(bytes), record)
    assert.deepEqual(decodeClosed(encodeClosed({ served: false, floor: undefined })), {
      served: false,
      floor: undefined,
    })
    for (let at = 0; at < bytes.length - 1; at += 1) {
      const changed = Uint8Array.from(bytes)
      changed[at] = (changed[at] ?? 0) ^ 4
      assert.equal(decodeClosed(changed), undefined, `byte ${at}`)
      assert.equal(decodeClosed(bytes.slice(0, at)), undefined, `cut at ${at}`)
    }
  })

  it('M1: a small file is durable when its name is, and is closed on every way out', () => {
    const disk = claimed()
    makeSmall(disk, `${directory}/a`, Buffer.from('text'))
    disk.syncDirectory(directory)
    disk.crash()
    disk.restart('power')
    assert.equal(Buffer.from(readSmall(disk, `${directory}/a`, 3)).toString(), 'tex')
    assert.throws(() => withFile(disk, disk.open(`${directory}/a`, 'read'), () => assert.fail('out')))
    assert.equal(disk.openFiles, 0)
  })
})

function usedIn(bytes: Uint8Array): number {
  return bytes.findLastIndex((byte) => byte !== 0) + 1
}

function overwriteFile(disk: SimulatedDisk, path: string, bytes: Uint8Array): void {
  if (disk.kind(path) === 'file') disk.remove(path)
  makeSmall(disk, path, bytes)
}
