/**
 * A seal says that a file for the next segment was there. An old copy of that segment under its own name, shorter than
 * it was made, beside another file under an earlier owner's name, passed for it: the log opened shorter. Found by random
 * pairs of damages (`npm run campaign`).
 */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { CorruptError } from '../../persistence/index.ts'
import { chooseLast } from '../choices.ts'
import { bytesOf, plant, resize } from '../disk-damage.ts'
import { SimulatedDisk } from '../simulated-disk.ts'
import { openJournal } from '../support/journal-subject.ts'
import { runOf } from '../support/runs.ts'

it('G9: a file under the name of an earlier owner does not stand in for the next segment', () => {
  const disk = new SimulatedDisk()
  const journal = openJournal(disk, 1)
  for (let i = 0; i < 3; i += 1) journal.commit({ events: [], runs: [runOf([1, i, 1], 27_000)] })
  disk.restart('power', chooseLast)
  const next = '/data/segment-000000000002-000000000001'
  plant(disk, '/data/segment-000000000002-000000000000', new Uint8Array(bytesOf(disk, next).length))
  resize(disk, next, 0)
  assert.throws(() => openJournal(disk, 2), CorruptError)
  assert.deepEqual(bytesOf(disk, next), new Uint8Array(0))
})
