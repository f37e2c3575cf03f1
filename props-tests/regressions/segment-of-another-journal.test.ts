/**
 * The one segment of a journal was exchanged for that of another one, whose end was torn as well: the directory opened
 * with the messages of the other. Nothing but the segments told which journal it was. Found by random damage
 * (`npm run fuzz`).
 */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { CorruptError } from '../../persistence/index.ts'
import { chooseLast } from '../choices.ts'
import { bytesOf, plant } from '../disk-damage.ts'
import { SimulatedDisk } from '../simulated-disk.ts'
import { openJournal } from '../support/journal-subject.ts'
import { runOf } from '../support/runs.ts'

const segment = '/data/segment-000000000001-000000000001'

it('G9: the segment of another journal is refused by name, and stays', () => {
  const [disk, other] = [journalOf(1), journalOf(50)]
  const foreign = bytesOf(other, segment)
  plant(disk, segment, foreign)
  assert.throws(
    () => openJournal(disk, 2),
    (error) => error instanceof CorruptError && error.damage.reason.includes('another journal'),
  )
  assert.deepEqual(bytesOf(disk, segment), foreign)
})

/** A killed journal of one segment. */
function journalOf(life: number): SimulatedDisk {
  const disk = new SimulatedDisk()
  openJournal(disk, life).commit({ events: [], runs: [runOf([1, 0, 1], 100)] })
  disk.restart('power', chooseLast)
  return disk
}
