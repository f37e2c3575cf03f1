/**
 * An owner that is stopped at a random system call, replaced, and goes on not knowing of it.
 *
 * Owns: the case and its judgement: the successor has what was confirmed, and the stopped one confirms nothing more.
 * Leaves stopping to the simulated disk, the model to `support/log-model.ts`.
 *
 * TO1. What the stopped owner was told to be done, its successor has; what it was told to have failed, may be there.
 * TO2. Replaced, it confirms nothing more, and what it still writes harms nothing that its successor does.
 */
import fc from 'fast-check'
import { UnlostError } from '../../persistence/index.ts'
import type { Batch } from '../../persistence/index.ts'
import { ChoiceTape } from '../choices.ts'
import { SimulatedDisk } from '../simulated-disk.ts'
import { viewOf } from '../support/journal-run.ts'
import type { JournalLike, Subject } from '../support/journal-run.ts'
import { LogModel } from '../support/log-model.ts'
import { runOf } from '../support/runs.ts'
import { ViolationError } from '../support/violation.ts'
import { subjectWith } from './subjects.ts'
import { taskKind } from './task.ts'
import type { TaskWorld } from './task.ts'

type Act = 'commit' | 'checkpoint' | 'trim' | 'idle' | 'release'

interface TakeoverCase {
  /** Sizes of what it committed before. */
  readonly before: readonly number[]
  readonly act: Act
  readonly size: number
  /** Before which of its calls, from the act on, it is stopped. */
  readonly call: number
  /** Sizes of what its successor commits while it is stopped. */
  readonly meanwhile: readonly number[]
  readonly end: { readonly kind: 'kill' | 'power'; readonly tape: readonly number[] }
}

const size = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 900 }) },
  fc.integer({ min: 1, max: 27_000 }),
)

export const takeoverKind = taskKind<TakeoverCase>({
  name: 'takeover',
  share: 1,
  runs: 60,
  cases: fc.record({
    before: fc.array(size, { maxLength: 4, size: 'max' }),
    act: fc.constantFrom('commit', 'commit', 'checkpoint', 'trim', 'idle', 'release'),
    size,
    call: fc.integer({ min: 1, max: 14 }),
    meanwhile: fc.array(size, { maxLength: 3 }),
    end: fc.record({
      kind: fc.constantFrom('kill', 'power'),
      tape: fc.array(fc.nat({ max: 7 }), { maxLength: 8 }),
    }),
  }),
  run: (one, world) => replace(subjectWith(world.bug), one, world),
})

function replace(subject: Subject, one: TakeoverCase, { tally }: TaskWorld): void {
  const disk = new SimulatedDisk()
  const zombie = subject.open(disk, 1)
  const before = commitAll(zombie, one.before, LogModel.empty)
  let heir: JournalLike | undefined
  const { act, after } = actOf(zombie, one, before)
  disk.pauseAt(disk.calls + one.call, () => {
    heir = subject.open(disk, 2)
  })
  const isDone = tell(act)
  if (heir === undefined) return
  let model = settle(heir, isDone ? [after] : [before, after], 'when the owner was replaced')
  model = commitAll(heir, one.meanwhile, model)
  if (tell(() => zombie.commit({ events: [Buffer.from('probe')], runs: [] }))) {
    throw new ViolationError('split-owner', 'a replaced owner confirmed a commit')
  }
  tally.add('situations', isDone ? 'zombie-confirmed' : 'fenced')
  model = commitAll(heir, [40], model)
  disk.crash()
  disk.restart(one.end.kind, new ChoiceTape(one.end.tape))
  settle(subject.open(disk, 7), [model], 'after the end of both')
  tally.add('crashes', `takeover, ${one.end.kind}`)
}

function actOf(
  journal: JournalLike,
  one: TakeoverCase,
  model: LogModel,
): { act: () => unknown; after: LogModel } {
  const state = new Uint8Array(one.size).fill(3)
  const firsts = model.firstsToKeep(1)
  const batch = batchAt(model, one.size)
  switch (one.act) {
    case 'commit':
      return { act: () => journal.commit(batch), after: model.afterCommit(batch) }
    case 'checkpoint':
      return {
        act: () => journal.checkpoint(state.subarray(0, 8_000)),
        after: model.afterCheckpoint(state.subarray(0, 8_000)),
      }
    case 'trim':
      return { act: () => journal.trim(firsts), after: model.afterTrim(firsts) }
    case 'idle':
      return { act: () => journal.idle(), after: model }
    case 'release':
      return { act: () => journal.release(), after: model }
  }
}

function settle(journal: JournalLike, possible: readonly LogModel[], when: string): LogModel {
  const view = viewOf(journal, journal.recovered)
  const compared = possible.map((model) => ({ model, found: model.differences(view) }))
  const match = compared.find(({ found }) => found.length === 0)
  if (match !== undefined) return match.model
  const [first] = compared.at(-1)?.found ?? []
  throw new ViolationError(first?.invariant ?? 'lost-write', `${first?.text ?? ''} ${when}`)
}

/** Whether it was told that all is well; an error without a type of ours is not caught. */
function tell(act: () => unknown): boolean {
  try {
    act()
    return true
  } catch (error) {
    if (error instanceof UnlostError) return false
    throw new ViolationError('untyped-error', String(error), error)
  }
}

function commitAll(journal: JournalLike, sizes: readonly number[], start: LogModel): LogModel {
  let model = start
  for (const bytes of sizes) {
    const batch = batchAt(model, bytes)
    journal.commit(batch)
    model = model.afterCommit(batch)
  }
  return model
}

/** Two messages and an event. */
function batchAt(model: LogModel, bytes: number): Batch {
  const first = model.next(1)
  return { events: [Buffer.from(`event ${first}`)], runs: [runOf([1, first, 2], bytes)] }
}
