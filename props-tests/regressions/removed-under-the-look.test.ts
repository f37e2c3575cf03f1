/**
 * An owner that was replaced in the middle of a clean-up removes the files that it had decided to remove. Where that fell
 * into its successor's look around, the successor refused the directory as damaged, though nothing was wrong.
 * Found by reading the opening.
 */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { SimulatedDisk } from '../simulated-disk.ts'
import { watchDisk, wrapDisk } from '../support/disk-wrapper.ts'
import { openJournal } from '../support/journal-subject.ts'
import { runOf } from '../support/runs.ts'

/** A disk whose owner was stopped when it was about to remove `files`: a frame that allows it is durable. */
function stoppedInTrim(): { disk: SimulatedDisk; files: string[] } {
  const disk = new SimulatedDisk()
  const files: string[] = []
  const owner = openJournal(wrapDisk(disk, { remove: (path) => void files.push(path) }), 1)
  for (const offset of [0, 2, 4, 6, 8]) {
    owner.commit({ events: [], runs: [runOf([1, offset, 2], 27_000)] })
  }
  owner.checkpoint(new Uint8Array(0))
  files.length = 0
  owner.trim(new Map([[1, 10]]))
  assert.equal(files.length, 2)
  return { disk, files }
}

it('RV7: what the last owner removes while its successor looks around refuses nothing', () => {
  for (let call = 1; ; call += 1) {
    const { disk, files } = stoppedInTrim()
    let left = call
    const removeAll = (): void => {
      left -= 1
      if (left !== 0) return
      for (const path of files) if (disk.kind(path) === 'file') disk.remove(path)
    }
    const { recovered } = openJournal(watchDisk(disk, removeAll), 2)
    assert.equal(recovered.mailboxes.get(1)?.next, 10, `removed ahead of call ${call}`)
    if (left > 0) return
  }
})
