/**
 * Lives of a child under a tracer, as steps that can be done again.
 *
 * Owns: running them. Leaves the steps to `disk-steps.ts`, and what they could have left to `trace-crashes.ts`.
 *
 * TU1. All lives use one directory; a life that is to be killed dies by SIGKILL, in whatever call it is.
 * TU2. A trace that lies there already is read instead of being made again, so that long work can be cut in parts.
 */
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { ChildLife } from './child-process.ts'
import { stepsOf } from './disk-steps.ts'
import type { TraceStep } from './disk-steps.ts'
import type { Order, Orders, Line } from './kill-words.ts'
import { readTrace, underFullTrace } from './system-calls.ts'

export interface LifePlan {
  readonly sends: number
  /** Die after so many lines. Default: live to the end. */
  readonly killAfter?: number
  readonly fault?: Orders['fault']
}

export interface TracedLives {
  readonly lives: readonly (readonly TraceStep[])[]
  readonly directory: string
}

const DIRECTORY = 'data'

/** Runs the lives one after the other in a directory below `root`. */
export async function traceLives(root: string, plans: readonly LifePlan[]): Promise<TracedLives> {
  const lives: TraceStep[][] = []
  const directory = join(root, DIRECTORY)
  for (const [i, plan] of plans.entries()) {
    const again = unknownIn(lives.flat())
    const { fault, sends } = plan
    const orders: Orders = { mode: 'work', directory, life: i + 1, again, sends, ...(fault && { fault }) }
    lives.push(await traceLife({ orders, plan, file: join(root, `life-${i + 1}.trace`) }))
  }
  return { lives, directory: `/${DIRECTORY}` }
}

interface TracedLife {
  readonly orders: Orders
  readonly plan: LifePlan
  readonly file: string
}

async function traceLife({ orders, plan, file }: TracedLife): Promise<TraceStep[]> {
  if (!fs.existsSync(file)) await liveUnderTrace({ orders, plan, file })
  return stepsOf(readTrace(fs.readFileSync(file, 'latin1')), orders.directory)
}

async function liveUnderTrace({ orders, plan, file }: TracedLife): Promise<void> {
  let pid: number | undefined
  let seen = 0
  const child = new ChildLife({
    script: 'kill-child.ts',
    orders,
    onLine: (line) => {
      const said = line as Line
      if (said.say === 'opening') pid = said.pid
      seen += 1
      // The tracer is our child; the process under it is not, and is killed by its number.
      if (seen === plan.killAfter && pid !== undefined) process.kill(pid, 'SIGKILL')
    },
    under: underFullTrace(file),
  })
  const { code, signal, stderr } = await child.over
  const isKilled = signal === 'SIGKILL' || code === 137
  assert.ok(
    plan.killAfter === undefined ? code === 0 : isKilled,
    `it ended with ${code} ${signal}: ${stderr}`,
  )
}

/** What was sent and never confirmed. */
function unknownIn(steps: readonly TraceStep[]): Order[] {
  const open = new Map<string, Order>()
  for (const step of steps) {
    if (step.do !== 'say') continue
    const line = step.line as Line
    if (line.say === 'sending') open.set(line.order.id, line.order)
    if (line.say === 'confirmed') open.delete(line.id)
  }
  return [...open.values()]
}
