/**
 * A long crash campaign over the journal: `npm run campaign -- <runs> [seed]`.
 *
 * Owns: how much is run. Leaves what is run to `support/journal-commands.ts` and `support/enumerate-crashes.ts`.
 * The default tests run the same properties for some seconds; this one for as long as it is told.
 */
import fc from 'fast-check'
import { enumerateCrashes } from '../support/enumerate-crashes.ts'
import { journalProperty } from '../support/journal-commands.ts'
import type { Work } from '../support/journal-run.ts'
import { rightSubject } from '../support/journal-subject.ts'

const [runsText = '10000', seedText = String(fc.sample(fc.nat(), 1)[0])] = process.argv.slice(2)
const [numRuns, seed] = [Number(runsText), Number(seedText)]
console.log(`${numRuns} runs of each kind, seed ${seed}`)

const kinds = [
  { crashes: true, faults: false, full: false },
  { crashes: true, faults: true, full: false },
  { crashes: true, faults: false, full: true },
  { crashes: true, faults: true, full: true },
]
for (const kind of kinds) {
  const total = { confirmed: 0, refused: 0, unknown: 0, recovered: 0, setAside: 0 }
  const property = journalProperty(rightSubject, kind, ({ counts }) => {
    total.confirmed += counts.confirmed
    total.refused += counts.refused
    total.unknown += counts.unknown
    total.recovered += counts.recovered
    total.setAside += counts.setAside
  })
  fc.assert(property, { numRuns, seed })
  console.log(JSON.stringify(kind), JSON.stringify(total))
}

const commit = (size: number): Work => ({
  do: 'commit',
  runs: [{ mailbox: 1, count: 2, size }],
  events: [20],
})
const workloads: readonly (readonly Work[])[] = [
  [commit(300), commit(700), { do: 'checkpoint', size: 100 }, commit(10)],
  [commit(100), { do: 'idle' }, { do: 'release' }, commit(100), { do: 'release' }],
  [commit(28_000), commit(28_000), commit(20_000), { do: 'checkpoint', size: 1 }, { do: 'trim', keep: 0 }],
]
for (const workload of workloads) {
  const visited = enumerateCrashes(rightSubject, workload, { outcomesMax: 1, nested: true })
  console.log(`death in recovery, every one: ${visited.crashPoints} crash points, ${visited.states} states`)
}
