/**
 * A worker process of a campaign: one task after another until its time is over.
 *
 * Owns: the loop. Leaves tasks to `task.ts`, adding up to its parent.
 *
 * WK1. It ends by itself when the time is over, when its parent is gone, and after so many failures that more of
 *      them would tell nothing new.
 */
import { performance } from 'node:perf_hooks'
import { kindsNamed, taskAt } from './kinds.ts'
import { Tally } from './tally.ts'
import { runTask, spellTask } from './task.ts'
import type { Orders, Word } from './worker-words.ts'

const FAILURES_MAX = 3

function say(word: Word): void {
  process.send?.(word)
}

function orphaned(): void {
  process.exit(1)
}

async function work({ seed, index, workers, durationMs, bug, only }: Orders): Promise<void> {
  const kinds = kindsNamed(only)
  const endMs = performance.now() + durationMs
  const tally = new Tally()
  let failures = 0
  for (let number = index; performance.now() < endMs && failures < FAILURES_MAX; number += workers) {
    const task = taskAt(seed, number, kinds)
    const kind = kinds.find(({ name }) => name === task.kind)
    if (kind === undefined) continue
    say({ say: 'begun', task: spellTask(task) })
    const found = await runTask(kind, task, { bug, tally })
    if (found !== undefined) failures += 1
    say({ say: 'ended', tally: tally.take(), found })
    await new Promise((resolve) => setImmediate(resolve))
  }
}

process.once('disconnect', orphaned)
await work(JSON.parse(process.argv[2] ?? '{}') as Orders)
process.off('disconnect', orphaned)
process.disconnect()
