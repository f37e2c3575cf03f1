/**
 * The seed of a test run.
 *
 * Owns: reading `UNLOST_SEED` (or drawing one), handing it to fast-check, and to child processes.
 * Leaves to each property what it draws from the seed, and to the runner the printing.
 *
 * SE1. One seed per run: a child process of a test file has the seed of its parent.
 * SE2. A seed that is not an integer of 32 bits is refused, so that a mistyped replay never runs something else.
 */
import { randomInt } from 'node:crypto'
import fc from 'fast-check'

const seedMax = 2 ** 31 - 1

/** The seed of this run, 0 … 2^31 - 1. Set `UNLOST_SEED` to replay one. */
export const runSeed = readSeed(process.env['UNLOST_SEED'])

process.env['UNLOST_SEED'] = String(runSeed)
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: runSeed })

function readSeed(text: string | undefined): number {
  if (text === undefined || text === '') return randomInt(seedMax)
  const seed = Number(text)
  if (/^\d+$/.test(text) && seed <= seedMax) return seed
  throw new RangeError(`UNLOST_SEED must be an integer from 0 to ${seedMax}; it is "${text}"`)
}
