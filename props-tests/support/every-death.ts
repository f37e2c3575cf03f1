/**
 * Every death of a small workload: at each changing call, before, within and after it, by kill and by power cut.
 *
 * Owns: counting the calls and planning the deaths. Leaves carrying the workload out to the run.
 */
import assert from 'node:assert/strict'
import type { SimulatedDisk } from '../index.ts'
import type { MortalCommand } from './deaths.ts'
import type { Crash } from './journal-run.ts'

/** A kind of run. */
export interface MortalRuns<Work> {
  readonly begin: () => Promise<{
    readonly disk: SimulatedDisk
    step(command: MortalCommand<Work>): Promise<void>
  }>
  /** Carries all commands out, from an empty disk to the judgement. */
  readonly carryOut: (commands: readonly MortalCommand<Work>[]) => Promise<unknown>
}

/** Dies everywhere in `workload`; returns how often. A guarantee that breaks fails with the place of the death. */
export async function dieEverywhere<Work>(
  runs: MortalRuns<Work>,
  workload: readonly Work[],
): Promise<number> {
  let deaths = 0
  for (const index of workload.keys()) {
    const calls = await callsOf(runs, workload, index)
    for (let call = 1; call <= calls; call += 1) {
      for (const crash of deathsAt(call)) {
        const commands = workload.map((work, i) => (i === index ? { work, crashes: [crash] } : { work }))
        await runs.carryOut(commands).catch((error: unknown) => {
          const message = `${JSON.stringify({ index, crash })}: ${String(error)}`
          throw new assert.AssertionError({ message })
        })
        deaths += 1
      }
    }
  }
  return deaths
}

/** How many changing calls a command makes. */
async function callsOf<Work>(
  runs: MortalRuns<Work>,
  workload: readonly Work[],
  index: number,
): Promise<number> {
  const run = await runs.begin()
  for (const work of workload.slice(0, index)) await run.step({ work })
  const before = run.disk.changes
  for (const work of workload.slice(index, index + 1)) await run.step({ work })
  return run.disk.changes - before
}

function deathsAt(call: number): Crash[] {
  return [
    { call, moment: 'before', kind: 'power', tape: [] },
    { call, moment: 'within', kind: 'power', tape: [0, 1] },
    { call, moment: 'after', kind: 'power', tape: [] },
    { call, moment: 'after', kind: 'kill', tape: [] },
  ]
}
