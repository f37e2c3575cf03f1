/**
 * An opener made room by removing the empty file that the owner before it had made ready. When it then failed, or was
 * killed, that owner (it had only been stopped) or the next opener missed the file: the journal broke at its next rotation,
 * or its seal told of a file that was not there, and the directory was refused as damaged. Found by reading the opening.
 */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { FencedError, UnlostError } from '../../persistence/index.ts'
import type { Disk } from '../../persistence/index.ts'
import { SimulatedDiskError } from '../index.ts'
import { SimulatedDisk } from '../simulated-disk.ts'
import { watchDisk, wrapDisk } from '../support/disk-wrapper.ts'
import type { JournalLike } from '../support/journal-run.ts'
import { openJournal } from '../support/journal-subject.ts'
import { runOf } from '../support/runs.ts'

class Killed extends Error {}

function commitTwo(journal: JournalLike, firstOffset: number): void {
  journal.commit({ events: [], runs: [runOf([1, firstOffset, 2], 27_000)] })
}

/** An owner whose next commit goes into the next segment, which is ready. */
function ownerBeforeRotation(disk: SimulatedDisk): JournalLike {
  const owner = openJournal(disk, 1)
  for (const offset of [0, 2]) commitTwo(owner, offset)
  return owner
}

function nextAfterKill(disk: SimulatedDisk): number | undefined {
  disk.restart('kill')
  return openJournal(disk, 4).recovered.mailboxes.get(1)?.next
}

/** A disk without room for a segment. */
function fullFor(disk: Disk): Disk {
  return wrapDisk(disk, {
    write: (file, bytes, position) => {
      if (bytes.length > 30_000) throw new SimulatedDiskError('ENOSPC', 'a file', 'write')
      disk.write(file, bytes, position)
    },
  })
}

it('RV8: a stopped owner whose replacement found no space is fenced, and all that it confirmed is there', () => {
  const disk = new SimulatedDisk()
  const owner = ownerBeforeRotation(disk)
  assert.throws(() => openJournal(fullFor(disk), 2), UnlostError)
  assert.throws(() => commitTwo(owner, 4), FencedError)
  assert.equal(nextAfterKill(disk), 4)
})

/** The owner rotates ahead of the opener's `call`-th system call, and the opener is killed `later` calls after that. */
function killedOpening(
  call: number,
  later: number,
): 'over' | { confirmed: number; found: number | undefined } {
  const disk = new SimulatedDisk()
  const owner = ownerBeforeRotation(disk)
  let [left, confirmed] = [call, 4]
  const step = (): void => {
    left -= 1
    if (left === 0) confirmed = confirmsTwo(owner, 4) ? 6 : 4
    if (left === -later) throw new Killed()
  }
  try {
    openJournal(watchDisk(disk, step), 2)
    return 'over'
  } catch (error) {
    if (!(error instanceof Killed) && !(error instanceof UnlostError)) throw error
  }
  return { confirmed, found: nextAfterKill(disk) }
}

function confirmsTwo(owner: JournalLike, offset: number): boolean {
  try {
    commitTwo(owner, offset)
    return true
  } catch (error) {
    assert.ok(error instanceof UnlostError)
    return false
  }
}

for (const later of [0, 1, 4, 15]) {
  it(`RV8: an opener that is killed ${later} calls after the last owner rotated leaves what opens`, () => {
    for (let call = 1; ; call += 1) {
      const outcome = killedOpening(call, later)
      if (outcome === 'over') return
      const { confirmed, found } = outcome
      assert.ok(found === 4 || found === 6, `rotated ahead of call ${call}: ${found}`)
      assert.ok(found >= confirmed, `rotated ahead of call ${call}: ${found} of ${confirmed}`)
    }
  })
}
