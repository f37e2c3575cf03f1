import assert from 'node:assert/strict'
import { it } from 'node:test'
import { chooseLast } from '../choices.ts'
import { filesOf, resize } from '../disk-damage.ts'
import { CorruptError } from '../../persistence/index.ts'
import { SimulatedDisk } from '../simulated-disk.ts'
import { openJournal } from '../support/journal-subject.ts'
import { runOf } from '../support/runs.ts'

it('G9: a segment that was emptied is refused, not taken for one that was being made', () => {
  const disk = new SimulatedDisk()
  const journal = openJournal(disk, 1)
  for (let i = 0; i < 9; i += 1) journal.commit({ events: [], runs: [runOf([1, i, 1], 8000)] })
  disk.restart('power', chooseLast)
  const second = filesOf(disk).find((path) => path.includes('/segment-000000000002'))
  assert.ok(second !== undefined)
  resize(disk, second, 0)
  assert.throws(() => openJournal(disk, 2), CorruptError)
})
