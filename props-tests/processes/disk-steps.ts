/**
 * What a traced process did to one directory, and said, in an order in which it may be done again.
 *
 * Owns: from the words of the tracer to steps with paths and bytes. Leaves the words to `system-calls.ts`, doing the
 * steps to `trace-replay.ts`.
 *
 * DP1. A step counts when its call returned; a line counts when its writing began. So whatever is judged at a moment
 *      is judged with no less than was promised then, and with no more than was done.
 * DP2. A call on the directory that is not understood is refused by name: it is never left out.
 * DP3. A sync covers only calls that returned before it began: it names those of other threads that it ran beside.
 */
import { dirname, posix } from 'node:path'
import { ReplayError } from './replay-error.ts'
import type { SystemCall } from './system-calls.ts'

/** Paths are seen from the directory that the traced one lies in, as `/`. */
export type DiskStep =
  | { readonly do: 'make-directory' | 'remove-directory' | 'create' | 'remove'; readonly path: string }
  | { readonly do: 'write'; readonly path: string; readonly position: number; readonly bytes: Uint8Array }
  | { readonly do: 'truncate'; readonly path: string; readonly size: number }
  /** `beside`: names that were made or removed in it while the sync ran. It may or may not have seen them. */
  | { readonly do: 'sync'; readonly path: string; readonly beside: readonly string[] }

export type TraceStep = DiskStep | { readonly do: 'say'; readonly line: unknown }

interface Timed {
  readonly at: number
  readonly call: SystemCall
  readonly step: DiskStep
}

const STDOUT = '1'
const CREATES = /\bO_CREAT\b/

/** The steps of a trace of `underFullTrace`. `directory` is what the process had open as its data. */
export function stepsOf(calls: readonly SystemCall[], directory: string): TraceStep[] {
  const root = dirname(directory)
  const done = calls.flatMap((call): Timed[] => {
    const step = stepOf(call, { root, directory })
    return step === undefined ? [] : [{ at: call.ended, call, step }]
  })
  const steps = done.map((one) => ({ at: one.at, step: withNeighbours(one, done) }))
  const lines = saidIn(calls)
  return [...steps, ...lines].toSorted((a, b) => a.at - b.at).map(({ step }) => step)
}

/** A line is whole with the call that writes its end. Other processes under the tracer may write elsewhere as 1. */
function saidIn(calls: readonly SystemCall[]): { at: number; step: TraceStep }[] {
  const writes = calls.filter(
    (call) => call.name === 'write' && argumentsOf(call).handle === STDOUT && call.result > 0,
  )
  const speaker = writes.find((call) => writtenBy(call).startsWith('{"say":'))?.thread
  let rest = ''
  return writes.flatMap((call) => {
    if (call.thread !== speaker) return []
    const parts = (rest + writtenBy(call)).split('\n')
    rest = parts.pop() ?? ''
    return parts.map((part) => ({ at: call.began, step: { do: 'say', line: JSON.parse(part) } as const }))
  })
}

function writtenBy(call: SystemCall): string {
  return bytesIn(argumentsOf(call).text ?? '')
    .subarray(0, call.result)
    .toString()
}

interface Where {
  readonly root: string
  readonly directory: string
}

/** Undefined for a call that failed, changes nothing, or concerns another directory. */
function stepOf(call: SystemCall, where: Where): DiskStep | undefined {
  const { handle, handlePath, text = '', rest } = argumentsOf(call)
  const isByName = handle === '' || handle === 'AT_FDCWD'
  const full = isByName ? bytesIn(text).toString() : handlePath
  const isOurs = full === where.directory || full.startsWith(`${where.directory}/`)
  const isRoot = full === where.root && syncing.has(call.name)
  if ((!isOurs && !isRoot) || call.result < 0) return undefined
  const path = posix.join('/', full.slice(where.root.length))
  return understand(call, { path, text, rest })
}

const syncing: ReadonlySet<string> = new Set(['fsync', 'fdatasync'])

function understand(
  call: SystemCall,
  { path, text, rest }: { readonly path: string; readonly text: string; readonly rest: string },
): DiskStep | undefined {
  switch (call.name) {
    case 'openat':
      return CREATES.test(rest) ? { do: 'create', path } : undefined
    case 'mkdir':
      return { do: 'make-directory', path }
    case 'rmdir':
      return { do: 'remove-directory', path }
    case 'unlink':
      return { do: 'remove', path }
    case 'pwrite64': {
      const [, , position = NaN] = rest.split(',').map(Number)
      return { do: 'write', path, position, bytes: bytesIn(text).subarray(0, call.result) }
    }
    case 'ftruncate':
      return { do: 'truncate', path, size: Number(rest) }
    case 'fsync':
    case 'fdatasync':
      return { do: 'sync', path, beside: [] }
    default:
      throw new ReplayError(`${call.name} of ${path} at line ${call.began + 1} is not understood`)
  }
}

/** Names of other threads that came or went while a sync of their directory ran. */
function withNeighbours({ call, step }: Timed, all: readonly Timed[]): DiskStep {
  if (step.do !== 'sync') return step
  const beside = all.filter(
    (other) =>
      other.call.thread !== call.thread &&
      other.call.ended > call.began &&
      other.call.ended < call.ended &&
      (other.step.path === step.path || isNaming(other.step, step.path)),
  )
  for (const { step: other } of beside)
    if (!isNaming(other, step.path) && other.do !== 'sync')
      throw new ReplayError(`${other.do} of ${step.path} ran beside its sync at line ${call.began + 1}`)
  return { ...step, beside: beside.filter((other) => isNaming(other.step, step.path)).map(pathOf) }
}

const pathOf = ({ step }: Timed): string => step.path

function isNaming(step: DiskStep, directory: string): boolean {
  const isName = step.do !== 'write' && step.do !== 'truncate' && step.do !== 'sync'
  return isName && posix.dirname(step.path) === directory
}

interface Arguments {
  /** The first argument, if it is a handle. */
  readonly handle: string
  readonly handlePath: string
  /** The first string, as the tracer spells it. */
  readonly text: string | undefined
  /** What comes after the string, or after the handle where there is none. */
  readonly rest: string
}

const parsed = new WeakMap<SystemCall, Arguments>()

function argumentsOf(call: SystemCall): Arguments {
  const known = parsed.get(call)
  if (known !== undefined) return known
  const start = /^(?:(\w+)(?:<([^>]*)>(?:\(deleted\))?)?)?(?:, )?(?:"([^"]*)")?/.exec(call.words)
  const [all = '', handle = '', path = '', text] = start ?? []
  if (call.words.startsWith('...', all.length))
    throw new ReplayError(`line ${call.began + 1} of the trace is cut off`)
  // Without the tracer's own words behind the arguments.
  const rest = call.words.slice(all.length).replace(/(?:\) +=.*| <unfinished \.\.\.>)$/s, '')
  const found = { handle, handlePath: bytesIn(path).toString(), text, rest }
  parsed.set(call, found)
  return found
}

/** `\x68\x69` as bytes. */
function bytesIn(text: string): Buffer {
  return Buffer.from(text.replaceAll('\\x', ''), 'hex')
}
