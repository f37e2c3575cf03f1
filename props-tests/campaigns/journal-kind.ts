/**
 * Random commands on a journal, each with its own deaths, faults and lack of space.
 *
 * Owns: the case, other outcomes of the same death, and running some cases twice.
 * Leaves the commands to `support/journal-commands.ts`, judging to `support/journal-run.ts`.
 *
 * JK1. Of each death several outcomes are judged: the one that the run goes on with, and others in copies.
 * JK2. One case in a hundred is run twice; the logs of all its system calls must be the same, byte for byte.
 */
import fc from 'fast-check'
import { SimulatedDisk } from '../simulated-disk.ts'
import { SimulatedRandom } from '../simulated-random.ts'
import { journalCommands } from '../support/journal-commands.ts'
import { JournalRun } from '../support/journal-run.ts'
import type { Command } from '../support/journal-run.ts'
import { ViolationError } from '../support/violation.ts'
import { Sightings } from './sightings.ts'
import { subjectWith } from './subjects.ts'
import { Tally } from './tally.ts'
import { taskKind } from './task.ts'
import type { TaskWorld } from './task.ts'
import { isDoubled } from './twice.ts'

interface JournalCase {
  readonly commands: readonly Command[]
  readonly tornUnitBytes: number
  /** Decides the other outcomes of each death. */
  readonly seed: number
}

/** Further outcomes of each death. */
const OUTCOMES = 12

const commands = fc.oneof(
  journalCommands({ crashes: true, faults: false, full: false }),
  journalCommands({ crashes: true, faults: true, full: false }),
  journalCommands({ crashes: true, faults: false, full: true }),
  journalCommands({ crashes: true, faults: true, full: true }),
)

export const journalKind = taskKind<JournalCase>({
  name: 'journal',
  share: 4,
  runs: 15,
  cases: fc.record({ commands, tornUnitBytes: fc.constantFrom(512, 4096, 64), seed: fc.nat() }),
  run: (one, world) => {
    if (!isDoubled(one.commands)) return void runOnce(one, world, false)
    const [first, second] = [runOnce(one, world, true), runOnce(one, { ...world, tally: new Tally() }, true)]
    if (first !== second) throw new ViolationError('nondeterminism', 'two runs of one case differ')
  },
})

/** The log of all system calls, if it was asked for. */
function runOnce(
  { commands: all, tornUnitBytes, seed }: JournalCase,
  world: TaskWorld,
  log: boolean,
): string {
  const disk = new SimulatedDisk({ tornUnitBytes, log })
  const sightings = new Sightings(world.tally, 'journal')
  const random = new SimulatedRandom(seed)
  const whileDead = (dead: JournalRun): void => {
    for (let i = 0; i < OUTCOMES; i += 1) dead.inspect('power', random.fork())
  }
  const run = new JournalRun(subjectWith(world.bug), disk, { watch: sightings.watch, whileDead })
  for (const command of all) run.step(command)
  run.finish()
  sightings.finished(disk)
  return disk.log.join('\n')
}
