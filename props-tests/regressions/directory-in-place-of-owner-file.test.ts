import assert from 'node:assert/strict'
import { it } from 'node:test'
import { plantDirectory, rename } from '../disk-damage.ts'
import { SimulatedDisk } from '../simulated-disk.ts'
import { chooseLast } from '../choices.ts'
import { openJournal } from '../support/journal-subject.ts'
import { runOf } from '../support/runs.ts'

it('G9: a directory that bears the name of an old owner file, or of a torn tail, is left alone', () => {
  const disk = new SimulatedDisk()
  const first = openJournal(disk, 1)
  for (let i = 0; i < 3; i += 1) first.commit({ events: [], runs: [runOf([1, i, 1], 800)] })
  disk.restart('power', chooseLast)
  openJournal(disk, 2)
  disk.restart('power', chooseLast)
  rename(disk, '/data/owner-000000000001', '/data/old')
  plantDirectory(disk, '/data/owner-000000000001')
  for (let i = 0; i < 12; i += 1) plantDirectory(disk, `/data/aside-000000000001-000000000001-${i}`)
  for (const life of [3, 4]) {
    const next = openJournal(disk, life)
    assert.deepEqual(next.recovered.mailboxes, new Map([[1, { first: 0, next: 3 }]]))
    disk.restart('power', chooseLast)
  }
  assert.equal(disk.kind('/data/owner-000000000001'), 'directory')
})
