/**
 * Where the thread of spares begins: one order, one file of zeros, one signal.
 *
 * Owns: the other end of `spare-maker.ts`. Leaves the making to `makeSpare`.
 */
import { workerData } from 'node:worker_threads'
import { nodeDisk } from './node-disk.ts'
import { SPARE_WORD } from './spare-maker.ts'
import type { SpareStart } from './spare-maker.ts'
import { makeSpare } from './spare-segments.ts'
import type { SpareOrder } from './spare-segments.ts'
import { encodeError } from './wire-error.ts'

const { port, word }: SpareStart = workerData
const state = new Int32Array(word)

port.on('message', (order: SpareOrder) => {
  const made = makeSpare(nodeDisk, order)
  if (made.state === 'failed') port.postMessage(encodeError(made.error))
  signal(made.state === 'failed' ? SPARE_WORD.failed : SPARE_WORD.ready)
})
signal(SPARE_WORD.resting)

function signal(value: number): void {
  Atomics.store(state, 0, value)
  Atomics.notify(state, 0)
}
