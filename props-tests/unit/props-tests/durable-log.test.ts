import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { DurableLog } from '../../durable-log.ts'
import { SimulatedDisk } from '../../index.ts'
import { directory, openJournal } from '../../support/journal-subject.ts'
import { runOf } from '../../support/runs.ts'

const declared = Buffer.concat([
  Buffer.from([0]),
  Buffer.from(JSON.stringify({ kind: 'topic', topic: 1, name: 'orders', partitions: 2, mailbox: 7 })),
])

let disk: SimulatedDisk
let log: DurableLog

beforeEach(() => {
  disk = new SimulatedDisk()
  log = new DurableLog(disk, directory)
})

/** The name of the only segment there is. */
function segment(): string {
  const name = disk
    .list(directory)
    .find((each) => each.startsWith('segment-1-') || /^segment-0*1-/.test(each))
  assert.ok(name !== undefined)
  return `${directory}/${name}`
}

describe('what a power cut would leave, as DurableLog reads it', () => {
  it('SF5, DL1: a batch is safe once its frame is synced, and not before', () => {
    const journal = openJournal(disk, 1)
    journal.commit({ events: [declared], runs: [runOf([8, 0, 2])] })
    assert.equal(log.next('orders', 1), 2)
    assert.equal(log.next('orders', 0), 0)
    disk.addFault({ call: 'sync', nth: 1, effect: 'ignored' })
    journal.commit({ events: [], runs: [runOf([8, 2, 3])] })
    assert.equal(log.next('orders', 1), 2)
    journal.commit({ events: [], runs: [runOf([8, 5, 1])] })
    assert.equal(log.next('orders', 1), 6)
  })

  it('DL1: what lies in a file whose name is not durable is not safe', () => {
    disk.addFault({ call: 'syncDirectory', nth: 1, times: Infinity, effect: 'ignored' })
    const journal = openJournal(disk, 1)
    journal.commit({ events: [declared], runs: [runOf([8, 0, 2])] })
    assert.equal(log.next('orders', 1), 0)
  })

  it('DS1, DS2: a frame that is not whole ends the log', () => {
    const journal = openJournal(disk, 1)
    journal.commit({ events: [declared], runs: [runOf([8, 0, 1])] })
    journal.commit({ events: [], runs: [runOf([8, 1, 1], 300)] })
    const file = disk.tree.lookUp(segment(), 'look')
    assert.ok(file?.kind === 'file')
    const end = file.durable.findLastIndex((byte) => byte !== 0)
    journal.commit({ events: [], runs: [runOf([8, 2, 1])] })
    assert.equal(log.next('orders', 1), 3)
    file.edit((bytes) => {
      bytes[end - 20] = (bytes[end - 20] ?? 0) ^ 4
    })
    disk.kind(directory)
    assert.equal(log.next('orders', 1), 1)
  })

  it('DL3: a copy counts with its OPEN frame, and what a replaced owner writes on does not', () => {
    const old = openJournal(disk, 1)
    old.commit({ events: [declared], runs: [runOf([8, 0, 1])] })
    const heir = openJournal(disk, 2)
    assert.equal(log.next('orders', 1), 1)
    assert.throws(() => old.commit({ events: [], runs: [runOf([8, 1, 1])] }))
    assert.equal(log.next('orders', 1), 1)
    heir.commit({ events: [], runs: [runOf([8, 1, 2])] })
    assert.equal(log.next('orders', 1), 3)
  })

  it('DL3: it agrees with an opening after a power cut, over rotations, checkpoints and trims', () => {
    const journal = openJournal(disk, 1)
    journal.commit({ events: [declared], runs: [] })
    for (let next = 0; next < 60; next += 1) {
      journal.commit({ events: [], runs: [runOf([7, next, 1], 5_000), runOf([8, next * 2, 2], 30)] })
      if (next % 9 === 0) journal.checkpoint(Buffer.alloc(200))
      if (next % 10 === 9)
        journal.trim(
          new Map([
            [7, next - 5],
            [8, next * 2],
          ]),
        )
      const cut = disk.clone()
      cut.restart('power')
      const { mailboxes } = openJournal(cut, 2).recovered
      assert.equal(log.next('orders', 0), mailboxes.get(7)?.next)
      assert.equal(log.next('orders', 1), mailboxes.get(8)?.next)
    }
  })

  it('DL2: looking makes no call', () => {
    const journal = openJournal(disk, 1)
    journal.commit({ events: [declared], runs: [runOf([7, 0, 1])] })
    const { calls } = disk
    assert.equal(log.next('orders', 0), 1)
    assert.equal(log.mailboxOf('orders'), 7)
    assert.equal(log.producerOf(1), undefined)
    assert.equal(disk.calls, calls)
  })
})
