/**
 * The last segment under the name of an earlier owner passed for one that a replaced owner had begun: it was discarded,
 * and removed with everything in it. Found by the sweep over renamed files.
 */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { CorruptError } from '../../persistence/index.ts'
import { chooseLast } from '../choices.ts'
import { bytesOf, rename } from '../disk-damage.ts'
import { SimulatedDisk } from '../simulated-disk.ts'
import { openJournal } from '../support/journal-subject.ts'
import { runOf } from '../support/runs.ts'

it('G9: a segment that bears the epoch of an earlier owner is refused, and stays', () => {
  const disk = new SimulatedDisk()
  const journal = openJournal(disk, 1)
  for (let i = 0; i < 3; i += 1) journal.commit({ events: [], runs: [runOf([1, i, 1], 27_000)] })
  disk.restart('power', chooseLast)
  const moved = '/data/segment-000000000002-000000000000'
  rename(disk, '/data/segment-000000000002-000000000001', moved)
  const before = bytesOf(disk, moved)
  assert.throws(() => openJournal(disk, 2), CorruptError)
  assert.deepEqual(bytesOf(disk, moved), before)
})
