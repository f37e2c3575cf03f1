/**
 * A trace of the system calls of a process, read into calls with a beginning and an end.
 *
 * Owns: running a child under strace, whether that is possible here, and reading the trace.
 * Leaves what the order of the calls must be to `trace-check.ts`.
 *
 * SY1. A call that ends before another begins in the trace did so in the process: the tracer holds each thread at both.
 */
import { spawnSync } from 'node:child_process'

/** One call. `began` and `ended` are lines of the trace. */
export interface SystemCall {
  readonly thread: string
  readonly name: string
  /** The file of its first argument, or the pipe; as the tracer resolves it. */
  readonly path: string
  /** All arguments as the tracer spells them. */
  readonly words: string
  readonly began: number
  /** Infinity for a call that never returned. */
  ended: number
  /** -1 for a call that failed or never returned. */
  result: number
}

const traced = 'openat,pwrite64,pwritev,pwritev2,write,fdatasync,fsync'
/** More than the largest frame of the smallest segment, so that every message is seen in full. */
const STRING_BYTES = 70_000

/** The command that traces another, threads included, into `file`. */
export function underTrace(file: string): string[] {
  return [
    'strace',
    '-f',
    '--seccomp-bpf',
    '-y',
    '-s',
    String(STRING_BYTES),
    '-e',
    `trace=${traced}`,
    '-e',
    'signal=none',
    '-o',
    file,
  ]
}

/** All calls that change a directory or what of it is durable; and writing, with all bytes, in hexadecimal. */
const changing =
  'openat,open,creat,mkdir,mkdirat,rmdir,unlink,unlinkat,rename,renameat,renameat2,link,linkat,symlink,symlinkat,' +
  'write,writev,pwrite64,pwritev,pwritev2,ftruncate,truncate,fallocate,copy_file_range,sendfile,' +
  'fsync,fdatasync,sync,syncfs,sync_file_range'
const ALL_BYTES = 4_000_000

/** As `underTrace`, with all that is needed to make the disk of any moment again. */
export function underFullTrace(file: string): string[] {
  const filters = ['-e', `trace=${changing}`, '-e', 'signal=none']
  return ['strace', '-f', '--seccomp-bpf', '-y', '-xx', '-s', String(ALL_BYTES), ...filters, '-o', file]
}

/** Why nothing can be traced here; undefined where it can. */
export function whyNoTrace(): string | undefined {
  const { error, status, stderr } = spawnSync('strace', ['-f', '-o', '/dev/null', 'true'], {
    encoding: 'utf8',
  })
  if (error !== undefined) return `strace is not installed (${error.message})`
  return status === 0 ? undefined : `strace may not trace here: ${stderr.trim()}`
}

/** Reads a trace. Calls of one thread never overlap; those of several are told apart by thread. */
export function readTrace(text: string): SystemCall[] {
  const calls: SystemCall[] = []
  const open = new Map<string, SystemCall>()
  for (const [number, line] of text.split('\n').entries()) {
    const resumed = /^(\d+) +<\.\.\. \w+ resumed>.*= (-?\d+)/s.exec(line)
    if (resumed !== null) {
      const [, thread = '', result] = resumed
      finish(open.get(thread), number, Number(result))
      continue
    }
    const begun = /^(\d+) +(\w+)\((.*)$/s.exec(line)
    if (begun === null) continue
    const [, thread = '', name = '', words = ''] = begun
    const call = {
      thread,
      name,
      words,
      path: pathIn(name, words),
      began: number,
      ended: Infinity,
      result: -1,
    }
    calls.push(call)
    const result = /\) += (-?\d+)[^"]*$/.exec(words)
    if (words.endsWith('<unfinished ...>')) open.set(thread, call)
    else finish(call, number, Number(result?.[1] ?? -1))
  }
  return calls
}

function finish(call: SystemCall | undefined, ended: number, result: number): void {
  if (call === undefined) return
  call.ended = ended
  call.result = result
}

/** `12</a/b>, …` for calls on a file; `AT_FDCWD</x>, "/a/b", …` for those that open one. */
function pathIn(name: string, words: string): string {
  const pattern = name === 'openat' ? /^[^"]*"([^"]*)"/ : /^\d+<([^>]*)>/
  return pattern.exec(words)?.[1] ?? ''
}
