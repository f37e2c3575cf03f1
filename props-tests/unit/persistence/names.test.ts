/**
 * Proves how the names of files are spelt and read.
 */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import {
  asideName,
  closedName,
  freedName,
  ownerName,
  readName,
  segmentName,
} from '../../../persistence/internal.ts'

it('A1: names carry the epoch and sort by number', () => {
  const names = [
    segmentName(2, 1),
    segmentName(10, 1),
    segmentName(10, 2),
    asideName(1, 2, 3),
    ownerName(7),
    closedName(7),
    freedName(2, 3),
  ]
  assert.deepEqual([...names.slice(0, 3)].sort(), names.slice(0, 3))
  assert.deepEqual(readName(names[3] ?? ''), { kind: 'aside', id: 1, epoch: 2, index: 3 })
  assert.deepEqual(readName(names[5] ?? ''), { kind: 'closed', epoch: 7 })
  assert.deepEqual(readName(names[6] ?? ''), { kind: 'freed', id: 2, epoch: 3 })
})

it('A2: a name that does not read back to itself is not ours', () => {
  const foreign = [
    'segment-1-1',
    'segment-000000000001',
    'owner-x',
    'owner-000000000001.closed.bak',
    'notes.txt',
    '',
  ]
  for (const name of foreign) assert.equal(readName(name), undefined, name)
})
