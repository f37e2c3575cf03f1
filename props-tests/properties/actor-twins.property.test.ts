/**
 * Durable actors against live ones of XState, over random machines and events.
 */
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { assertTwins } from '../support/actor-twins.ts'
import { calmSpec } from '../support/calm-machine.ts'
import { machineSpec, specimenOf, twinSteps } from '../support/random-machine.ts'

describe('any machine', () => {
  it('ML1: has the states, outputs, emitted events and timers that a live actor of XState has', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(machineSpec, calmSpec), twinSteps, async (spec, steps) => {
        await assertTwins(() => specimenOf(spec), steps)
      }),
      { numRuns: 220 },
    )
  })
})
