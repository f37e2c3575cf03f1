import assert from 'node:assert/strict'
import { it } from 'node:test'
import { SimulatedDisk } from '../simulated-disk.ts'
import { openJournal } from '../support/journal-subject.ts'
import { runOf } from '../support/runs.ts'

it('S1: a last segment that was sealed more than half full is found again', () => {
  const disk = new SimulatedDisk()
  const first = openJournal(disk, 1)
  for (let i = 0; i < 6; i += 1) first.commit({ events: [], runs: [runOf([1, i, 1], 8000)] })
  first.release()
  const second = openJournal(disk, 2)
  assert.deepEqual(second.recovered.mailboxes, new Map([[1, { first: 0, next: 6 }]]))
  assert.equal(second.read(1, 5, 1).length, 1)
})
