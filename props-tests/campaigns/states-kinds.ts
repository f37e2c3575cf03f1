/**
 * Every death of a small random workload, and what is left after each.
 *
 * Owns: the two kinds of cases: many outcomes of each death, and deaths of the recoveries after it.
 * Leaves walking and judging to `support/enumerate-crashes.ts`.
 */
import fc from 'fast-check'
import { enumerateCrashes } from '../support/enumerate-crashes.ts'
import { journalWork } from '../support/journal-commands.ts'
import type { Work } from '../support/journal-run.ts'
import { Sightings } from './sightings.ts'
import { subjectWith } from './subjects.ts'
import { taskKind } from './task.ts'

const tornUnitBytes = fc.constantFrom(512, 64, 4096)

/** Segments are filled, the state is saved, and what is done with goes: random works rarely come to that. */
const freeing = fc
  .record({
    sizes: fc.array(fc.integer({ min: 20_000, max: 28_000 }), { minLength: 3, maxLength: 4 }),
    keep: fc.nat({ max: 3 }),
  })
  .map(({ sizes, keep }): Work[] => [
    ...sizes.map((size): Work => ({ do: 'commit', runs: [{ mailbox: 1, count: 2, size }], events: [9] })),
    { do: 'checkpoint', size: 60 },
    { do: 'trim', keep },
  ])

export const statesKind = taskKind({
  name: 'states',
  share: 6,
  runs: 1,
  cases: fc.record({
    workload: fc.oneof(
      { weight: 4, arbitrary: fc.array(journalWork, { minLength: 1, maxLength: 4, size: 'max' }) },
      freeing,
    ),
    outcomesMax: fc.constantFrom(16, 48),
    tornUnitBytes,
  }),
  run: ({ workload, ...options }, { bug, tally }) => {
    const { watch } = new Sightings(tally, 'states')
    enumerateCrashes(subjectWith(bug), workload, { ...options, watch })
  },
})

export const nestedKind = taskKind({
  name: 'nested',
  share: 1,
  runs: 1,
  cases: fc.record({
    workload: fc.array(journalWork, { minLength: 1, maxLength: 3, size: 'max' }),
    sample: fc.record({ every: fc.constant(12), from: fc.nat({ max: 11 }) }),
    tornUnitBytes,
  }),
  run: ({ workload, ...options }, { bug, tally }) => {
    const { watch } = new Sightings(tally, 'nested')
    enumerateCrashes(subjectWith(bug), workload, { ...options, outcomesMax: 1, nested: true, watch })
  },
})
