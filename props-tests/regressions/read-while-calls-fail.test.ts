/**
 * A read that fails because a call of the disk fails is no false refusal: it is told, and the next read finds everything.
 */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { SimulatedDisk } from '../simulated-disk.ts'
import { JournalRun } from '../support/journal-run.ts'
import { rightSubject } from '../support/journal-subject.ts'

it('a file that cannot be opened while a journal reads accuses nobody', () => {
  const run = new JournalRun(rightSubject, new SimulatedDisk())
  for (const size of [42_065, 617, 3_713]) run.step({ work: { do: 'checkpoint', size } })
  const runs = [114, 517, 8_000].map((size) => ({ mailbox: 1, count: 1, size }))
  run.step({ work: { do: 'commit', runs, events: [5_294] } })
  run.step({
    work: { do: 'read' },
    fault: { call: 'open', nth: 1, code: 'EIO', effect: 'ignored' },
  })
  run.finish()
  assert.ok(run.counts.confirmed > 4)
})
