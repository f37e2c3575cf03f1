/**
 * Where the measurement ran: without it the figures say nothing.
 *
 * Owns: naming the machine and what one fsync costs on it. Leaves the load to others.
 */
import * as fs from 'node:fs'
import * as os from 'node:os'
import { join } from 'node:path'
import { median, milliseconds } from './figures.ts'
import { openZeroFilled } from './floor.ts'

const SYNCS = 200
const BLOCK_BYTES = 4096

export function describeEnvironment(directory: string): string[] {
  const [cpu] = os.cpus()
  return [
    `node ${process.version}, ${os.type()} ${os.release()} ${os.arch()}`,
    `${os.availableParallelism()} x ${cpu?.model.trim() ?? 'unknown processor'}, ` +
      `${Math.round(os.totalmem() / 2 ** 30)} GiB, load ${os
        .loadavg()
        .map((load) => load.toFixed(1))
        .join(' ')}`,
    `one write of ${BLOCK_BYTES} bytes and fdatasync on a zero-filled file: ` +
      `${milliseconds(fsyncMs(directory))} ms (median of ${SYNCS})`,
  ]
}

function fsyncMs(directory: string): number {
  const file = openZeroFilled(join(directory, 'probe'), 1024 * 1024)
  const block = Buffer.alloc(BLOCK_BYTES, 7)
  const times = Array.from({ length: SYNCS }, (_, index) => {
    const startMs = performance.now()
    fs.writeSync(file, block, 0, BLOCK_BYTES, index * BLOCK_BYTES)
    fs.fdatasyncSync(file)
    return performance.now() - startMs
  })
  fs.closeSync(file)
  return median(times)
}
