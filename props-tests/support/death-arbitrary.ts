/**
 * Random deaths, and commands that meet them.
 *
 * Owns: how a death is drawn. Leaves the commands' work to those that draw it.
 *
 * RC1. A death is a field of its command, so shrinking can drop commands without moving it to another place.
 */
import fc from 'fast-check'
import type { MortalCommand } from './deaths.ts'
import type { Crash } from './journal-run.ts'

const death: fc.Arbitrary<Crash> = fc.record({
  call: fc.oneof({ weight: 3, arbitrary: fc.integer({ min: 1, max: 8 }) }, fc.integer({ min: 1, max: 60 })),
  moment: fc.constantFrom('before', 'within', 'after'),
  kind: fc.constantFrom('power', 'kill'),
  tape: fc.array(fc.nat({ max: 7 }), { maxLength: 8 }),
})

/** Work that may meet a death, and another in the recovery after it. */
export function mortal<Work>(work: fc.Arbitrary<Work>): fc.Arbitrary<MortalCommand<Work>> {
  const crashes = fc.option(fc.array(death, { minLength: 1, maxLength: 2 }), { nil: undefined, freq: 2 })
  return fc
    .record({ work, crashes })
    .map((made) => ({ work: made.work, ...(made.crashes === undefined ? {} : { crashes: made.crashes }) }))
}
