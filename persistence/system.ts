/**
 * This machine: the only file of the folder that reads clocks, chance and the process.
 *
 * Owns: time, random bytes, the identity of this thread and the look at other processes.
 * Leaves to `owner-liveness.ts` what such a look means.
 *
 * SY1. Random bytes are copies: the generator's pool is never handed out.
 * SY2. A process that was killed and not yet waited for by its parent is gone.
 */
import * as fs from 'node:fs'
import * as os from 'node:os'
import { performance } from 'node:perf_hooks'
import { nanoid, random } from 'nanoid'
import type { OwnerIdentity } from './owner-identity.ts'
import type { Processes, Sight } from './owner-liveness.ts'
import type { Random } from './random.ts'

export const WINDOWS: boolean = process.platform === 'win32'

/** Whether a thread that looks again and again takes nothing from the others. */
export const CAN_SPIN: boolean = os.availableParallelism() > 1

/** Milliseconds since 1970; may jump. */
export const wallMs = (): number => Date.now()

/** A wall time for people to read. */
export const timeText = (atMs: number): string =>
  Math.abs(atMs) < 8.64e15 ? new Date(atMs).toISOString() : `${atMs} ms after 1970`

/** Milliseconds since some moment; never jumps. */
export const monotonicMs = (): number => performance.now()

export const systemRandom: Random = { bytes: (count) => Uint8Array.from(random(count)) }

/** Waits; only ever used where an opener looks a second time at a file that is being written. */
export function pause(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs))
}

/** Lets the event loop turn once. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** Whether Node runs `.ts` files by itself. */
export const RUNS_TYPESCRIPT: boolean =
  'typescript' in process.features && process.features.typescript !== false

/** Node's own arguments, such as loaders. */
export const nodeArguments = (): readonly string[] => process.execArgv

export const systemProcesses: Processes = { identify, look }

function identify(takeover: boolean): OwnerIdentity {
  const thread = linkText('/proc/thread-self')
  return {
    pid: process.pid,
    processStart: statOf(`/proc/${process.pid}`)?.start ?? '',
    thread,
    threadStart: statOf(`/proc/${thread}`)?.start ?? '',
    bootId: fileText('/proc/sys/kernel/random/boot_id').trim(),
    pidNamespace: linkText('/proc/self/ns/pid'),
    hostname: os.hostname(),
    nonce: nanoid(),
    claimedAtMs: wallMs(),
    takeover,
  }
}

/** How `/proc/thread-self` reads; anything else in an owner's file must not become a path. */
const THREAD_PATH = /^\d+\/task\/\d+$/

function look(pid: number, thread: string): Sight {
  if (!signalReaches(pid)) return { kind: 'gone' }
  const processStat = statOf(`/proc/${pid}`)
  if (processStat === undefined || !THREAD_PATH.test(thread)) return { kind: 'hidden' }
  const threadStat = statOf(`/proc/${thread}`)
  if (threadStat === undefined || isOver(processStat) || isOver(threadStat)) return { kind: 'gone' }
  const stopped = processStat.state === 'T' || processStat.state === 't'
  return { kind: 'seen', processStart: processStat.start, threadStart: threadStat.start, stopped }
}

/** Signal 0 is never delivered: it only tells whether there is somebody to deliver it to. */
function signalReaches(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH')
  }
}

interface ProcessStat {
  readonly state: string
  readonly start: string
}

/** The second field is the program's name and may hold spaces and brackets, so counting begins after it. */
function statOf(directory: string): ProcessStat | undefined {
  const text = fileText(`${directory}/stat`)
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const state = fields[0]
  const start = fields[19]
  if (state === undefined || state === '' || start === undefined) return undefined
  return { state, start }
}

const isOver = (stat: ProcessStat): boolean => stat.state === 'Z' || stat.state === 'X'

function fileText(path: string): string {
  try {
    return fs.readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function linkText(path: string): string {
  try {
    return fs.readlinkSync(path)
  } catch {
    return ''
  }
}
