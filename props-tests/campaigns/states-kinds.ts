/**
 * Every death of a small random workload, and what is left after each.
 *
 * Owns: the two kinds of cases: many outcomes of each death, and deaths of the recoveries after it.
 * Leaves walking and judging to `support/enumerate-crashes.ts`.
 */
import fc from 'fast-check'
import { enumerateCrashes } from '../support/enumerate-crashes.ts'
import { journalWork } from '../support/journal-commands.ts'
import { Sightings } from './sightings.ts'
import { subjectWith } from './subjects.ts'
import { taskKind } from './task.ts'

const tornUnitBytes = fc.constantFrom(512, 64, 4096)

export const statesKind = taskKind({
  name: 'states',
  share: 6,
  runs: 1,
  cases: fc.record({
    workload: fc.array(journalWork, { minLength: 1, maxLength: 4, size: 'max' }),
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
