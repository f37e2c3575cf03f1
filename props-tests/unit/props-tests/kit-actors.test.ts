/**
 * checkActor: each judge with a run that passes and one that does not, the pure run, the walk, refusals, replay.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { assign, setup } from 'xstate'
import { defineActor } from '../../../actors/index.ts'
import { InvalidOptionError } from '../../../runtime/index.ts'
import { CheckFailedError, CheckUsageError, actorInvariants, checkActor } from '../../index.ts'
import type { World } from '../../index.ts'
import { judgeActors } from '../../kit/actor-checkers.ts'
import type { ActorFacts, Seen } from '../../kit/actor-facts.ts'
import type { LoggedMessage } from '../../kit/actor-log.ts'
import { runActors } from '../../kit/actor-scenario.ts'
import type { ActorItem, ActorPlan } from '../../kit/actor-scenario.ts'
import { waysThrough } from '../../kit/actor-walk.ts'
import { noPatience } from '../../kit/patience.ts'
import { pathOfDifference } from '../../kit/json-path.ts'
import { trapped, withTraps } from '../../kit/turn-traps.ts'
import type { Trapped } from '../../kit/turn-traps.ts'
import {
  account,
  accountEvents,
  cart,
  cartEvents,
  issue,
  ledger,
  payment,
  paymentEvents,
} from '../../support/right-actors.ts'

const quick = { runs: 12, deaths: 40, pictures: false } as const

function sent(
  definition: string,
  one: { type: string },
  mode: 'send' | 'processed' | 'ask' = 'send',
): ActorItem {
  return { do: 'event', definition, key: 'a', event: one, mode }
}

async function factsOf(make: ActorPlan['make'], items: readonly ActorItem[]): Promise<ActorFacts> {
  const plan = { make, keys: ['a'], input: undefined, invariant: () => undefined }
  const steps = items.map((item) => ({ values: [item], waitMs: 20, mishap: undefined }))
  const settings = { chance: 0, tape: [], mishapAt: () => undefined, patience: noPatience }
  const { facts } = await withTraps(() => runActors(plan, { steps, chance: 1, tape: [] }, settings))
  return facts
}

const shopping = (): Promise<ActorFacts> =>
  factsOf(
    () => [cart, ledger],
    [
      sent('cart', { type: 'ADD', cents: 5 } as never, 'processed'),
      sent('cart', { type: 'SUM' }, 'ask'),
      sent('cart', { type: 'PAY' }),
      sent('cart', { type: 'ADD', cents: 7 } as never),
    ],
  )
const paying = (): Promise<ActorFacts> =>
  factsOf((world) => [payment(world)], [sent('payment', { type: 'PAY', cents: 3 } as never)])

type Edit = (facts: ActorFacts) => ActorFacts

function withMessages(change: (messages: readonly LoggedMessage[]) => LoggedMessage[]): Edit {
  return (facts) => {
    const changed = change(facts.log.messages)
    facts.log.messages.length = 0
    facts.log.messages.push(...changed)
    return facts
  }
}

function withSeen(what: Seen['what'], change: (seen: Seen) => Seen | undefined): Edit {
  return (facts) => ({
    ...facts,
    seen: facts.seen.flatMap((seen) => (seen.what === what ? (change(seen) ?? []) : [seen])),
  })
}

const isToLedger = ({ topic }: LoggedMessage): boolean => topic === '~actors/ledger'
const isTimer = ({ text }: LoggedMessage): boolean => text.startsWith('!{"kind":"timer"')

/** Each broken in one place only. */
const hosts: readonly (readonly [name: string, run: () => Promise<ActorFacts>, edit: Edit])[] = [
  ['lost-mail', shopping, withMessages((all) => all.filter((one) => !isToLedger(one)))],
  [
    'lost-mail',
    shopping,
    withMessages((all) => all.filter(({ messageId }) => messageId?.endsWith('\ne3') !== true)),
  ],
  [
    'repeated-mail',
    shopping,
    withMessages((all) => [...all, ...all.filter(isToLedger).map((one) => ({ ...one, offset: 9 }))]),
  ],
  [
    'repeated-mail',
    shopping,
    withMessages((all) => [...all, ...all.filter(isTimer).map((one) => ({ ...one, offset: 99 }))]),
  ],
  [
    'torn-turn',
    shopping,
    withMessages((all) => all.map((one) => (isToLedger(one) ? { ...one, frame: one.frame + 1 } : one))),
  ],
  [
    'early-timer',
    shopping,
    withMessages((all) =>
      all.map((one) => (isTimer(one) ? { ...one, timestampMs: one.timestampMs - 40 } : one)),
    ),
  ],
  [
    'wrong-state',
    shopping,
    (facts) => ({ ...facts, snapshots: new Map([...facts.snapshots].map(([name]) => [name, '{}'])) }),
  ],
  [
    'wrong-state',
    shopping,
    (facts) => {
      const last = facts.log.turns.pop()
      assert.ok(last !== undefined)
      facts.log.turns.push({ ...last, turn: last.turn + 1 })
      return facts
    },
  ],
  ['ungated-output', shopping, withSeen('state', (seen) => ({ ...seen, durable: 0 }))],
  ['ungated-output', shopping, withSeen('emitted', (seen) => ({ ...seen, durable: 0 }))],
  ['ungated-output', shopping, withSeen('processed', (seen) => ({ ...seen, durable: 0 }))],
  ['early-ack', shopping, withSeen('stored', (seen) => ({ ...seen, isSafe: false }))],
  ['wrong-reply', shopping, withSeen('reply', (seen) => ({ ...seen, text: '6' }))],
  ['unstable-id', paying, withSeen('started', (seen) => ({ ...seen, text: `${seen.text}0` }))],
  ['lost-start', paying, withSeen('acted', () => undefined)],
]

describe('the judges of actors', () => {
  it('JA1: a run in which nothing went wrong is accused of nothing', async () => {
    assert.equal(judgeActors(await shopping()), undefined)
    assert.equal(judgeActors(await paying()), undefined)
  })

  for (const [i, [name, run, edit]] of hosts.entries()) {
    it(`JA1: ${name} is found (${i + 1})`, async () => {
      assert.equal(judgeActors(edit(await run()))?.invariant, name)
    })
  }

  it('JA2: what the code does wrong is told before what follows from it', async () => {
    const facts = await shopping()
    const fault = { invariant: 'changed-state', text: 'it did', index: 1 } as const
    const found = judgeActors({ ...facts, faults: [fault], snapshots: new Map([['cart/a', '{}']]) })
    assert.equal(found?.invariant, 'changed-state')
  })

  it('every name has its words', () => {
    for (const [name, { about, guarantee }] of Object.entries(actorInvariants)) {
      assert.ok(about.endsWith('.') && /^G\d+$/.test(guarantee), name)
    }
  })
})

async function brokenBy(checking: Promise<unknown>): Promise<CheckFailedError> {
  const error = await checking.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  assert.ok(error instanceof CheckFailedError, String(error))
  return error
}

const add = [{ type: 'ADD' as const }]

describe('the lint of turns', () => {
  it('TLI1, WD2: a state changed in place is named with its path, also where the error is swallowed', async () => {
    const wrong = defineActor('wrong', {
      initial: { sum: { cents: 0 } },
      reducer: (state, event: { type: 'ADD' }) => {
        try {
          state.sum.cents += event.type.length
        } catch {
          // It goes on.
        }
        return { ...state }
      },
    })
    const { violation } = await brokenBy(checkActor(wrong, { events: add, ...quick }))
    assert.equal(violation.invariant, 'changed-state')
    assert.match(violation.text, /'context\.sum\.cents'/)
  })

  it('TLI2: what JSON would lose is named with its path', async () => {
    const wrong = defineActor('wrong', {
      initial: (): { known: unknown } => ({ known: null }),
      reducer: (_, event: { type: 'ADD' }) => ({ known: new Map([[event.type, 1]]) }),
    })
    const { violation } = await brokenBy(checkActor(wrong, { events: add, ...quick }))
    assert.equal(violation.invariant, 'not-durable')
    assert.match(violation.text, /context\.known is of class Map/)
  })

  it('TLI3: a turn that throws each time is accused of nothing', async () => {
    const right = defineActor('right', {
      initial: 0,
      supervision: { maxAttempts: 2, minDelayMs: 1, maxDelayMs: 2 },
      reducer: (): number => {
        throw new RangeError('never')
      },
    })
    await checkActor(right, { events: add, ...quick })
  })

  it('TT1, TT2, TT3: a trap notices, changes nothing, and is gone afterwards', async () => {
    const found: Trapped[] = []
    const real = Date
    await withTraps(async () => {
      assert.equal(typeof trapped(found, () => Date.now() + performance.now()), 'number')
      assert.ok(trapped(found, () => new Date(5)) instanceof Date)
      Date.now()
    })
    assert.deepEqual(
      found.map(({ name }) => name),
      ['Date.now()', 'performance.now()'],
    )
    assert.equal(Date, real)
  })

  it('WD1, WD3: a custom action that changes what it is given is found', async () => {
    const machine = setup({
      types: { context: {} as { list: number[] }, events: {} as { type: 'ADD' } },
    }).createMachine({
      context: { list: [] },
      on: {
        ADD: {
          actions: [
            assign({ list: ({ context }) => [...context.list, 1] }),
            ({ context }) => void context.list.push(2),
          ],
        },
      },
    })
    const wrong = checkActor(defineActor('wrong', { machine }), { events: add, ...quick })
    assert.equal((await brokenBy(wrong)).violation.invariant, 'changed-state')
  })

  it('a path leads to the first difference', () => {
    assert.equal(pathOfDifference({ a: [1, { b: 2 }] }, { a: [1, { b: 3 }] }), 'a[1].b')
    assert.equal(pathOfDifference({ a: 1 }, { a: 1 }), '')
  })
})

describe('the pure run and the walk', () => {
  it('PR1, PR2, PR3: mail is taken once, in order; a timer that was cancelled counts no more', async () => {
    const facts = await shopping()
    const pure = facts.pure.get('cart/a')
    assert.deepEqual(
      pure?.turns.map(({ turn }) => turn),
      pure?.turns.map((_, i) => i + 1),
    )
    assert.ok([...(pure?.fates.values() ?? [])].every((fate) => fate === 'turned'))
    assert.deepEqual([...facts.again.keys()].toSorted(), [...facts.pure.keys()].toSorted())
  })

  it('WK1, WK2, WK3: the ways lead to each state of the machine, over timers too, and end', () => {
    const events = ['OPEN', 'COMMENT', 'CLOSE', 'SNOOZE'].map((type) => ({ type }))
    const { ways, faults } = waysThrough(issue.logic, events, undefined)
    assert.deepEqual(faults, [])
    assert.ok(ways.length > 5 && ways.length <= 60)
    assert.ok(ways.some((way) => way.some((step) => 'timer' in step)))
    const throwing = defineActor('throwing', { initial: 0, reducer: (): number => assert.fail('never') })
    assert.deepEqual(waysThrough(throwing.logic, events, undefined).ways, [])
  })

  it('LG1, AS1, AS2: the log knows what is on the platter, and what waits there', async () => {
    const { log } = await shopping()
    assert.equal(log.waiting('cart'), 0)
    assert.equal(log.durableTurn('nobody', 'a'), 0)
    assert.deepEqual(log.timers(), [])
    assert.deepEqual(
      log.mailOf('cart').map(({ offset }) => offset),
      log.mailOf('cart').map((_, i) => i),
    )
  })
})

describe('checkActor', () => {
  it('AO1, AO2: passes the shortest form, and says what it tried', async () => {
    const report = await checkActor(account, {
      events: accountEvents,
      invariant: (state) => state.context.balance >= 0,
      seed: 4,
      ...quick,
    })
    assert.equal(report.counts.runs, 12)
    assert.ok(report.ways > 0 && report.deaths > 0 && report.counts.crashes > 0)
  })

  it('CKA1, CKA2: a replay runs the one case of the report, from either search, and fails alike', async () => {
    const options = { events: accountEvents, pictures: false } as const
    const invariant = (state: { context: { balance: number } }): boolean => state.context.balance < 4
    const random = await brokenBy(checkActor(account, { ...options, invariant, seed: 3 }))
    const again = await brokenBy(checkActor(account, { ...options, invariant, replay: random.replay }))
    assert.deepEqual(again.violation, random.violation)
    const keyless = ({ outside }: World) => {
      const machine = setup({
        types: { events: {} as { type: 'ADD' } },
        actions: { mail: () => void outside('mail').call(1) },
      }).createMachine({ on: { ADD: { actions: 'mail' } } })
      return defineActor('keyless', { machine })
    }
    const found = await brokenBy(checkActor(keyless, { events: add, pictures: false, seed: 3 }))
    assert.equal(found.violation.invariant, 'lost-effect')
    assert.match(found.replay, /^way:3:/)
    const once = await brokenBy(checkActor(keyless, { events: add, pictures: false, replay: found.replay }))
    assert.deepEqual(once.history, found.history)
    await assert.rejects(checkActor(account, { ...options, replay: 'mistyped' }), CheckUsageError)
    await assert.rejects(checkActor(account, { ...options, replay: 'way:3:999:calm' }), CheckUsageError)
  })

  it('LE1, LE2: an error that is told in the result is no loss', async () => {
    await checkActor(payment, { events: paymentEvents, seed: 1, ...quick })
  })

  it('wrong options are refused by name', async () => {
    const check = (options: object, definition: unknown = account): Promise<unknown> =>
      checkActor(definition as typeof account, options as never)
    await assert.rejects(check({}), InvalidOptionError)
    await assert.rejects(check({ events: [] }), InvalidOptionError)
    await assert.rejects(check({ events: [{ kind: 'ADD' }] }), InvalidOptionError)
    await assert.rejects(check({ events: add, key: ['a'] }), /did you mean 'keys'|key/)
    await assert.rejects(check({ events: add, keys: [] }), InvalidOptionError)
    await assert.rejects(check({ events: add, deaths: -1 }), InvalidOptionError)
    await assert.rejects(check({ events: add, invariant: 5 }), InvalidOptionError)
    await assert.rejects(check({ events: add }, {}), InvalidOptionError)
    await assert.rejects(check({ events: fc.constant({ type: 'xstate.init' }), ...quick }), CheckUsageError)
  })

  it('actors that send to each other are checked together', async () => {
    await checkActor([cart, ledger], { events: cartEvents, seed: 2, ...quick })
  })
})
