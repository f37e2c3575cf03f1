/**
 * Random commands for a journal under test, each with its own deaths.
 *
 * Owns: what a random run is made of, and the property over it. Leaves carrying it out to `journal-run.ts`.
 *
 * JC1. A death is a field of its command, so shrinking can drop commands without moving it to another place.
 * JC2. The failure prints all commands as data, and fast-check the seed and the path that replay it.
 */
import fc from 'fast-check'
import type { DiskFault } from '../disk-fault.ts'
import { JournalRun } from './journal-run.ts'
import type { Command, Crash, Subject, Work } from './journal-run.ts'

const tape = fc.array(fc.nat({ max: 7 }), { maxLength: 12 })

const crash: fc.Arbitrary<Crash> = fc.record({
  call: fc.oneof({ weight: 3, arbitrary: fc.integer({ min: 1, max: 4 }) }, fc.integer({ min: 1, max: 40 })),
  moment: fc.constantFrom('before', 'within', 'after'),
  kind: fc.constantFrom('power', 'kill'),
  tape,
})

const size = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 700 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 12_000 }) },
)

const commit: fc.Arbitrary<Work> = fc.record({
  do: fc.constant('commit'),
  runs: fc.array(
    fc.record({ mailbox: fc.integer({ min: 1, max: 3 }), count: fc.integer({ min: 1, max: 5 }), size }),
    { maxLength: 3 },
  ),
  events: fc.array(size, { maxLength: 2 }),
})

const checkpoint: fc.Arbitrary<Work> = fc.record({
  do: fc.constant('checkpoint'),
  size: fc.oneof({ weight: 5, arbitrary: size }, fc.integer({ min: 0, max: 70_000 })),
})

/** One work, without a mishap. */
export const journalWork: fc.Arbitrary<Work> = fc.oneof(
  { weight: 8, arbitrary: commit },
  { weight: 2, arbitrary: checkpoint },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('trim'), keep: fc.nat({ max: 12 }) }) },
  { weight: 1, arbitrary: fc.constant({ do: 'idle' } as const) },
  { weight: 1, arbitrary: fc.constant({ do: 'release' } as const) },
  { weight: 1, arbitrary: fc.constant({ do: 'read' } as const) },
)

/** Faults after which the disk goes on: a failed call, with everything it may have done all the same. */
const fault: fc.Arbitrary<DiskFault> = fc.oneof(
  fc.record({
    call: fc.constantFrom('sync', 'syncDirectory'),
    nth: fc.integer({ min: 1, max: 4 }),
    code: fc.constantFrom('EIO', 'ENOSPC'),
    effect: fc.constantFrom('dropped', 'half', 'full', 'reverted'),
  }),
  fc.record({
    call: fc.constantFrom('write', 'open', 'remove'),
    nth: fc.integer({ min: 1, max: 4 }),
    code: fc.constantFrom('EIO', 'ENOSPC', 'EMFILE'),
    effect: fc.constantFrom('ignored', 'half'),
  }),
)

/** Around the size of a segment, which is what a journal asks for. */
const freeBytes = fc.oneof(fc.constantFrom(0, 4096), fc.integer({ min: 0, max: 150_000 }))

/** What may go wrong in a random run. */
export interface RunKinds {
  readonly crashes: boolean
  readonly faults: boolean
  /** Whether the disk may have too little space. */
  readonly full: boolean
}

function commandOf({ crashes, faults, full }: RunKinds): fc.Arbitrary<Command> {
  const deaths = fc.array(crash, { minLength: 1, maxLength: 3 })
  return fc
    .record({
      work: journalWork,
      crashes: crashes ? fc.option(deaths, { nil: undefined, freq: 2 }) : fc.constant(undefined),
      freeBytes: full ? fc.option(freeBytes, { nil: undefined, freq: 3 }) : fc.constant(undefined),
      fault: faults ? fc.option(fault, { nil: undefined, freq: 2 }) : fc.constant(undefined),
    })
    .map((made) => ({
      work: made.work,
      ...(made.crashes === undefined ? {} : { crashes: made.crashes }),
      ...(made.freeBytes === undefined ? {} : { freeBytes: made.freeBytes }),
      ...(made.fault === undefined ? {} : { fault: made.fault }),
    }))
}

/** Commands of one run. */
export function journalCommands(kinds: RunKinds): fc.Arbitrary<Command[]> {
  return fc.array(commandOf(kinds), { minLength: 1, maxLength: 14, size: 'max' })
}

/** Whatever the commands, crashes and faults: nothing confirmed is lost, and nothing else appears. */
export function journalProperty(
  subject: Subject,
  kinds: RunKinds,
  seen: (run: JournalRun) => void = () => undefined,
): fc.IProperty<[Command[]]> {
  return fc.property(journalCommands(kinds), (all) => {
    const run = new JournalRun(subject)
    for (const command of all) run.step(command)
    run.finish()
    seen(run)
  })
}
