/**
 * A process whose system calls are made to fail by the tracer, and what must hold of it.
 *
 * Owns: running it, and the guarantees. Leaves the work to `fault-child.ts`, the order of calls to `trace-check.ts`.
 *
 * FT1. The process comes to its end by itself: nothing hangs (G8). Every error that it meets has a code of ours.
 * FT2. Nothing is confirmed that was not synced by a call that succeeded (G1).
 * FT3. A healthy process finds all that was confirmed, once and in order of each sender; nothing that was refused as
 *      `not-written`; and gives nothing to a group again that was durably acknowledged there.
 */
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { ChildLife } from './child-process.ts'
import type { End } from './child-process.ts'
import type { FaultLine, FaultOrders } from './fault-words.ts'
import { readTrace, underTrace } from './system-calls.ts'
import { checkTrace } from './trace-check.ts'

export interface FaultPlan {
  /** Holds the data directory, `data`, and the trace. */
  readonly root: string
  /** Of the tracer, such as `fdatasync:error=EIO:when=3`. */
  readonly inject: string
  /** Only calls on these files of the directory fail, `''` being itself. Default: calls on any file. */
  readonly names?: readonly string[]
  readonly sends?: number
  readonly timeoutMs?: number
  readonly life?: number
}

export interface FaultReport {
  readonly lines: readonly FaultLine[]
  /** How many calls were made to fail. */
  readonly struck: number
}

const SENDS = 60
const TIMEOUT_MS = 2_000
/** Far more than all time-outs of a child together: whoever takes longer hangs. */
const HANG_MS = 60_000

/** Runs the process under the fault and judges what it said. */
export async function faultTrial(plan: FaultPlan): Promise<FaultReport> {
  const { root, inject, names = [], sends = SENDS, timeoutMs = TIMEOUT_MS, life = 1 } = plan
  const directory = join(root, 'data')
  const file = join(root, 'trace')
  const [strace = '', ...options] = underTrace(file)
  const paths = names.flatMap((name) => ['-P', join(directory, name)])
  const filter = names.length === 0 ? [] : ['-e', `trace=${inject.split(':')[0] ?? ''}`]
  const under = [strace, ...options, ...paths, ...filter, '-e', `inject=${inject}`]
  const { lines, end } = await live({ mode: 'work', directory, life, sends, timeoutMs }, under)
  const trace = fs.readFileSync(file, 'latin1')
  const struck = trace.split('(INJECTED)').length + trace.split('(DELAYED)').length - 2
  assert.equal(end.code, 0, `FT1: it ended with ${end.code} ${end.signal}: ${end.stderr}`)
  for (const line of lines)
    if ('code' in line)
      assert.match(line.code, /^UNLOST_/, `FT1: an error without a code: ${JSON.stringify(line)}`)
  if (names.length === 0) assert.deepEqual(checkTrace(readTrace(trace)).complaints, [], 'FT2')
  return { lines, struck }
}

/** What a healthy process finds, judged against what others of the same directory said. */
export async function checkReopened(root: string, lines: readonly FaultLine[]): Promise<void> {
  const orders = {
    mode: 'read',
    directory: join(root, 'data'),
    life: 0,
    sends: 0,
    timeoutMs: TIMEOUT_MS,
  } as const
  const second = await live(orders, [])
  assert.equal(second.end.code, 0, second.end.stderr)
  const found = second.lines.find((line) => line.say === 'found')
  assert.ok(found !== undefined, `FT3: false-refusal: ${JSON.stringify(second.lines)}`)
  const ids = new Set(found.ids)
  assert.equal(ids.size, found.ids.length, 'FT3: duplicate append')
  const again = new Set(found.again)
  for (const line of lines) {
    if (line.say === 'confirmed') assert.ok(ids.has(line.id), `FT3: lost-write: ${line.id}`)
    const isDefinite = line.say === 'refused' && line.outcome === 'not-written'
    if (isDefinite) assert.ok(!ids.has(line.id), `FT3: aborted-read: ${line.id} was refused as not-written`)
    if (line.say === 'settled')
      assert.ok(!again.has(line.id), `FT3: redelivery-after-durable-ack: ${line.id}`)
  }
  checkOrder(found.ids)
}

/** Each of the four lanes of a child sends one message after the other. */
function checkOrder(ids: readonly string[]): void {
  const last = new Map<string, number>()
  for (const id of ids) {
    const [life = '', number = ''] = id.split('-')
    const lane = `${life} ${Number(number) % 4}`
    assert.ok(Number(number) > (last.get(lane) ?? -1), `FT3: order: ${id} after ${last.get(lane)}`)
    last.set(lane, Number(number))
  }
}

/** A life without a fault that ends by SIGKILL, so that the next one has something to recover. */
export async function killedLife(root: string): Promise<readonly FaultLine[]> {
  const common = { directory: join(root, 'data'), life: 0, sends: SENDS, timeoutMs: TIMEOUT_MS }
  const { lines, end } = await live({ mode: 'work', ...common, isKilled: true }, [])
  assert.equal(end.signal, 'SIGKILL', end.stderr)
  return lines
}

async function live(
  orders: FaultOrders,
  under: readonly string[],
): Promise<{ lines: readonly FaultLine[]; end: End }> {
  const lines: FaultLine[] = []
  const onLine = (line: unknown): void => void lines.push(line as FaultLine)
  const end = await new ChildLife({ script: 'fault-child.ts', orders, onLine, under, hangMs: HANG_MS }).over
  assert.notEqual(end.signal, 'SIGTERM', `FT1: it hung after ${JSON.stringify(lines.at(-1))}`)
  return { lines, end }
}
