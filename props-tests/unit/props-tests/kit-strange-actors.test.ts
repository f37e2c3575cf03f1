/**
 * Wrong actors of strangers to the kit are found, each by its name; right ones that look wrong are not accused.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CheckFailedError, checkActor } from '../../index.ts'
import { lossIn } from '../../kit/json-losses.ts'
import { isMistake } from '../../kit/mistakes.ts'
import { rightLooks } from '../../support/right-looks.ts'
import { events, wrongActors } from '../../support/strange-actors.ts'
import type { Making } from '../../support/strange-actors.ts'

const check = (make: Making): Promise<unknown> =>
  checkActor(make as never, { events, seed: 5, runs: 8, deaths: 60, shrinkLimitMs: 500, pictures: false })

describe('wrong actors of strangers', () => {
  for (const [name, what, make] of wrongActors) {
    it(`TLI4, TLI5, TT3, OX1, OX2, OX3, PR4, AC1: ${name}: one that ${what}`, async () => {
      const error: unknown = await check(make).then(
        () => undefined,
        (thrown: unknown) => thrown,
      )
      assert.ok(error instanceof CheckFailedError, String(error))
      assert.equal(error.violation.invariant, name, error.message)
    })
  }
})

describe('right actors that look wrong', () => {
  for (const [what, make] of rightLooks) {
    it(`RA1: ${what}`, async () => {
      await check(make)
    })
  }
})

describe('what JSON does not keep', () => {
  it('JL1: a loss has its way; an absent property and a class whose data stays are none', () => {
    assert.equal(lossIn({ list: [{ at: new Date(5) }] }), "'list[0].at' arrives as text")
    assert.equal(lossIn({ m: new Map([[1, 2]]) }), "'m' differs")
    assert.equal(lossIn(5n), 'JSON cannot write it at all')
    class Money {
      readonly cents = 5
    }
    assert.equal(lossIn({ price: new Money(), note: undefined }), undefined)
  })
})

describe('mistakes', () => {
  it('MK1: what the engine throws is one, and what code throws is not', () => {
    const thrown = (work: () => unknown): unknown => {
      try {
        work()
      } catch (error) {
        return error
      }
      return undefined
    }
    const nothing = undefined as unknown as { readonly name: string; readonly call: () => void }
    assert.ok(isMistake(thrown(() => nothing.name)))
    assert.ok(isMistake(thrown(() => (({}) as unknown as typeof nothing).call())))
    assert.ok(
      isMistake(
        new Error(
          "Unable to evaluate guard 'x' in transition for event 'GO' in state node 'a':\nCannot read properties of undefined (reading 'n')",
        ),
      ),
    )
    assert.ok(!isMistake(new TypeError('not a number')))
    assert.ok(!isMistake(new RangeError('too many')))
  })
})
