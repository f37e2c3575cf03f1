/**
 * Proves that what a crash cannot leave is refused, with file, bytes and offsets, and nothing changed.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newestOwner, segmentName } from '../../../persistence/internal.ts'
import { bytesOf, duplicate, flipBit, overwrite, resize, vanish, zero } from '../../disk-damage.ts'
import { SimulatedDisk } from '../../simulated-disk.ts'
import {
  batchOf,
  codeOf,
  damageOf,
  dataOf,
  directory,
  endOf,
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
} from './journal-fixture.ts'

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

  it('EX1, EX4: the newest segment cannot vanish or be emptied after the one before was left for it', () => {
    const disk = killedDisk(12, 9000)
    const path = `${directory}/${segmentName(2, newestOwner(disk, directory)?.epoch ?? 0)}`
    const empty = disk.clone()
    resize(empty, path, 0)
    refuses(empty)
    vanish(disk, path)
    refuses(disk)
  })

  it('EX1: the last segment of an owner that closed cannot vanish, though nothing else names it', () => {
    const disk = new SimulatedDisk()
    // More than half full: the next owner leaves it as it is, and begins another.
    const first = openJournal(disk)
    fill(first, { first: 0, count: 5, size: 9000 })
    first.release()
    const second = openJournal(disk)
    fill(second, { first: 5, count: 1, size: 60 })
    second.release()
    const [, last = ''] = segmentsOf(disk)
    const whole = disk.clone()
    assert.deepEqual(offsetsIn(openJournal(whole), 1), range(6))
    vanish(disk, last)
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
