/**
 * What the order of system calls must be around each confirmation (G1).
 *
 * Owns: the check. Leaves reading the trace to `system-calls.ts`.
 *
 * TC1. Before a confirmation is written out, the write of its message ended, and after that a sync of the same file
 *      began and returned 0.
 * TC2. Before it, too, the name of that file was made durable: a sync of its directory, after the file was made.
 */
import { dirname } from 'node:path'
import type { SystemCall } from './system-calls.ts'

/** What the check saw. */
export interface TraceVerdict {
  readonly confirmations: number
  readonly segments: number
  /** One line for each confirmation that came too early. */
  readonly complaints: readonly string[]
}

const writes = new Set(['pwrite64', 'pwritev', 'pwritev2', 'write'])
const syncs = new Set(['fdatasync', 'fsync'])

export function checkTrace(calls: readonly SystemCall[]): TraceVerdict {
  const frames = calls.filter(({ name, path }) => writes.has(name) && path.includes('/segment-'))
  const complaints: string[] = []
  const segments = new Set<string>()
  const confirmations = calls.flatMap((call) => confirmedIn(call).map((id) => ({ id, call })))
  for (const { id, call } of confirmations) {
    const holding = frames.filter(({ words }) => words.includes(`\\"id\\":\\"${id}\\"`))
    // A write that failed for want of space is done again.
    const frame = holding.find(({ result }) => result > 0) ?? holding[0]
    const complaint = frame === undefined ? 'was never written' : judge(calls, frame, call)
    if (frame !== undefined) segments.add(frame.path)
    if (complaint !== undefined) complaints.push(`${id}, confirmed at line ${call.began + 1}: ${complaint}`)
  }
  return { confirmations: confirmations.length, segments: segments.size, complaints }
}

/** Undefined when all came in its order. */
function judge(
  calls: readonly SystemCall[],
  frame: SystemCall,
  confirmation: SystemCall,
): string | undefined {
  if (frame.result <= 0 || frame.ended >= confirmation.began) return 'its frame was not written before'
  const isBetween = (from: SystemCall, call: SystemCall): boolean =>
    call.result === 0 && call.began > from.ended && call.ended < confirmation.began
  const syncsOf = (path: string): SystemCall[] =>
    calls.filter((call) => syncs.has(call.name) && call.path === path)
  if (!syncsOf(frame.path).some((sync) => isBetween(frame, sync))) return 'its frame was not synced before'
  const made = calls.find(
    ({ name, path, words }) => name === 'openat' && path === frame.path && words.includes('O_CREAT'),
  )
  if (made === undefined) return `nobody made ${frame.path}`
  const isNamed = syncsOf(dirname(frame.path)).some((sync) => isBetween(made, sync))
  return isNamed ? undefined : `the name of ${frame.path} was not durable before`
}

function confirmedIn({ name, words }: SystemCall): string[] {
  if (name !== 'write') return []
  return [...words.matchAll(/\\"say\\":\\"confirmed\\",\\"id\\":\\"([^"\\]+)\\"/g)].map(([, id = '']) => id)
}
