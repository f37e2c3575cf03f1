/**
 * checkTopic, simulate and enumerateCrashes: searching, shrinking, replaying, counting, refusing.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { InvalidOptionError, defineTopic } from '../../../runtime/index.ts'
import { CheckFailedError, CheckUsageError, checkTopic, enumerateCrashes, simulate } from '../../index.ts'
import type { CheckTopicOptions, Invariant, KitHandler, SimulateOptions, World } from '../../index.ts'
import { cases, death, mishap } from '../../kit/arbitraries.ts'
import type { Case } from '../../kit/arbitraries.ts'
import { visitOutcomes } from '../../kit/outcomes.ts'
import { readPoint, spellPoint } from '../../kit/points.ts'
import { search } from '../../kit/search.ts'
import type { SearchOptions } from '../../kit/search.ts'

const values = fc.integer({ min: 0, max: 9 })
const keyless: KitHandler<number> = async (message, _, world) => {
  await world.outside('mail').call(message.value)
}
const keyed: KitHandler<number> = async (message, _, world) => {
  await world.outside('mail').call(message.value, { key: `${message.partition}-${message.offset}` })
}

async function failureOf(checking: Promise<unknown>): Promise<CheckFailedError> {
  const error = await checking.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  assert.ok(error instanceof CheckFailedError, String(error))
  return error
}

const never: Invariant = {
  name: 'never-three',
  guarantee: 'G1',
  about: 'No message says 3.',
  check: (history) => {
    const index = history.findIndex((event) => event.kind === 'begun' && event.value === '3')
    return index === -1 ? undefined : { invariant: 'never-three', text: 'a 3 was handled', events: [index] }
  },
}

describe('checkTopic', () => {
  it('passes the shortest form, and says what it tried', async () => {
    const report = await checkTopic({
      values,
      handler: keyed,
      faults: { crash: true, tornWrites: true },
      runs: 10,
      seed: 4,
    })
    assert.equal(report.counts.runs, 10)
    assert.ok(report.counts.crashes > 0 && report.counts.messages > 0)
    assert.equal(report.seed, 4)
  })

  it('SH2: a replay runs the one case of the report, and fails alike', async () => {
    const found = await failureOf(checkTopic({ values, handler: keyless, seed: 5, pictures: false }))
    assert.equal(found.violation.invariant, 'duplicated-effect')
    const again = await failureOf(
      checkTopic({ values, handler: keyless, replay: found.replay, pictures: false }),
    )
    assert.deepEqual(again.history, found.history)
    assert.equal(again.failure.counts.runs, 1)
    assert.ok(found.message.includes(found.replay))
    await assert.rejects(checkTopic({ values, handler: keyless, replay: 'mistyped' }), CheckUsageError)
  })

  it('CT1: what is compared is what the same messages leave when nothing goes wrong', async () => {
    const found = await failureOf(
      checkTopic({
        ...{ values, seed: 6, pictures: false },
        start: () => {
          let sum = 0
          return { handler: (message) => (sum += message.value), view: () => sum }
        },
      }),
    )
    assert.equal(found.violation.invariant, 'state-lost')
    const { reference, history } = found.failure
    assert.ok(reference !== undefined && !reference.some(({ kind }) => kind === 'crashed'))
    const valuesIn = (all: typeof history): string[] =>
      all.flatMap((event) => (event.kind === 'read' ? [event.value] : [])).toSorted()
    assert.deepEqual(valuesIn(reference), valuesIn(history))
  })

  it('JD1 and CK1: chance in a handler is called nondeterminism, in the first run already', async () => {
    let count = 0
    const found = await failureOf(
      checkTopic({
        ...{ values, seed: 7, pictures: false, faults: false as const },
        handler: async (_, __, world) => {
          count += 1
          await world.outside('mail').call({ count })
        },
      }),
    )
    assert.equal(found.violation.invariant, 'nondeterminism')
  })

  it('holds invariants of the user, and shrinks to one message', async () => {
    const found = await failureOf(
      checkTopic({
        values,
        handler: () => {},
        invariants: [never],
        seed: 8,
        pictures: false,
        shrinkLimitMs: 60_000,
      }),
    )
    assert.equal(found.violation.invariant, 'never-three')
    const sent = found.history.flatMap((event) => (event.kind === 'sending' ? [event.value] : []))
    assert.deepEqual(sent, ['3'])
  })

  it('OR1: a misspelt option is refused by name', async () => {
    const wrong = { values, handler: keyed, fautls: {} } as unknown as CheckTopicOptions<number>
    await assert.rejects(
      checkTopic(wrong),
      (error) => error instanceof InvalidOptionError && /fautls/.test(error.message),
    )
    const worse = {
      values,
      handler: keyed,
      faults: { tornwrites: true },
    } as unknown as CheckTopicOptions<number>
    await assert.rejects(checkTopic(worse), /tornWrites/)
    await assert.rejects(checkTopic({ values }), InvalidOptionError)
    await assert.rejects(simulate({ workload: async () => {} } as unknown as SimulateOptions), /main/)
  })
})

const options: SearchOptions = {
  seed: 9,
  runs: 100,
  timeLimitMs: 60_000,
  shrinkLimitMs: 60_000,
  replay: undefined,
}

function verdictOf(name: string): Parameters<Parameters<typeof search>[2]> extends never ? never : object {
  return {
    violation: { invariant: name, text: name, events: [] },
    history: [],
    terms: {},
    reference: undefined,
  }
}

describe('searching', () => {
  const judge = (item: number): Promise<never> =>
    Promise.resolve((item > 500 ? verdictOf('large') : item > 10 ? verdictOf('odd') : undefined) as never)

  it('SH1: shrinking keeps to the guarantee that was found broken', async () => {
    const first = await search(fc.integer({ min: 501, max: 1000 }), options, judge)
    assert.equal(first.found?.item, 501)
    const { found } = await search(fc.nat({ max: 1000 }), { ...options, seed: 12 }, judge)
    assert.equal(found?.item, found?.verdict.violation.invariant === 'large' ? 501 : 11)
  })

  it('SH3: without time no further case runs, and that is said', async () => {
    const searched = await search(fc.nat(), { ...options, timeLimitMs: -1 }, judge)
    assert.deepEqual([searched.runs, searched.isCutShort], [0, true])
    const { found } = await search(fc.nat(), { ...options, shrinkLimitMs: -1 }, judge)
    assert.equal(found?.shrinking.isCutShort, true)
  })
})

const sentIn = (item: Case<number> | undefined): number =>
  item?.steps.flatMap((step) => step.values).length ?? 0

describe('what is drawn', () => {
  it('AR1: a mishap is a field of its step', () => {
    const [drawn] = fc.sample(cases(values, {}), { seed: 3, numRuns: 1 })
    assert.ok(drawn?.steps.every((step) => 'mishap' in step && 'values' in step))
    const without = fc.sample(cases(values, false), { seed: 3, numRuns: 50 })
    assert.ok(without.every(({ steps }) => steps.every((step) => step.mishap === undefined)))
  })

  it('AR2: the simplest crash is a kill before the first call', () => {
    const details = fc.check(
      fc.property(death(), () => false),
      { seed: 2 },
    )
    assert.deepEqual(details.counterexample, [{ call: 1, moment: 'before', kind: 'kill', tape: [] }])
    const kills = fc.sample(mishap({ tornWrites: false }), { seed: 1, numRuns: 200 })
    assert.ok(kills.every((each) => each.do !== 'crash' || each.death.kind === 'kill'))
  })

  it('AR3: a case sends at least one message, also the simplest', () => {
    const drawn = fc.sample(cases(values, {}), { seed: 5, numRuns: 2_000 })
    assert.equal(Math.min(...drawn.map(sentIn)), 1)
    const details = fc.check(
      fc.property<[Case<number>]>(cases(values, {}), () => false),
      { seed: 5 },
    )
    assert.equal(sentIn(details.counterexample?.[0]), 1)
  })
})

const orders = defineTopic<number>('orders')
const small: SimulateOptions = {
  main: (world: World) => {
    const consumer = world.runtime.consumer(orders, { group: 'mail', retry: { minDelayMs: 5 } })
    void consumer.run(async (message) => {
      await world.outside('mail').call(message.value, { key: String(message.offset) })
    })
  },
  workload: async ({ send, wait }) => {
    await send(orders, 1)
    await send(orders, 2)
    await wait(100)
  },
}

const careless: SimulateOptions = {
  ...small,
  pictures: false,
  main: (world: World) => {
    const consumer = world.runtime.consumer(orders, { group: 'mail' })
    void consumer.run(async (message) => {
      await world.outside('mail').call(message.value)
    })
  },
}

describe('simulate', () => {
  it('passes what is right', async () => {
    const report = await simulate({ ...small, runs: 20, seed: 3 })
    assert.ok(report.counts.crashes > 0)
  })

  it('SL1: a mishap belongs to a step by number, and the failing one is found and replayed', async () => {
    const faults = { effects: false }
    const found = await failureOf(simulate({ ...careless, faults, seed: 3 }))
    assert.equal(found.violation.invariant, 'duplicated-effect')
    assert.equal(found.history.filter(({ kind }) => kind === 'crashed').length, 1)
    const again = await failureOf(simulate({ ...careless, faults, replay: found.replay }))
    assert.deepEqual(again.history, found.history)
  })
})

describe('calls that suffer', () => {
  it('SL2: belong to their step, so that a step of one call is struck often', async () => {
    const faults = { crash: false, diskErrors: false, diskFull: false, clockJumps: false }
    const { counts } = await simulate({ ...small, faults, runs: 40, seed: 3 })
    // Some are slow, which is no fault, and some belong to a message that does not come again.
    assert.ok(counts.faults > 15, `${counts.faults} faults`)
  })
})

describe('enumerateCrashes', () => {
  it('EC1: each instant dies in each way, and what is right passes all', async () => {
    const { points, states, leftOut } = await enumerateCrashes({ ...small, outcomesMax: 1, limit: 10_000 })
    assert.equal(leftOut, 0)
    assert.ok(points > 60 && states > points, `${points} points, ${states} states`)
  })

  it('EC1: finds what only one instant shows, and finds it again by its word', async () => {
    const found = await failureOf(enumerateCrashes(careless))
    assert.equal(found.violation.invariant, 'duplicated-effect')
    const again = await failureOf(enumerateCrashes({ ...careless, replay: found.replay }))
    assert.deepEqual(again.violation, found.violation)
  })

  it('EC2: what the limit leaves out is counted', async () => {
    const { points, states, leftOut } = await enumerateCrashes({ ...small, limit: 5 })
    assert.ok(states >= 5 && leftOut > 50 && points < 8)
  })

  it('OC1: outcomes are visited each once, or the first ones, everything kept and some at random', async () => {
    const seen: string[] = []
    const all = await visitOutcomes(
      async (choices) => void seen.push(`${choices.choose(2)}${choices.choose(3)}`),
      10,
    )
    assert.deepEqual(
      [all.visited, all.isAll, seen.toSorted()],
      [6, true, ['00', '01', '02', '10', '11', '12']],
    )
    seen.length = 0
    const some = await visitOutcomes(
      async (choices) => void seen.push(`${choices.choose(2)}${choices.choose(3)}`),
      2,
    )
    assert.deepEqual([some.visited, some.isAll, seen.slice(0, 3)], [6, false, ['00', '01', '12']])
  })

  it('PT1: an instant is read as it is spelt', () => {
    for (const word of ['0:3:before:kill', '2:handler:4', '1:2:within:power:3:after:kill']) {
      assert.equal(spellPoint(readPoint(word)), word)
    }
    assert.throws(() => readPoint('0:3:during:kill'), CheckUsageError)
  })
})
