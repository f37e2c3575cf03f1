/**
 * Starting a thread of this folder, from the built package as well as from the sources.
 *
 * Owns: the address of an entry, and the arguments its thread is started with. Leaves to the entry what it does.
 *
 * EN1. The process's own arguments are not handed on: a program given with `--eval`, or a module loaded with `--import`,
 *      has no business in a thread of ours. (What stands in NODE_OPTIONS reaches it all the same.)
 * EN2. A thread that was started never holds the process open by itself.
 */
import { Worker } from 'node:worker_threads'
import type { MessagePort } from 'node:worker_threads'
import { nodeArguments, RUNS_TYPESCRIPT } from './system.ts'

const EXTENSION = import.meta.url.endsWith('.ts') ? '.ts' : '.js'
const STRIP_TYPES = '--experimental-strip-types'

export type EntryName = 'journal-worker' | 'spare-worker'

/** Starts `persistence/<name>` in a thread that gets `data`. */
export function startThread(name: EntryName, data: unknown, handOver: MessagePort[] = []): Worker {
  const entry = new URL(`./${name}${EXTENSION}`, import.meta.url)
  const execArgv = nodeArguments().filter((argument) => argument === STRIP_TYPES)
  const options = { workerData: data, transferList: handOver, execArgv, name: `unlost ${name}` }
  const needsLoader = EXTENSION === '.ts' && !RUNS_TYPESCRIPT
  const worker = needsLoader
    ? new Worker(loaderFor(entry), { ...options, eval: true })
    : new Worker(entry, options)
  worker.unref()
  return worker
}

/** Node 20 hands no module hooks on to threads, so a thread over the sources installs them itself. */
function loaderFor(entry: URL): string {
  const api = JSON.stringify(import.meta.resolve('tsx/esm/api'))
  const address = JSON.stringify(entry.href)
  return `import(${api}).then(({ register }) => { register(); return import(${address}) })`
}
