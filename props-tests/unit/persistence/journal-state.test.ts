/**
 * Proves checkpoints, events, fencing and trimming.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { flipBit } from '../../disk-damage.ts'
import { SimulatedDisk } from '../../simulated-disk.ts'
import {
  batchOf,
  claimNext,
  codeOf,
  dataOf,
  eventsOf,
  fill,
  offsetsIn,
  openJournal,
  range,
  runOf,
  segmentsOf,
  textsOf,
} from './journal-fixture.ts'

describe('state', () => {
  it('J8: events come back in order after the last complete checkpoint', () => {
    const disk = new SimulatedDisk()
    const journal = openJournal(disk)
    journal.commit(eventsOf('a', 'b'))
    const state = Buffer.alloc(50_000, 's')
    assert.equal(journal.checkpoint(state).eventBytesSinceCheckpoint, 0)
    assert.equal(journal.commit(eventsOf('c', '')).eventBytesSinceCheckpoint, 9)
    const again = openJournal(disk)
    assert.deepEqual(Buffer.from(again.recovered.checkpoint ?? []), state)
    assert.deepEqual(textsOf(again.recovered.events), ['c', ''])
    assert.equal(again.commit(eventsOf('d')).eventBytesSinceCheckpoint, 14)
  })

  it('J8, LE1: a checkpoint that was cut short does not count', () => {
    for (const parts of [1, 2, 3]) {
      const disk = new SimulatedDisk()
      const journal = openJournal(disk)
      journal.checkpoint(Buffer.from('old'))
      journal.commit(eventsOf('a'))
      disk.addFault({
        call: 'sync',
        path: 'segment-000000000001',
        code: 'EIO',
        nth: parts,
        effect: 'dropped',
      })
      assert.throws(() => journal.checkpoint(Buffer.alloc(30_000, 'n')), codeOf('UNLOST_BROKEN'))
      disk.clearFaults()
      disk.crash()
      disk.restart('power')
      const again = openJournal(disk)
      assert.equal(Buffer.from(again.recovered.checkpoint ?? []).toString(), 'old')
      assert.deepEqual(textsOf(again.recovered.events), ['a'])
    }
  })

  it('LE2: state that a checkpoint replaced is not given back', () => {
    const disk = new SimulatedDisk()
    const journal = openJournal(disk)
    journal.commit(eventsOf('x'.repeat(9000)))
    fill(journal, { first: 0, count: 12, size: 9000 })
    journal.checkpoint(Buffer.from('state'))
    const { recovered } = openJournal(disk)
    assert.equal(Buffer.from(recovered.checkpoint ?? []).toString(), 'state')
    assert.deepEqual(recovered.events, [])
  })

  it('RS1: state that does not match its sum refuses the directory', () => {
    const disk = new SimulatedDisk()
    const journal = openJournal(disk)
    journal.commit(eventsOf('x'.repeat(9000)))
    fill(journal, { first: 0, count: 12, size: 9000 })
    const [first = ''] = segmentsOf(disk)
    flipBit(disk, first, (4096 + 5000) * 8)
    const before = dataOf(disk)
    assert.throws(() => openJournal(disk), codeOf('UNLOST_CORRUPT'))
    assert.deepEqual(dataOf(disk), before)
  })

  it('J5: an owner that was replaced confirms nothing and writes nothing more', () => {
    const disk = new SimulatedDisk({ log: true })
    const zombie = openJournal(disk)
    zombie.commit(batchOf(runOf(1, 0)))
    const journal = openJournal(disk)
    assert.throws(() => zombie.commit(batchOf(runOf(1, 1))), codeOf('UNLOST_FENCED', 'unknown'))
    const before = disk.log.length
    assert.throws(() => zombie.commit(batchOf(runOf(1, 1))), codeOf('UNLOST_FENCED', 'not-written'))
    assert.throws(() => zombie.checkpoint(Buffer.from('s')), codeOf('UNLOST_FENCED'))
    zombie.release()
    assert.ok(disk.log.slice(before).every((line) => !/\b(write|sync|remove)\b/.test(line)))
    journal.commit(batchOf(runOf(1, 1, 77)))
    assert.deepEqual(journal.read(1, 1, 10)[0]?.bytes.length, 77)
    assert.deepEqual(offsetsIn(openJournal(disk), 1), [0, 1])
  })

  it('J5, F-zombie: a replaced owner that rotates disturbs nobody', () => {
    const disk = new SimulatedDisk()
    const zombie = openJournal(disk)
    fill(zombie, { first: 0, count: 6, size: 9000 })
    const journal = openJournal(disk)
    assert.throws(() => fill(zombie, { first: 6, count: 1, size: 20_000 }), codeOf('UNLOST_FENCED'))
    fill(journal, { first: 6, count: 5, size: 9000 })
    const again = openJournal(disk)
    assert.deepEqual(offsetsIn(again, 1), range(11))
  })

  it('J5: a claim alone fences, before anything was read or copied', () => {
    const disk = new SimulatedDisk()
    const zombie = openJournal(disk)
    claimNext(disk)
    assert.throws(() => zombie.commit(batchOf(runOf(1, 0))), codeOf('UNLOST_FENCED', 'unknown'))
  })
})

describe('trim', () => {
  it('J7, TM1: whole segments go, the oldest first, and never one that is needed', () => {
    const disk = new SimulatedDisk()
    const journal = openJournal(disk)
    fill(journal, { first: 0, count: 40, size: 9000 })
    journal.commit(batchOf(runOf(2, 0)))
    const before = journal.commit(eventsOf('x'))
    assert.equal(journal.trim(new Map([[1, 3]])).journalBytes, before.journalBytes)
    journal.checkpoint(Buffer.from('state'))
    const after = journal.trim(new Map([[1, 20]]))
    assert.ok(after.journalBytes < before.journalBytes)
    const { first = -1 } = openJournal(disk).recovered.mailboxes.get(1) ?? {}
    assert.ok(first > 0 && first <= 20)
  })

  it('J7: state that counts keeps its segment', () => {
    const disk = new SimulatedDisk()
    const journal = openJournal(disk)
    journal.commit(eventsOf('first'))
    fill(journal, { first: 0, count: 20, size: 9000 })
    journal.trim(new Map([[1, 20]]))
    assert.deepEqual(textsOf(openJournal(disk).recovered.events), ['first'])
  })

  it('TM2, X3: a mailbox whose messages are all gone keeps its next offset, over many trims', () => {
    const disk = new SimulatedDisk()
    let journal = openJournal(disk)
    journal.commit(batchOf(runOf(7, 0), runOf(7, 1)))
    for (const round of range(4)) {
      fill(journal, { first: round * 20, count: 20, size: 9000 })
      journal.trim(
        new Map([
          [1, round * 20 + 20],
          [7, 2],
        ]),
      )
      journal = openJournal(disk)
      assert.deepEqual(journal.recovered.mailboxes.get(7), { first: 2, next: 2 })
      assert.equal(journal.recovered.mailboxes.get(1)?.next, round * 20 + 20)
    }
    journal.commit(batchOf(runOf(7, 2)))
    assert.deepEqual(offsetsIn(openJournal(disk), 7, 2), [2])
  })

  it('TM2: more mailboxes than one frame takes keep their next offsets', () => {
    const disk = new SimulatedDisk()
    const journal = openJournal(disk)
    for (const part of range(8))
      journal.commit(batchOf(...range(150, part * 150).map((id) => runOf(id + 10, 0, 8))))
    fill(journal, { first: 0, count: 30, size: 9000 })
    const firsts = new Map(range(1200).map((id) => [id + 10, 1]))
    journal.trim(firsts.set(1, 30))
    const { mailboxes } = openJournal(disk).recovered
    for (const id of range(1200)) assert.deepEqual(mailboxes.get(id + 10), { first: 1, next: 1 })
  })

  it('J7: a removal that the power cut undid is done again', () => {
    const disk = new SimulatedDisk()
    const journal = openJournal(disk)
    fill(journal, { first: 0, count: 40, size: 9000 })
    disk.addFault({ call: 'syncDirectory', code: 'EIO', effect: 'dropped' })
    const before = segmentsOf(disk).length
    assert.throws(() => journal.trim(new Map([[1, 40]])), codeOf('UNLOST_BROKEN'))
    disk.clearFaults()
    disk.crash()
    disk.restart('power')
    const again = openJournal(disk)
    assert.equal(again.recovered.mailboxes.get(1)?.next, 40)
    assert.ok(segmentsOf(disk).length < before)
  })
})
