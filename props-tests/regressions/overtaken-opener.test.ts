/**
 * An opener that was replaced before it had looked around took the file that its successor had made ready for one that
 * nobody needs, and removed it: at its next rotation the successor, which nothing was wrong with, broke, and the directory
 * was refused as damaged. Found by reading the opening.
 */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { FencedError, UnlostError } from '../../persistence/index.ts'
import { SimulatedDisk } from '../simulated-disk.ts'
import { watchDisk } from '../support/disk-wrapper.ts'
import type { JournalLike } from '../support/journal-run.ts'
import { openJournal } from '../support/journal-subject.ts'
import { runOf } from '../support/runs.ts'

function commitTwo(journal: JournalLike, firstOffset: number): void {
  journal.commit({ events: [], runs: [runOf([1, firstOffset, 2], 27_000)] })
}

/** Another opens and has its next segment made ahead of the `call`-th system call of an opening; then that goes on. */
function overtakenAt(call: number): 'over' | { disk: SimulatedDisk; heir: JournalLike } {
  const disk = new SimulatedDisk()
  commitTwo(openJournal(disk, 1), 0)
  let left = call
  let heir: JournalLike | undefined
  const overtake = (): void => {
    left -= 1
    if (left !== 0) return
    heir = openJournal(disk, 3)
    commitTwo(heir, 2)
  }
  try {
    openJournal(watchDisk(disk, overtake), 2)
  } catch (error) {
    if (!(error instanceof UnlostError)) throw error
  }
  return heir === undefined ? 'over' : { disk, heir }
}

/** Sends until the owner has rotated, or is told that it was itself replaced; returns the next offset. */
function sendOn(heir: JournalLike): number {
  for (let offset = 4; offset < 12; offset += 2) {
    try {
      commitTwo(heir, offset)
    } catch (error) {
      assert.ok(error instanceof FencedError, String(error))
      return offset
    }
  }
  return 12
}

it('RV6: an opener that was overtaken removes nothing of its successor', () => {
  let rotated = 0
  for (let call = 1; ; call += 1) {
    const overtaken = overtakenAt(call)
    if (overtaken === 'over') break
    const next = sendOn(overtaken.heir)
    overtaken.disk.restart('kill')
    assert.equal(
      openJournal(overtaken.disk, 4).recovered.mailboxes.get(1)?.next,
      next,
      `ahead of call ${call}`,
    )
    if (next === 12) rotated += 1
  }
  assert.ok(rotated >= 10, `${rotated} successors went on`)
})
