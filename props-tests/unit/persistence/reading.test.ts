/**
 * Proves that what was committed is read back: in order, verified, and without searching.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MailboxIndex } from '../../../persistence/internal.ts'
import { bytesOf, flipBit } from '../../disk-damage.ts'
import { SimulatedDisk } from '../../simulated-disk.ts'
import { batchOf, codeOf, fill, offsetsIn, openJournal, range, runOf, segmentsOf } from './journal-fixture.ts'

describe('reading', () => {
  it('B1: damaged bytes are thrown with their offsets, the rest is still given', () => {
    const disk = new SimulatedDisk()
    const journal = openJournal(disk)
    fill(journal, { first: 0, count: 30, size: 9000 })
    const [first = ''] = segmentsOf(disk)
    const at = Buffer.from(bytesOf(disk, first)).indexOf(
      Buffer.from(runOf(1, 2, 9000).bytes.subarray(0, 100)),
    )
    flipBit(disk, first, (at + 4000) * 8)
    assert.throws(
      () => journal.read(1, 2, 100),
      (error: unknown) => {
        assert.ok(error instanceof Error && 'damage' in error)
        const damage = error.damage as { file: string; start: number; end: number; offsets: unknown }
        assert.deepEqual(damage.offsets, [{ mailbox: 1, first: 2, last: 2 }])
        assert.ok(first.endsWith(damage.file) && damage.start <= at + 4000 && damage.end > at + 4000)
        return true
      },
    )
    assert.deepEqual(offsetsIn(journal, 1, 3), range(27, 3))
  })

  it('B1: a read that the disk fails is damage, not an end', () => {
    const disk = new SimulatedDisk()
    const journal = openJournal(disk)
    fill(journal, { first: 0, count: 3, size: 100 })
    disk.addFault({ call: 'read', code: 'EIO', times: 9 })
    assert.throws(() => journal.read(1, 0, 100), codeOf('UNLOST_CORRUPT'))
    disk.clearFaults()
    assert.deepEqual(offsetsIn(journal, 1), range(3))
  })

  it('B2: gives runs from the one that holds the offset, until enough bytes, at least one', () => {
    const disk = new SimulatedDisk()
    const journal = openJournal(disk)
    const five = { mailbox: 1, firstOffset: 0, count: 5, timestampMs: 1, bytes: Buffer.alloc(500) }
    journal.commit(batchOf(five, { ...five, firstOffset: 5 }))
    journal.commit(batchOf({ ...five, firstOffset: 10 }))
    assert.deepEqual(
      journal.read(1, 7, 1).map((run) => run.firstOffset),
      [5],
    )
    assert.deepEqual(
      journal.read(1, 7, 501).map((run) => run.firstOffset),
      [5, 10],
    )
    assert.deepEqual(journal.read(1, 15, 500), [])
    assert.deepEqual(journal.read(9, 0, 500), [])
  })

  it('B3: a sparse mailbox among busy ones is read in order, with and without a cursor', () => {
    const disk = new SimulatedDisk()
    const journal = openJournal(disk)
    let rare = 0
    for (const i of range(300)) {
      const runs = [runOf(1, i, 1500)]
      if (i % 37 === 0) runs.push(runOf(2, rare++, 20))
      journal.commit(batchOf(...runs))
    }
    assert.deepEqual(offsetsIn(journal, 2), range(rare))
    for (const from of [299, 150, 0, 77])
      assert.deepEqual(offsetsIn(journal, 1, from), range(300 - from, from))
    const again = openJournal(disk)
    assert.deepEqual(offsetsIn(again, 2), range(rare))
    assert.deepEqual(
      again.read(2, rare - 1, 1).map((run) => run.firstOffset),
      [rare - 1],
    )
  })

  it('B3: reading on from where the last read ended reads the file once', () => {
    const disk = new SimulatedDisk({ log: true })
    const journal = openJournal(disk)
    fill(journal, { first: 0, count: 200, size: 200 })
    const before = disk.log.length
    for (let offset = 0; offset < 200; offset += 1) journal.read(1, offset, 1)
    const reads = disk.log.slice(before).filter((line) => /\bread\b/.test(line)).length
    assert.ok(reads < 20, `${reads} reads`)
  })

  it('X1: the index has an entry per stride, not per message', () => {
    const index = new MailboxIndex()
    for (const i of range(10_000)) {
      const run = { mailbox: 1, firstOffset: i, count: 1, timestampMs: i }
      index.add(run, { segmentId: 1 + Math.floor(i / 5000), position: 4096 + (i % 5000) * 200 })
    }
    assert.ok(index.entries(1).length <= 2 * (1 + (5000 * 200) / 65_536))
    assert.equal(index.entries(1)[0]?.firstOffset, 0)
  })

  it('X2: a run that does not continue its mailbox is never taken in', () => {
    const index = new MailboxIndex()
    const place = { segmentId: 1, position: 4096 }
    index.add({ mailbox: 1, firstOffset: 0, count: 2, timestampMs: 0 }, place)
    assert.throws(() => index.add({ mailbox: 1, firstOffset: 3, count: 1, timestampMs: 0 }, place), /X2/)
    assert.equal(index.next(1), 2)
  })

  it('B2: time is searched although the clock jumped back', () => {
    const disk = new SimulatedDisk()
    const journal = openJournal(disk)
    const times = [10, 20, 30, 5, 6, 7, 40, 50]
    for (const [i, timestampMs] of times.entries())
      journal.commit(batchOf({ ...runOf(1, i, 9000), timestampMs }))
    for (const at of [0, 10, 11, 30, 31, 40, 45, 51]) {
      const found = times.findIndex((timestampMs) => timestampMs >= at)
      assert.equal(journal.offsetAt(1, at), found < 0 ? times.length : found, `at ${at}`)
    }
    assert.equal(journal.offsetAt(7, 0), 0)
  })

  it('SG1: nothing beyond the durable end is read, not even by a window', () => {
    const disk = new SimulatedDisk()
    const journal = openJournal(disk)
    for (const i of range(50)) {
      journal.commit(batchOf(runOf(1, i, 40)))
      assert.deepEqual(
        journal.read(1, i, 1).map((run) => run.firstOffset),
        [i],
      )
    }
  })
})
