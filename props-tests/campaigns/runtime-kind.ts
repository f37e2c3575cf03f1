/**
 * Random commands on the whole runtime, each with its own deaths.
 *
 * Owns: counting, and running some cases twice. Leaves the commands to `support/runtime-commands.ts`, carrying out and
 * judging to `support/runtime-run.ts`.
 *
 * RK1. One case in a hundred is run twice: its history, its calls and all bytes on the disk must be the same.
 */
import { crc32 } from 'node:zlib'
import { bytesOf, filesOf } from '../disk-damage.ts'
import { carryOut, runtimeCommands } from '../support/runtime-commands.ts'
import type { RuntimeCommand, RuntimeRun } from '../support/runtime-run.ts'
import { ViolationError } from '../support/violation.ts'
import { runtimeBugNamed } from './subjects.ts'
import { seenIn } from './seen-in-history.ts'
import { taskKind } from './task.ts'
import type { TaskWorld } from './task.ts'
import { isDoubled } from './twice.ts'

export const runtimeKind = taskKind<RuntimeCommand[]>({
  name: 'runtime',
  share: 3,
  runs: 12,
  cases: runtimeCommands,
  run: async (commands, { bug, tally }) => {
    const planted = runtimeBugNamed(bug)
    const run = await carryOut(planted, commands)
    note(run, commands, tally)
    if (!isDoubled(commands)) return
    const again = await carryOut(planted, commands)
    if (fingerprint(run) !== fingerprint(again)) {
      throw new ViolationError('nondeterminism', 'two runs of one case differ')
    }
  },
})

function note(
  { book, disk }: RuntimeRun,
  commands: readonly RuntimeCommand[],
  tally: TaskWorld['tally'],
): void {
  for (const { crashes = [] } of commands) {
    for (const { kind } of crashes) tally.add('crashes', `runtime, ${kind}`)
  }
  tally.addAll('faults', disk.struck)
  if (book.counts.redelivered > 0) tally.add('situations', 'redelivered')
  if (book.counts.dead > 0) tally.add('situations', 'dead-lettered')
  if (book.counts.handedOver > 0) tally.add('situations', 'handed-over')
  for (const situation of seenIn(book.history)) tally.add('situations', situation)
}

function fingerprint({ book, disk }: RuntimeRun): string {
  const files = filesOf(disk).map((path) => `${path} ${crc32(bytesOf(disk, path))}`)
  return JSON.stringify([disk.calls, book.history, files])
}
