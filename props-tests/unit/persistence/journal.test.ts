/**
 * Proves what a commit, a rotation and a release promise, and what a failing or full disk makes of them.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { InlineSpares, JournalStore } from '../../../persistence/internal.ts'
import { bytesOf } from '../../disk-damage.ts'
import { SimulatedDisk } from '../../simulated-disk.ts'
import {
  batchOf,
  codeOf,
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

  it('J6, S3: is read only after it was confirmed', () => {
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
    assert.ok(sent() > 0)
    for (const i of range(100)) journal.commit(eventsOf(`ack ${i}`))
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
