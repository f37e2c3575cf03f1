import assert from 'node:assert/strict'
import { it } from 'node:test'
import { FencedError } from '../../persistence/index.ts'
import { SimulatedDisk } from '../simulated-disk.ts'
import { watchDisk } from '../support/disk-wrapper.ts'
import { openJournal } from '../support/journal-subject.ts'
import type { JournalLike } from '../support/journal-run.ts'
import { runOf } from '../support/runs.ts'

const runBytes = 27_000

function commitTwo(journal: JournalLike, firstOffset: number): void {
  journal.commit({ events: [], runs: [runOf([1, firstOffset, 2], runBytes)] })
}

/** Lets another owner open ahead of the `call`-th system call of `act`; returns what that was told, if it was replaced. */
function replacedWithin(act: (journal: JournalLike) => void, call: number): unknown {
  const disk = new SimulatedDisk()
  let left = Infinity
  const onCall = (): void => {
    left -= 1
    if (left === 0) openJournal(disk, 2)
  }
  const zombie = openJournal(watchDisk(disk, onCall), 1)
  for (const offset of [0, 2, 4]) commitTwo(zombie, offset)
  left = call
  try {
    act(zombie)
    if (left > 0) return 'over'
    zombie.commit({ events: [Buffer.from('probe')], runs: [] })
  } catch (error) {
    return error
  }
  return assert.fail('a replaced owner confirmed')
}

const acts: readonly (readonly [string, (journal: JournalLike) => void])[] = [
  [
    'a clean-up',
    (journal) => {
      journal.checkpoint(new Uint8Array(0))
      journal.trim(new Map([[1, 6]]))
    },
  ],
  ['a rotation', (journal) => [6, 8].forEach((offset) => commitTwo(journal, offset))],
]

for (const [name, act] of acts) {
  it(`J5: an owner that is replaced in the middle of ${name} is told so, also where its files are gone`, () => {
    for (let call = 1; ; call += 1) {
      const told = replacedWithin(act, call)
      if (told === 'over') return
      assert.ok(told instanceof FencedError, `replaced ahead of call ${call}: ${String(told)}`)
    }
  })
}
