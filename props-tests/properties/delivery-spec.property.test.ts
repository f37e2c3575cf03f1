/**
 * The runtime against the machine that specifies the life of one delivery.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { DeliverySubject, stepKinds, type Bug, type Step } from '../support/delivery-subject.ts'

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(...stepKinds),
  fault: fc.oneof(
    { weight: 3, arbitrary: fc.constant('none' as const) },
    { weight: 1, arbitrary: fc.constantFrom('lost' as const, 'kept' as const) },
  ),
})

function lives(bug: Bug): fc.IAsyncProperty<[Step[]]> {
  return fc.asyncProperty(fc.array(step, { maxLength: 16 }), async (steps) => {
    const subject = new DeliverySubject(bug)
    await subject.begin()
    for (const each of steps) await subject.step(each)
  })
}

describe('one delivery, as specified', () => {
  it('DM1-DM7: state, attempt and history are the machine’s after every step', async () => {
    await fc.assert(lives('none'), { numRuns: 150 })
  })

  for (const bug of [
    'crash-forgets-attempt',
    'retry-after-burns',
    'one-too-many',
    'ack-forgotten',
  ] as const) {
    it(`finds: ${bug}`, async () => {
      const { failed, counterexample } = await fc.check(lives(bug), { numRuns: 300 })
      assert.ok(failed, 'the property did not notice')
      assert.ok((counterexample?.[0].length ?? 0) <= 6, 'it shrinks to few steps')
    })
  }
})
