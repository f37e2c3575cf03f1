import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { UnlostError } from '../../persistence/index.ts'
import type { Batch, Disk } from '../../persistence/index.ts'
import { SimulatedDisk } from '../simulated-disk.ts'
import { watchDisk, wrapDisk } from '../support/disk-wrapper.ts'
import { openJournal } from '../support/journal-subject.ts'
import { viewOf } from '../support/journal-run.ts'
import type { JournalLike } from '../support/journal-run.ts'
import { LogModel } from '../support/log-model.ts'
import { runOf } from '../support/runs.ts'

/** Something that an owner does while it does not know that it is being replaced. */
interface Act {
  readonly name: string
  /** What it has committed before. */
  readonly before: readonly Batch[]
  readonly run: (journal: JournalLike) => void
  readonly after: (model: LogModel) => LogModel
}

const small = batchAt(2, 700)
const large = batchAt(4, 27_000)
const probe: Batch = { events: [Buffer.from('probe')], runs: [] }

const acts: readonly Act[] = [
  commitOf('a commit', [batchAt(0, 300)], small),
  commitOf('a commit that begins a segment', [batchAt(0, 27_000), batchAt(2, 27_000)], large),
  {
    name: 'a checkpoint',
    before: [batchAt(0, 300)],
    run: (journal) => void journal.checkpoint(Buffer.from('state')),
    after: (model) => model.afterCheckpoint(Buffer.from('state')),
  },
  {
    name: 'a trim that frees a segment',
    before: [batchAt(0, 27_000), batchAt(2, 27_000), large],
    run: (journal) => {
      journal.checkpoint(new Uint8Array(0))
      journal.trim(new Map([[1, 6]]))
    },
    after: (model) => model.afterCheckpoint(new Uint8Array(0)).afterTrim(new Map([[1, 6]])),
  },
  {
    name: 'a release',
    before: [batchAt(0, 300)],
    run: (journal) => {
      journal.release()
    },
    after: (model) => model,
  },
]

describe('an owner that was stopped at any system call, and replaced', () => {
  for (const act of acts) {
    it(`G10: confirms nothing that its successor has not, and harms nothing: ${act.name}`, () => {
      let fenced = 0
      let pauses = 0
      for (let call = 1; call <= 200; call += 1) {
        const outcome = replaceWithin(act, call)
        if (outcome === 'over') break
        pauses += 1
        if (outcome === 'failed') fenced += 1
      }
      assert.ok(pauses >= 4 && pauses < 200, `${pauses} places to stop at`)
      assert.ok(fenced >= 3, `${fenced} of ${pauses} noticed`)
    })
  }

  it('G10: an owner that does not look whether it was replaced is found out', () => {
    const [act] = acts
    assert.ok(act !== undefined)
    const blind = (disk: Disk): Disk =>
      wrapDisk(disk, {
        kind: (path) => (/owner-0*2$/.test(path) ? 'absent' : disk.kind(path)),
      })
    assert.throws(() => {
      for (let call = 1; call <= 4; call += 1) replaceWithin(act, call, blind)
    }, assert.AssertionError)
  })

  it('G10: what an owner confirms while its successor opens, its successor has', () => {
    const outcomes = new Map<string, number>()
    for (let call = 1; call <= 400; call += 1) {
      const outcome = commitWithinOpening(call)
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
      if (outcome === 'over') break
    }
    assert.equal(outcomes.get('over'), 1)
    assert.ok(
      (outcomes.get('done') ?? 0) >= 3 && (outcomes.get('failed') ?? 0) >= 10,
      JSON.stringify([...outcomes]),
    )
  })

  it('G10: of two that open at once, at most one goes on, and nothing is lost', () => {
    for (let call = 1; call <= 400; call += 1) if (openWithinOpening(call) === 'over') return
    assert.fail('the opening never ended')
  })

  it('G10: of two that open at once, the second is killed at any call, and the next finds all', () => {
    let killed = 0
    for (let call = 1; call <= 400; call += 1) {
      for (let death = 1; death <= 400; death += 13) {
        const outcome = openAroundDeath(call, death)
        if (outcome === 'over') return assert.ok(killed >= 150, `${killed} killed`)
        if (outcome === 'opened') break
        killed += 1
      }
    }
    assert.fail('the opening never ended')
  })
})

/** Stops the owner ahead of the `call`-th system call of its act, lets another open and commit, and lets it go on. */
function replaceWithin(
  act: Act,
  call: number,
  ownDisk = (disk: Disk): Disk => disk,
): 'over' | 'done' | 'failed' {
  const disk = new SimulatedDisk()
  const pause = new Pause()
  const zombie = openJournal(
    watchDisk(ownDisk(disk), () => pause.pass()),
    1,
  )
  const model = commitAll(zombie, act.before)
  let heir: JournalLike | undefined
  pause.at(call, () => {
    heir = openJournal(disk, 2)
  })
  const outcome = tell(() => act.run(zombie))
  if (heir === undefined) return 'over'
  const possible = outcome === 'done' ? [act.after(model)] : [model, act.after(model)]
  const settled = settle(heir, possible, `stopped at call ${call}`)
  assert.equal(
    tell(() => zombie.commit(batchAt(settled.next(1), 50))),
    'failed',
    'a replaced owner is told',
  )
  finishWith({ disk, heir }, settled)
  return outcome
}

/** Stops the successor ahead of the `call`-th system call of its opening, and lets the old owner commit. */
function commitWithinOpening(call: number): 'over' | 'done' | 'failed' {
  const disk = new SimulatedDisk()
  const zombie = openJournal(disk, 1)
  const model = commitAll(zombie, [batchAt(0, 300)])
  const pause = new Pause()
  let outcome: 'over' | 'done' | 'failed' = 'over'
  pause.at(call, () => {
    outcome = tell(() => zombie.commit(small))
  })
  const heir = openJournal(
    watchDisk(disk, () => pause.pass()),
    2,
  )
  const after = model.afterCommit(small)
  const possible = { over: [model], done: [after], failed: [model, after] }[outcome]
  finishWith({ disk, heir }, settle(heir, possible, `opening stopped at call ${call}`))
  return outcome
}

/** Stops one opening ahead of its `call`-th system call, and lets another one begin and end. */
function openWithinOpening(call: number): 'over' | 'checked' {
  const disk = new SimulatedDisk()
  const first = openJournal(disk, 1)
  const model = commitAll(first, [batchAt(0, 300), small])
  const pause = new Pause()
  let winner: JournalLike | undefined
  let settled = model
  pause.at(call, () => {
    winner = openJournal(disk, 3)
    settled = settle(winner, [model], `second opening at call ${call}`)
    settled = commitAll(winner, [batchAt(settled.next(1), 90)], settled)
  })
  let loser: JournalLike | undefined
  const outcome = tell(() => {
    loser = openJournal(
      watchDisk(disk, () => pause.pass()),
      2,
    )
  })
  if (winner === undefined) return 'over'
  const heir = outcome === 'done' ? (isOwner(loser) ? loser : winner) : winner
  assert.ok(heir !== undefined)
  if (heir === loser) settled = settled.afterCommit(probe)
  finishWith({ disk, heir }, settled)
  return 'checked'
}

/** Stops one opening ahead of its `call`-th system call; another begins, and is killed ahead of its `death`-th. */
function openAroundDeath(call: number, death: number): 'over' | 'opened' | 'killed' {
  const disk = new SimulatedDisk()
  const model = commitAll(openJournal(disk, 1), [batchAt(0, 300), small])
  const [pause, kill] = [new Pause(), new Pause()]
  let outcome: 'over' | 'opened' | 'killed' = 'over'
  const second = watchDisk(disk, () => kill.pass())
  pause.at(call, () => {
    outcome = isKilled(() => openJournal(second, 3)) ? 'killed' : 'opened'
  })
  kill.at(death, () => {
    throw new Killed()
  })
  tell(() => {
    openJournal(
      watchDisk(disk, () => pause.pass()),
      2,
    )
  })
  disk.restart('kill')
  settle(openJournal(disk, 4), [model], `stopped at call ${call}, killed at call ${death}`)
  return outcome
}

class Killed extends Error {}

function isKilled(act: () => unknown): boolean {
  try {
    act()
    return false
  } catch (error) {
    if (error instanceof Killed) return true
    throw error
  }
}

/** Whether a journal that was opened may still commit. */
function isOwner(journal: JournalLike | undefined): boolean {
  return journal !== undefined && tell(() => journal.commit(probe)) === 'done'
}

/** Commits once more, dies, and finds everything again, after a kill and after a power cut. */
function finishWith(owner: { disk: SimulatedDisk; heir: JournalLike }, settled: LogModel): void {
  const { disk, heir } = owner
  const end = commitAll(heir, [batchAt(settled.next(1), 40)], settled)
  disk.restart('power')
  settle(openJournal(disk, 7), [end], 'after the power cut')
}

function settle(journal: JournalLike, possible: readonly LogModel[], when: string): LogModel {
  const view = viewOf(journal, journal.recovered)
  const compared = possible.map((model) => ({ model, found: model.differences(view) }))
  const match = compared.find(({ found }) => found.length === 0)
  assert.ok(match !== undefined, `${when}: ${JSON.stringify(compared.map(({ found }) => found))}`)
  return match.model
}

/** `failed` only for an error that says so; any other is not caught. */
function tell(act: () => unknown): 'done' | 'failed' {
  try {
    act()
    return 'done'
  } catch (error) {
    if (error instanceof UnlostError) return 'failed'
    throw error
  }
}

/** Stops a process ahead of one of its system calls; what others do meanwhile is not counted. */
class Pause {
  #left = Infinity
  #meanwhile: () => void = () => undefined

  at(call: number, meanwhile: () => void): void {
    this.#left = call
    this.#meanwhile = meanwhile
  }

  pass(): void {
    this.#left -= 1
    if (this.#left === 0) this.#meanwhile()
  }
}

function commitAll(journal: JournalLike, batches: readonly Batch[], start = LogModel.empty): LogModel {
  let model = start
  for (const batch of batches) {
    journal.commit(batch)
    model = model.afterCommit(batch)
  }
  return model
}

function commitOf(name: string, before: readonly Batch[], batch: Batch): Act {
  return { name, before, run: (journal) => journal.commit(batch), after: (model) => model.afterCommit(batch) }
}

/** Two messages and an event. */
function batchAt(firstOffset: number, size: number): Batch {
  return { events: [Buffer.from(`event ${firstOffset}`)], runs: [runOf([1, firstOffset, 2], size)] }
}
