/**
 * The kit finds typical mistakes in durable actors, each by its name, and lets the right ones pass.
 */
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { checkActor } from '../../props-tests/index.ts'
import {
  asksTheClock,
  asksTheTurn,
  changesItsContext,
  chargesWithAKey,
  chargesWithoutAKey,
  keepsAMap,
  keepsAVariable,
  mailsInItsTurn,
  makesANewContext,
  swallowsTheError,
} from './actors.ts'
import { expectBroken } from './expect-broken.ts'

const cents = fc.integer({ min: 1, max: 99 })
const adding = { events: fc.record({ type: fc.constant('ADD' as const), cents }) }
const paying = { events: fc.record({ type: fc.constant('PAY' as const), cents }) }

describe('actors that go wrong', () => {
  it('a context that is changed in place', () =>
    expectBroken('changed-state', checkActor(changesItsContext, adding)))

  it('the clock in a turn', () => expectBroken('ambient-input', checkActor(asksTheClock, adding)))

  it('a call of the outside in a turn', () =>
    expectBroken('effect-in-turn', checkActor(mailsInItsTurn, adding)))

  it('state in a variable', () => expectBroken('impure-turn', checkActor(keepsAVariable, adding)))

  it('a Map in the state', () => expectBroken('not-durable', checkActor(keepsAMap, adding)))

  it('a promise that pays twice', () =>
    expectBroken('duplicated-effect', checkActor(chargesWithoutAKey, paying)))

  it('an error that is swallowed', () => expectBroken('lost-effect', checkActor(swallowsTheError, paying)))
})

describe('the same done right', () => {
  it('a new context', async () => {
    await checkActor(makesANewContext, adding)
  })

  it('the time of the mail', async () => {
    await checkActor(asksTheTurn, adding)
  })

  it('a promise with a key', async () => {
    await checkActor(chargesWithAKey, paying)
  })
})
