/**
 * How much memory is held, for tests of what must not grow.
 *
 * Owns: a full collection before each measure. Leaves the bounds to each test.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
// The flag counts for contexts made after it.
const collect = runInNewContext('gc') as () => void

/** Bytes on the heap and in buffers that something still holds. */
export function heapBytes(): number {
  collect()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}
