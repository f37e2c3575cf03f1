import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { UnlostError } from '../../persistence/index.ts'
import { chooseFirst, chooseLast } from '../choices.ts'
import { SimulatedDiskError } from '../disk-errors.ts'
import type { CallName } from '../disk-fault.ts'
import type { CrashKind, SimulatedDisk } from '../simulated-disk.ts'
import { makeResting } from '../support/damaged-journal.ts'
import { watchDisk } from '../support/disk-wrapper.ts'
import { viewOf } from '../support/journal-run.ts'
import { openJournal, rightSubject } from '../support/journal-subject.ts'
import type { LogModel } from '../support/log-model.ts'

const callNames: readonly CallName[] = [
  'open',
  'read',
  'write',
  'size',
  'truncate',
  'sync',
  'close',
  'kind',
  'list',
  'makeDirectory',
  'remove',
  'syncDirectory',
]

describe('opening, with a disk that fails at any one call', () => {
  for (const [end, code] of [
    ['released', 'EIO'],
    ['killed', 'EIO'],
    ['killed', 'ENOSPC'],
  ] as const) {
    it(`G2: ${code} while a journal that was ${end} is opened costs nothing`, () => {
      const resting = makeResting(rightSubject, end)
      let [call, failed] = [0, 0]
      for (;;) {
        call += 1
        const outcome = openFailingAt(resting.disk.clone(), { call, code, model: resting.model })
        if (outcome === 'over') break
        if (outcome === 'failed') failed += 1
      }
      assert.ok(call > 30 && failed > 20, `${failed} of ${call} openings failed`)
    })
  }
})

/** Opens once with the failure and, after each kind of restart, once without. */
function openFailingAt(
  disk: SimulatedDisk,
  failure: { call: number; code: string; model: LogModel },
): 'over' | 'failed' | 'opened' {
  const { call, code, model } = failure
  let calls = 0
  const failing = watchDisk(disk, () => {
    calls += 1
    disk.clearFaults()
    if (calls === call) for (const name of callNames) disk.addFault({ call: name, code })
  })
  const outcome = openOrFail(failing)
  disk.clearFaults()
  if (calls < call) return 'over'
  for (const kind of ['kill', 'power'] as const) expectAll(disk.clone(), kind, { model, call })
  return outcome
}

function openOrFail(disk: Parameters<typeof openJournal>[0]): 'failed' | 'opened' {
  try {
    openJournal(disk, 2)
    return 'opened'
  } catch (error) {
    // Where the journal's thread would give a type to what the disk said of the owner files, here it comes as it is.
    assert.ok(error instanceof UnlostError || error instanceof SimulatedDiskError, String(error))
    return 'failed'
  }
}

function expectAll(disk: SimulatedDisk, kind: CrashKind, expected: { model: LogModel; call: number }): void {
  const { model, call } = expected
  for (const choices of kind === 'kill' ? [chooseFirst] : [chooseFirst, chooseLast]) {
    const copy = disk.clone()
    copy.restart(kind, choices)
    const journal = openJournal(copy, 3)
    assert.deepEqual(
      model.differences(viewOf(journal, journal.recovered)),
      [],
      `failed at call ${call}, then ${kind}`,
    )
  }
}
