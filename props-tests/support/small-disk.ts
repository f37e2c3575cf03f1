/**
 * A small simulated disk for the tests of the simulated disk.
 *
 * Owns: one durable file with a text, and looking at what is left of it. Leaves everything else to each test.
 */
import { bytesOf } from '../disk-damage.ts'
import { SimulatedDisk } from '../simulated-disk.ts'
import type { SimulatedDiskOptions } from '../simulated-disk.ts'

/** A disk with one durable file `/f` that holds `text`. */
export function diskWith(text: string, options: SimulatedDiskOptions = {}): SimulatedDisk {
  const disk = new SimulatedDisk(options)
  const file = disk.open('/f', 'create')
  disk.write(file, Buffer.from(text), 0)
  disk.sync(file)
  disk.syncDirectory('/')
  disk.close(file)
  return disk
}

export function textOf(disk: SimulatedDisk, path = '/f'): string {
  return Buffer.from(bytesOf(disk, path)).toString('latin1')
}

/** Whether an error carries this code. */
export function hasCode(code: string): (error: unknown) => boolean {
  return (error) => error instanceof Error && 'code' in error && error.code === code
}
