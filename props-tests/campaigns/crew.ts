/**
 * The worker processes of a campaign, from the side of their parent.
 *
 * Owns: starting them, adding up what they say, and noticing one that dies or hangs.
 * Leaves what they do to `worker.ts`.
 *
 * CW1. A worker that dies or that does not end is a failure, told with the task that it was at.
 */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Tally } from './tally.ts'
import type { Found } from './task.ts'
import type { Orders, Word } from './worker-words.ts'

export interface CrewPlan {
  readonly orders: Omit<Orders, 'index'>
  /** A worker that goes on for so long after its time is over hangs. Default 5 minutes. */
  readonly overtimeMs?: number
  /** Told whenever a task ended. */
  readonly onProgress?: (crew: { readonly tally: Tally; readonly found: readonly Found[] }) => void
}

export interface CrewResult {
  readonly tally: Tally
  readonly found: readonly Found[]
}

const OVERTIME_MS = 5 * 60_000

/** Resolves when all workers have ended. */
export async function runCrew(plan: CrewPlan): Promise<CrewResult> {
  const result = { tally: new Tally(), found: [] as Found[] }
  const workers = Array.from({ length: plan.orders.workers }, (_, index) => employ(plan, index, result))
  await Promise.all(workers)
  return result
}

async function employ(
  plan: CrewPlan,
  index: number,
  result: { tally: Tally; found: Found[] },
): Promise<void> {
  const path = fileURLToPath(new URL('./worker.ts', import.meta.url))
  const orders: Orders = { ...plan.orders, index }
  const child = fork(path, [JSON.stringify(orders)], {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    timeout: orders.durationMs + (plan.overtimeMs ?? OVERTIME_MS),
    killSignal: 'SIGKILL',
  })
  let [task, stderr] = ['none', '']
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  child.on('message', (word: Word) => {
    if (word.say === 'begun') task = word.task
    if (word.say === 'begun') return
    result.tally.merge(word.tally)
    if (word.found !== undefined) result.found.push(word.found)
    plan.onProgress?.(result)
  })
  const end = await new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal }))
  })
  if (end.code !== 0) result.found.push(lost(task, { ...end, stderr }))
}

function lost(task: string, { signal, stderr }: { signal: string | null; stderr: string }): Found {
  const isHanging = signal === 'SIGKILL' && stderr === ''
  const text = isHanging ? 'a task did not end, or was killed from outside' : `a worker died: ${stderr}`
  return { invariant: isHanging ? 'hang' : 'unexpected-error', text, example: '', replay: task }
}
