import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { SimulatedDisk } from '../simulated-disk.ts'
import { enumerateCrashes } from '../support/enumerate-crashes.ts'
import { journalProperty } from '../support/journal-commands.ts'
import type { RunKinds } from '../support/journal-commands.ts'
import { JournalRun } from '../support/journal-run.ts'
import type { Work } from '../support/journal-run.ts'
import { rightSubject } from '../support/journal-subject.ts'
import { runSeed } from '../support/seed.ts'

const checkpoint: Work = { do: 'checkpoint', size: 100 }

/** A batch with an event and a run of each size, in mailboxes 1, 2, … */
function commit(...sizes: number[]): Work {
  return { do: 'commit', runs: sizes.map((size, i) => ({ mailbox: 1 + i, count: 2, size })), events: [20] }
}

describe('journal under crashes, every one of a small workload', () => {
  it('S1 and S2: commits and a checkpoint', () => {
    const { crashPoints, states } = enumerateCrashes(
      rightSubject,
      [commit(300), commit(700, 100), checkpoint, commit(10)],
      { outcomesMax: 256 },
    )
    assert.ok(crashPoints >= 20 && states >= 60, `${crashPoints} crash points, ${states} states`)
  })

  it('S2: frames torn in pieces of 64 bytes', () => {
    const workload = [commit(300, 200), commit(400)]
    const { states } = enumerateCrashes(rightSubject, workload, { outcomesMax: 400, tornUnitBytes: 64 })
    assert.ok(states >= 400, `${states} states`)
  })

  it('S1: a segment is filled, the next begun, and the first freed', () => {
    const workload: Work[] = [
      commit(28_000),
      commit(28_000),
      commit(20_000),
      checkpoint,
      { do: 'trim', keep: 0 },
      commit(5),
    ]
    const { crashPoints, states } = enumerateCrashes(rightSubject, workload, { outcomesMax: 24 })
    assert.ok(crashPoints >= 50 && states >= 500, `${crashPoints} crash points, ${states} states`)
  })

  it('S1: a journal is marked idle, closed, opened and closed', () => {
    const workload: Work[] = [commit(100), { do: 'idle' }, { do: 'release' }, commit(100), { do: 'release' }]
    const { crashPoints } = enumerateCrashes(rightSubject, workload, { outcomesMax: 256 })
    assert.ok(crashPoints >= 40, `${crashPoints} crash points`)
  })

  it('S1: recovery dies at each of its own calls, and the next one finds the same', () => {
    const { states } = enumerateCrashes(rightSubject, [commit(700)], { outcomesMax: 1, nested: true })
    assert.ok(states >= 1000, `${states} states`)
  })
})

describe('journal under crashes, at random', () => {
  it('S1, S2 and S3: nothing confirmed is lost, nothing else appears', () => {
    const seen = check({ crashes: true, faults: false, full: false }, 150)
    assert.ok(seen.confirmed > 300 && seen.recovered > 200, JSON.stringify(seen))
    assert.ok(seen.setAside > 0, 'some crash tore a frame')
  })

  it('S1 and S4: failed calls are told as they are, and lose nothing', () => {
    const seen = check({ crashes: true, faults: true, full: false }, 200)
    assert.ok(seen.unknown > 5 && seen.refused > 0, JSON.stringify(seen))
  })

  it('S4 and S5: a full disk refuses by name, loses nothing, and all goes on when space is back', () => {
    const seen = check({ crashes: true, faults: false, full: true }, 150)
    assert.ok(seen.refused > 10, JSON.stringify(seen))
  })
})

describe('journal, in a deterministic world', () => {
  it('S1: the same commands make the same calls with the same bytes', () => {
    const [first, second] = [logOf(runSeed), logOf(runSeed)]
    assert.ok(first.length > 100)
    assert.deepEqual(first, second)
  })
})

/** Holds the journal to the property and adds up what happened. */
function check(kinds: RunKinds, numRuns: number): JournalRun['counts'] {
  const total = { confirmed: 0, refused: 0, unknown: 0, recovered: 0, setAside: 0 }
  const property = journalProperty(rightSubject, kinds, ({ counts }) => {
    total.confirmed += counts.confirmed
    total.refused += counts.refused
    total.unknown += counts.unknown
    total.recovered += counts.recovered
    total.setAside += counts.setAside
  })
  fc.assert(property, { numRuns })
  return total
}

function logOf(seed: number): readonly string[] {
  const disk = new SimulatedDisk({ log: true })
  const run = new JournalRun(rightSubject, disk)
  run.step({ work: commit(100 + (seed % 1000)) })
  run.step({ work: commit(40), crashes: [{ call: 2, moment: 'before', kind: 'power', tape: [seed % 7, 1] }] })
  run.step({ work: checkpoint, crashes: [{ call: 1, moment: 'within', kind: 'kill', tape: [] }] })
  run.step({ work: { do: 'release' } })
  return disk.log
}
