/**
 * Proves what an open journal does: commit, read, checkpoint, trim, idle, release, and what a failing disk makes of it.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { JournalStore } from '../../../persistence/internal.ts'
import { InlineSpares } from '../../../persistence/spare-segments.ts'
import { flipBit, bytesOf } from '../../disk-damage.ts'
import { SimulatedDisk } from '../../simulated-disk.ts'
import {
  batchOf,
  claimNext,
  dataOf,
  directory,
  eventsOf,
  fill,
  offsetsIn,
  openJournal,
  range,
  runOf,
  segmentBytes,
  segmentsOf,
  textsOf,
} from './journal-fixture.ts'

const codeOf = (code: string, outcome?: string) => (error: unknown) =>
  error instanceof Error &&
  'code' in error &&
  error.code === code &&
  (outcome === undefined || ('outcome' in error && error.outcome === outcome))

describe('a commit', () => {
  it('J1: makes one write, one sync and two look-ups, in this order, and nothing else', () => {
    const disk = new SimulatedDisk({ log: true })
    const journal = openJournal(disk)
    const before = disk.log.length
    journal.commit(batchOf(runOf(1, 0)))
    const calls = disk.log.slice(before).map((line) => /\b(write|sync|kind|open|read)\b/.exec(line)?.[1])
    assert.deepEqual(calls, ['write', 'sync', 'kind', 'kind'])
  })

  it('J1: is there after a power cut that keeps nothing of what was not synced', () => {
    const disk = new SimulatedDisk()
    const journal = openJournal(disk)
    journal.commit({ events: [Buffer.from('e')], runs: [runOf(1, 0), runOf(2, 0), runOf(1, 1)] })
    disk.crash()
    disk.restart('power')
    const again = openJournal(disk)
    assert.deepEqual(offsetsIn(again, 1), [0, 1])
    assert.deepEqual(offsetsIn(again, 2), [0])
    assert.deepEqual(textsOf(again.recovered.events), ['e'])
    assert.equal(again.recovered.report.previous, 'crashed')
  })

  it('J2: is of unknown outcome after a failed sync, and nothing is written ever again', () => {
    for (const effect of ['dropped', 'half', 'full'] as const) {
      const disk = new SimulatedDisk({ log: true })
      const journal = openJournal(disk)
      journal.commit(batchOf(runOf(1, 0)))
      disk.addFault({ call: 'sync', code: 'EIO', effect })
      assert.throws(() => journal.commit(batchOf(runOf(1, 1))), codeOf('UNLOST_BROKEN', 'unknown'))
      const before = disk.log.length
      assert.throws(() => journal.commit(batchOf(runOf(1, 1))), codeOf('UNLOST_BROKEN', 'not-written'))
      assert.throws(() => journal.checkpoint(Buffer.from('s')), codeOf('UNLOST_BROKEN'))
      assert.throws(() => journal.idle(), codeOf('UNLOST_BROKEN'))
      assert.deepEqual(journal.read(1, 0, 100).length, 1)
      journal.release()
      assert.ok(disk.log.slice(before).every((line) => !/\b(write|sync|truncate|remove)\b/.test(line)))
      assert.deepEqual(offsetsIn(openJournal(disk), 1).slice(0, 1), [0])
    }
  })

  it('J2: is of unknown outcome after a write that failed for another reason than space', () => {
    const disk = new SimulatedDisk()
    const journal = openJournal(disk)
    disk.addFault({ call: 'write', code: 'EIO', effect: 'half' })
    assert.throws(() => journal.commit(batchOf(runOf(1, 0))), codeOf('UNLOST_BROKEN', 'unknown'))
  })

  it('J3: leaves nothing when the write found no space, and the same offsets may come again', () => {
    const disk = new SimulatedDisk()
    const journal = openJournal(disk)
    journal.commit(batchOf(runOf(1, 0)))
    disk.addFault({ call: 'write', code: 'ENOSPC', effect: 'half' })
    const refused = { events: [Buffer.from('never')], runs: [runOf(1, 1, 5000)] }
    assert.throws(() => journal.commit(refused), codeOf('UNLOST_DISK_FULL', 'not-written'))
    const copy = disk.clone()
    copy.crash()
    copy.restart('kill')
    assert.deepEqual(openJournal(copy).recovered.events, [])
    journal.commit(batchOf(runOf(1, 1, 20)))
    assert.deepEqual(offsetsIn(journal, 1), [0, 1])
  })

  it('J3: is broken when what was left of it cannot be made zero again', () => {
    const disk = new SimulatedDisk()
    const journal = openJournal(disk)
    disk.addFault({ call: 'write', code: 'ENOSPC', effect: 'half', times: 2 })
    assert.throws(() => journal.commit(batchOf(runOf(1, 0))), codeOf('UNLOST_BROKEN', 'unknown'))
  })

  it('J6: is read only after it was confirmed', () => {
    const disk = new SimulatedDisk()
    const journal = openJournal(disk)
    disk.addFault({ call: 'sync', code: 'EIO', effect: 'full' })
    assert.throws(() => journal.commit(batchOf(runOf(1, 0))))
    assert.deepEqual(journal.read(1, 0, 100), [])
  })

  it('J6: refuses a run that is not the next of its mailbox, before anything is written', () => {
    const disk = new SimulatedDisk()
    const journal = openJournal(disk)
    journal.commit(batchOf(runOf(1, 0)))
    const before = dataOf(disk)
    for (const offset of [0, 2]) assert.throws(() => journal.commit(batchOf(runOf(1, offset))), /next offset/)
    assert.throws(() => journal.commit(batchOf(runOf(2, 5))), /next offset/)
    assert.deepEqual(dataOf(disk), before)
  })

  it('J3: refuses what no frame takes, by name and before anything is written', () => {
    const disk = new SimulatedDisk()
    const journal = openJournal(disk)
    const before = dataOf(disk)
    const max = journal.limits.batchBytesMax
    const isTooLarge = codeOf('UNLOST_TOO_LARGE', 'not-written')
    assert.throws(() => journal.commit(batchOf(runOf(1, 0, max + 1))), isTooLarge)
    const many = range(2000).map((offset) => runOf(1, offset, 8))
    assert.throws(() => journal.commit(batchOf(...many)), isTooLarge)
    assert.deepEqual(dataOf(disk), before)
    journal.commit(batchOf(runOf(1, 0, max)))
    assert.deepEqual(offsetsIn(openJournal(disk), 1), [0])
  })
})

describe('a rotation', () => {
  it('J4: seals, and makes the file after it first', () => {
    const disk = new SimulatedDisk({ log: true })
    const journal = openJournal(disk)
    fill(journal, { first: 0, count: 20, size: 8000 })
    assert.ok(segmentsOf(disk).length >= 3)
    const first = disk.log.findIndex(
      (line) => line.includes('create') && line.includes('segment-000000000002'),
    )
    const name = disk.log.findIndex((line, at) => at > first && line.includes('syncDirectory'))
    const header = disk.log.findIndex(
      (line) => line.includes('open') && line.includes('segment-000000000002') && line.includes('write'),
    )
    assert.ok(first >= 0 && name > first && header > name)
    assert.deepEqual(offsetsIn(openJournal(disk), 1), range(20))
  })

  it('P1: a file is ready only when data, size and name are durable', () => {
    const disk = new SimulatedDisk()
    disk.makeDirectory(directory)
    disk.syncDirectory('/')
    const spares = new InlineSpares(disk)
    spares.order({ directory, path: `${directory}/zeros`, sizeBytes: 10_000 })
    assert.equal(spares.poll().state, 'ready')
    disk.crash()
    disk.restart('power')
    assert.equal(bytesOf(disk, `${directory}/zeros`).length, 10_000)
  })

  it('P2: a file that could not be made is gone again, one that was there before is not', () => {
    const disk = new SimulatedDisk()
    disk.makeDirectory(directory)
    const spares = new InlineSpares(disk)
    const order = { directory, path: `${directory}/zeros`, sizeBytes: 10_000 }
    disk.addFault({ call: 'write', code: 'ENOSPC', effect: 'half' })
    spares.order(order)
    assert.equal(spares.settle().state, 'failed')
    assert.deepEqual(disk.list(directory), [])
    spares.order(order)
    spares.taken()
    spares.order(order)
    assert.equal(spares.poll().state, 'failed')
    assert.deepEqual(disk.list(directory), ['zeros'])
  })

  it('P3: orders come one after the other', () => {
    const disk = new SimulatedDisk()
    disk.makeDirectory(directory)
    const spares = new InlineSpares(disk)
    assert.equal(spares.poll().state, 'none')
    spares.order({ directory, path: `${directory}/a`, sizeBytes: 100 })
    spares.taken()
    spares.order({ directory, path: `${directory}/b`, sizeBytes: 100 })
    assert.deepEqual(disk.list(directory), ['a', 'b'])
  })
})

describe('a full disk', () => {
  function fullDisk() {
    const disk = new SimulatedDisk()
    const journal = openJournal(disk)
    disk.quotaBytes = segmentBytes + 4096
    let offset = 0
    const send = () => {
      journal.commit(batchOf(runOf(1, offset, 3000)))
      offset += 1
    }
    return { disk, journal, send, sent: () => offset }
  }

  it('SP1: messages stop, acknowledgements and checkpoints go on', () => {
    const { disk, journal, send, sent } = fullDisk()
    assert.throws(
      () => {
        for (;;) send()
      },
      codeOf('UNLOST_DISK_FULL', 'not-written'),
    )
    assert.ok(sent() > 10)
    for (const i of range(10)) journal.commit(eventsOf(`ack ${i}`))
    journal.checkpoint(Buffer.from('state'))
    assert.throws(send, codeOf('UNLOST_DISK_FULL'))
    const before = dataOf(disk)
    disk.crash()
    disk.restart('kill')
    assert.throws(() => openJournal(disk), codeOf('UNLOST_DISK_FULL', 'not-written'))
    assert.deepEqual(dataOf(disk), before)
    disk.quotaBytes = 3 * segmentBytes
    const again = openJournal(disk)
    assert.deepEqual(offsetsIn(again, 1), range(sent()))
    assert.equal(textsOf(again.recovered.events).length, 0)
    assert.equal(Buffer.from(again.recovered.checkpoint ?? []).toString(), 'state')
  })

  it('SP2: a refusal writes nothing, and sending goes on by itself when space returns', () => {
    const { disk, journal, send, sent } = fullDisk()
    assert.throws(() => {
      for (;;) send()
    }, codeOf('UNLOST_DISK_FULL'))
    const before = dataOf(disk)
    assert.throws(send, codeOf('UNLOST_DISK_FULL'))
    assert.deepEqual(dataOf(disk), before)
    disk.quotaBytes = Number.POSITIVE_INFINITY
    for (const _ of range(30)) send()
    assert.deepEqual(offsetsIn(journal, 1), range(sent()))
    assert.deepEqual(offsetsIn(openJournal(disk), 1), range(sent()))
  })

  it('SP2: a trim on a full disk gives the space back', () => {
    const { disk, journal, send, sent } = fullDisk()
    disk.quotaBytes = 3 * segmentBytes + 4096
    assert.throws(() => {
      for (;;) send()
    }, codeOf('UNLOST_DISK_FULL'))
    journal.checkpoint(Buffer.from('state'))
    journal.trim(new Map([[1, sent()]]))
    send()
    assert.deepEqual(offsetsIn(journal, 1, sent() - 1), [sent() - 1])
  })

  it('SP2: a checkpoint that cannot be kept whole is refused before its first part', () => {
    const { disk, journal } = fullDisk()
    const before = dataOf(disk)
    assert.throws(
      () => journal.checkpoint(Buffer.alloc(2 * segmentBytes)),
      codeOf('UNLOST_DISK_FULL', 'not-written'),
    )
    assert.deepEqual(dataOf(disk), before)
  })
})

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
    const again = openJournal(disk)
    assert.throws(
      () => again.read(1, 2, 100),
      (error: unknown) => {
        assert.ok(error instanceof Error && 'damage' in error)
        const damage = error.damage as { file: string; start: number; end: number; offsets: unknown }
        assert.deepEqual(damage.offsets, [{ mailbox: 1, first: 2, last: 2 }])
        assert.ok(first.endsWith(damage.file) && damage.start <= at + 4000 && damage.end > at + 4000)
        return true
      },
    )
    assert.deepEqual(offsetsIn(again, 1, 3), range(27, 3))
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

  it('X1: the index has an entry per stride, not per message', async () => {
    const { MailboxIndex } = await import('../../../persistence/mailbox-index.ts')
    const index = new MailboxIndex()
    for (const i of range(10_000)) {
      const run = { mailbox: 1, firstOffset: i, count: 1, timestampMs: i }
      index.add(run, { segmentId: 1 + Math.floor(i / 5000), position: 4096 + (i % 5000) * 200 })
    }
    assert.ok(index.entries(1).length <= 2 * (1 + (5000 * 200) / 65_536))
    assert.equal(index.entries(1)[0]?.firstOffset, 0)
  })

  it('X2: a run that does not continue its mailbox is never taken in', async () => {
    const { MailboxIndex } = await import('../../../persistence/mailbox-index.ts')
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

  it('LE2: state that a checkpoint replaced is not read again', () => {
    const disk = new SimulatedDisk()
    const journal = openJournal(disk)
    journal.commit(eventsOf('x'.repeat(9000)))
    fill(journal, { first: 0, count: 12, size: 9000 })
    journal.checkpoint(Buffer.from('state'))
    const [first = ''] = segmentsOf(disk)
    flipBit(disk, first, (4096 + 5000) * 8)
    assert.equal(Buffer.from(openJournal(disk).recovered.checkpoint ?? []).toString(), 'state')
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

describe('idle and release', () => {
  it('J1: an idle mark is written once, and only behind something', () => {
    const disk = new SimulatedDisk({ log: true })
    const journal = openJournal(disk)
    journal.commit(batchOf(runOf(1, 0)))
    journal.idle()
    const before = disk.log.length
    journal.idle()
    assert.equal(disk.log.length, before)
  })

  it('J1: release seals, gives space back, is idempotent, and the next opening knows it', () => {
    const disk = new SimulatedDisk()
    const journal = openJournal(disk)
    fill(journal, { first: 0, count: 3, size: 9000 })
    journal.release()
    journal.release()
    assert.equal(disk.openFiles, 0)
    assert.equal(segmentsOf(disk).length, 1)
    assert.ok(bytesOf(disk, segmentsOf(disk)[0] ?? '').length < 32_000)
    for (const call of [() => journal.commit(batchOf()), () => journal.read(1, 0, 1), () => journal.idle()]) {
      assert.throws(call, codeOf('UNLOST_CLOSED'))
    }
    const again = openJournal(disk)
    assert.equal(again.recovered.report.previous, 'closed')
    assert.deepEqual(offsetsIn(again, 1), range(3))
  })

  it('JS1: the store in line has done its work when it returns, and rejects what the journal throws', async () => {
    const disk = new SimulatedDisk()
    const journal = openJournal(disk)
    const store = new JournalStore(journal)
    const committed = store.commit(batchOf(runOf(1, 0)))
    assert.deepEqual(offsetsIn(journal, 1), [0])
    await committed
    await assert.rejects(store.commit(batchOf(runOf(1, 9))), /next offset/)
    assert.equal((await store.read(1, 0, 9)).length, 1)
    assert.equal(await store.offsetAt(1, 0), 0)
    await store.checkpoint(Buffer.from('s'))
    await store.trim(new Map())
    await store.release()
    await assert.rejects(store.commit(batchOf()), codeOf('UNLOST_CLOSED'))
  })
})
