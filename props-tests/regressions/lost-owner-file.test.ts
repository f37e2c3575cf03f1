import assert from 'node:assert/strict'
import { it } from 'node:test'
import { bytesOf, filesOf, vanish } from '../disk-damage.ts'
import { SimulatedDisk } from '../simulated-disk.ts'
import { chooseLast } from '../choices.ts'
import { openJournal } from '../support/journal-subject.ts'
import { UnlostError } from '../../persistence/index.ts'
import { runOf } from '../support/runs.ts'

it('G9: a person who deletes the owner file, taking it for a stale lock, loses no message', () => {
  const disk = new SimulatedDisk()
  const first = openJournal(disk, 1)
  for (let i = 0; i < 9; i += 1) first.commit({ events: [], runs: [runOf([1, i, 1], 8000)] })
  disk.restart('power', chooseLast)
  vanish(disk, '/data/owner-000000000001')
  const segments = filesOf(disk).filter((path) => bytesOf(disk, path).some((byte) => byte !== 0))
  try {
    const second = openJournal(disk, 2)
    assert.deepEqual(second.recovered.mailboxes, new Map([[1, { first: 0, next: 9 }]]))
  } catch (error) {
    if (!(error instanceof UnlostError)) throw error
    const left = new Set(filesOf(disk))
    assert.deepEqual(
      segments.filter((path) => !left.has(path)),
      [],
      'a refusal removes nothing',
    )
  }
})
