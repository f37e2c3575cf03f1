/**
 * checkActor with messages of topics, and over an upgrade: right ones pass, wrong ones are found by name.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { assign, setup } from 'xstate'
import { defineActor } from '../../../actors/index.ts'
import type { ActorDefinition } from '../../../actors/index.ts'
import { InvalidOptionError, defineTopic } from '../../../runtime/index.ts'
import { CheckFailedError, checkActor } from '../../index.ts'

const quick = { seed: 5, runs: 20, deaths: 60, shrinkLimitMs: 500, pictures: false } as const

async function foundIn(checking: Promise<unknown>): Promise<string> {
  const error: unknown = await checking.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (error === undefined) return 'nothing'
  assert.ok(error instanceof CheckFailedError, inspect(error))
  return error.violation.invariant
}

interface Payment {
  readonly customer: string
  readonly cents: number
  readonly tags: string[]
}
const payments = defineTopic<Payment>('payments', { key: (payment) => payment.customer })
const values = fc.record({
  customer: fc.constantFrom('a', 'b', 'c'),
  cents: fc.nat({ max: 9 }),
  tags: fc.constant(['x']),
})

interface Paid {
  readonly type: 'PAID'
  readonly cents: number
}
type Fed = { readonly value: Payment }
const keyOf = ({ value }: Fed): string => value.customer
const eventOf = ({ value: { cents } }: Fed): Paid | undefined =>
  cents === 0 ? undefined : { type: 'PAID', cents }

function customer(key: (message: Fed) => string, event: (message: Fed) => Paid | undefined) {
  return defineActor('customer', {
    initial: { cents: 0 },
    reducer: (state, { cents }: Paid) => ({ cents: state.cents + cents }),
    subscriptions: [{ topic: payments, key, event }],
  })
}

const fed = (definition: ReturnType<typeof customer>): Promise<unknown> =>
  checkActor(definition, {
    ...quick,
    events: [{ type: 'PAID', cents: 1 }],
    messages: [{ topic: payments, values }],
  })

describe('checkActor with messages', () => {
  it('FM1: right functions pass, and what they make is in the mailboxes', async () => {
    assert.equal(await foundIn(fed(customer(keyOf, eventOf))), 'nothing')
  })

  it('FM1: several subscriptions to one topic pass, message by message', async () => {
    const twice = defineActor('account', {
      initial: { cents: 0 },
      reducer: (state, { cents }: Paid) => ({ cents: state.cents + cents }),
      subscriptions: [
        { topic: payments, key: keyOf, event: eventOf },
        {
          topic: payments,
          key: () => 'a',
          event: ({ value }: Fed): Paid => ({ type: 'PAID', cents: -value.cents }),
        },
      ],
    })
    const messages = [{ topic: payments, values }]
    assert.equal(
      await foundIn(checkActor(twice, { ...quick, events: [{ type: 'PAID', cents: 1 }], messages })),
      'nothing',
    )
  })

  it('FM2: what is refused by an error is the business of the dead letters', async () => {
    const picky = customer(keyOf, (message) => {
      if (message.value.cents === 3) throw new RangeError('no threes')
      return eventOf(message)
    })
    assert.equal(await foundIn(fed(picky)), 'nothing')
  })

  const wrong: readonly (readonly [string, () => ReturnType<typeof customer>])[] = [
    [
      'changed-state',
      () => customer(keyOf, (message) => (message.value.tags.push('seen'), eventOf(message))),
    ],
    [
      'changed-state',
      () => customer(({ value }) => value.tags.sort().reverse().splice(0, 1)[0] ?? '', eventOf),
    ],
    ['ambient-input', () => customer(keyOf, () => ({ type: 'PAID', cents: performance.now() > 0 ? 1 : 2 }))],
    [
      'impure-turn',
      () => {
        let next = 0
        return customer(() => `k${(next += 1)}`, eventOf)
      },
    ],
    ['not-durable', () => customer(keyOf, () => ({ type: 'PAID', cents: 1, at: new Date(5) }))],
    [
      'failing-turn',
      () =>
        customer(
          ({ value }) =>
            (value as { to?: Payment }).to?.customer.trim() ?? (undefined as unknown as string).trim(),
          eventOf,
        ),
    ],
  ]
  for (const [i, [name, make]] of wrong.entries()) {
    it(`FM1, FM2: ${name} is found in a subscription (${i + 1})`, async () => {
      assert.equal(await foundIn(fed(make())), name)
    })
  }

  const unsendable: readonly (readonly [what: string, whose: RegExp, key: unknown, event: unknown])[] = [
    ['an event without a type', /its event\(\) gives \{"cents":1\}/, keyOf, () => ({ cents: 1 })],
    [
      "an event of XState's",
      /its event\(\) gives .*the runtime's own/,
      keyOf,
      () => ({ type: 'xstate.stop', cents: 1 }),
    ],
    ['null', /its event\(\) gives null.*Give undefined/, keyOf, () => null],
    ['a promise of an event', /its event\(\) gives a promise/, keyOf, async (one: Fed) => eventOf(one)],
    [
      'a promise that fails',
      /its event\(\) gives a promise/,
      keyOf,
      async () => {
        throw new RangeError('later')
      },
    ],
    ['an empty key', /its key\(\) gives ""/, () => '', eventOf],
    ['a number as key', /its key\(\) gives 5/, () => 5, eventOf],
    ['no key', /its key\(\) gives "\(undefined\)"/, () => undefined, eventOf],
    ['a key that is too long', /its key\(\) gives "kk.*1 to 1024/, () => 'k'.repeat(1_025), eventOf],
    ['a promise of a key', /its key\(\) gives a promise/, async (one: Fed) => keyOf(one), eventOf],
  ]
  for (const [what, whose, key, event] of unsendable) {
    it(`FM3: ${what} is a mistake of the function that made it, and not of unlost`, async () => {
      const error: unknown = await fed(customer(key as never, event as never)).catch(
        (thrown: unknown) => thrown,
      )
      assert.ok(error instanceof CheckFailedError, inspect(error))
      assert.equal(error.violation.invariant, 'failing-turn')
      assert.match(error.violation.text, whose)
      assert.match(error.violation.text, /a subscription of 'customer' to topic 'payments'.*dead letters/)
      assert.doesNotMatch(error.message, /promise of unlost itself|ack after work/)
    })
  }

  it('FM3: the longest key that the runtime takes passes', async () => {
    assert.equal(await foundIn(fed(customer(() => 'k'.repeat(1_024), eventOf))), 'nothing')
  })

  it('FM3: an event that the runtime would not store is not durable, whatever is wrong with it', async () => {
    const circle: Record<string, unknown> = { type: 'PAID', cents: 1 }
    circle['self'] = circle
    class Mine {
      readonly type = 'PAID'
      readonly cents = 1
    }
    for (const event of [circle, new Mine(), { type: 'PAID', cents: Number.NaN }])
      assert.equal(await foundIn(fed(customer(keyOf, () => event as never))), 'not-durable', inspect(event))
  })

  it('messages to a topic that nobody subscribes to, or without values, are refused', async () => {
    const check = (messages: unknown): Promise<unknown> =>
      checkActor(customer(keyOf, eventOf), {
        events: [{ type: 'PAID', cents: 1 }],
        messages: messages as [],
      })
    await assert.rejects(
      check([{ topic: defineTopic('others'), values }]),
      /to which no definition subscribes/,
    )
    await assert.rejects(check([{ topic: payments }]), /lacks 'values'/)
    await assert.rejects(check([{ topic: payments, values: [] }]), InvalidOptionError)
    await assert.rejects(check({ topic: payments, values }), InvalidOptionError)
  })
})

type Read = { type: 'READ'; value: number } | { type: 'RESET' }
const events: readonly Read[] = [{ type: 'READ', value: 200 }, { type: 'RESET' }]
const celsius = defineActor('device', {
  initial: { celsius: 0, reads: 0 },
  reducer: (state, event: Read) =>
    event.type === 'READ' ? { celsius: event.value, reads: state.reads + 1 } : state,
})

function kelvin(migrate: (context: { celsius: number; reads: number }) => object) {
  return defineActor('device', {
    version: 2,
    migrate: (stored) => ({
      ...stored,
      context: migrate(stored.context as never) as { kelvin: number; reads: number },
    }),
    initial: { kelvin: 273, reads: 0 },
    reducer: (state, event: Read) =>
      event.type === 'READ'
        ? { kelvin: event.value + 273, reads: state.reads + 1 }
        : { ...state, kelvin: 273 },
  })
}

const upgraded = (definition: ReturnType<typeof kelvin>): Promise<unknown> =>
  checkActor(definition, {
    ...quick,
    events,
    upgradeFrom: celsius,
    invariant: ({ context }) => context.kelvin >= 0 && context.reads >= 0,
  })

/** A machine in two versions: a state was renamed. */
function door(version: number, names: readonly [string, string], map?: Readonly<Record<string, string>>) {
  const [shut, open] = names
  const machine = setup({
    types: { context: {} as { pushes: number }, events: {} as { type: 'PUSH' } },
    actions: { count: assign({ pushes: ({ context }) => context.pushes + 1 }) },
  }).createMachine({
    context: { pushes: 0 },
    initial: shut,
    states: {
      [shut]: { on: { PUSH: { target: open, actions: 'count' } } },
      [open]: { after: { 1000: shut }, on: { PUSH: { target: shut, actions: 'count' } } },
    },
  })
  const migrate = (stored: { readonly value: unknown }): never =>
    ({ ...stored, value: map?.[String(stored.value)] ?? stored.value }) as never
  return defineActor('door', {
    machine,
    version,
    ...(map !== undefined && { migrate }),
  }) as unknown as ActorDefinition
}

const opened = (definition: ActorDefinition): Promise<unknown> =>
  checkActor(definition, { ...quick, events: [{ type: 'PUSH' }], upgradeFrom: door(1, ['shut', 'open']) })

describe('checkActor over an upgrade', () => {
  it('ML1, ML2, PR5: a migration that keeps all passes, of a reducer and of a machine', async () => {
    const right = kelvin(({ celsius: degrees, reads }) => ({ kelvin: degrees + 273, reads }))
    assert.equal(await foundIn(upgraded(right)), 'nothing')
    assert.equal(await foundIn(opened(door(2, ['closed', 'open'], { shut: 'closed' }))), 'nothing')
  })

  it('ML1: a migration may change the data that it is given in place: it is a copy of its own', async () => {
    const changing = defineActor('device', {
      version: 2,
      migrate: (stored) => {
        const context = stored.context as { kelvin: number; celsius?: number }
        context.kelvin = (context.celsius ?? 0) + 273
        delete context.celsius
        return stored
      },
      initial: { kelvin: 273, reads: 0 },
      reducer: (state, event: Read) =>
        event.type === 'READ' ? { kelvin: event.value + 273, reads: state.reads + 1 } : state,
    })
    assert.equal(await foundIn(upgraded(changing)), 'nothing')
  })

  it('a version that only adds needs no migration', async () => {
    const machine = setup({ types: { context: {} as { pushes: number }, events: {} as { type: 'PUSH' } } })
    const more = machine.createMachine({
      context: { pushes: 0 },
      initial: 'shut',
      states: {
        shut: { on: { PUSH: 'open' } },
        open: { after: { 1000: 'shut' }, on: { PUSH: 'locked' } },
        locked: { on: { PUSH: 'shut' } },
      },
    })
    assert.equal(
      await foundIn(opened(defineActor('door', { machine: more }) as unknown as ActorDefinition)),
      'nothing',
    )
  })

  it('ML1: a state that the new version does not have, or a migration that throws, is found', async () => {
    assert.equal(await foundIn(opened(door(2, ['closed', 'open']))), 'failed-migration')
    const throwing = kelvin(({ celsius: degrees }) => {
      if (degrees > 100) throw new RangeError('too hot')
      return { kelvin: degrees + 273, reads: 0 }
    })
    assert.equal(await foundIn(upgraded(throwing)), 'failed-migration')
  })

  it('a migration that loses a field, or gives a wrong one, is found by what comes of it and by the invariant', async () => {
    const forgetful = kelvin(({ celsius: degrees }) => ({ kelvin: degrees + 273 }))
    assert.equal(await foundIn(upgraded(forgetful)), 'not-durable', 'undefined + 1 is no number')
    const wrong = kelvin(({ celsius: degrees, reads }) => ({ kelvin: degrees - 273, reads }))
    assert.equal(await foundIn(upgraded(wrong)), 'actor-invariant')
  })

  it('PR6: what comes of a state of the older version is said to, and points to migrate', async () => {
    const told = async (checking: Promise<unknown>): Promise<string> => {
      const error: unknown = await checking.catch((thrown: unknown) => thrown)
      assert.ok(error instanceof CheckFailedError, inspect(error))
      return `${error.violation.invariant}: ${error.violation.text}`
    }
    const forgetful = kelvin(({ celsius: degrees }) => ({ kelvin: degrees + 273 }))
    const raised = /upgraded from version 1 to 2: look first at whether 'migrate' gives all/
    assert.match(await told(upgraded(forgetful)), /^not-durable: /)
    assert.match(await told(upgraded(forgetful)), raised)
    const wrong = kelvin(({ celsius: degrees, reads }) => ({ kelvin: degrees - 273, reads }))
    assert.match(await told(upgraded(wrong)), raised)
    const listing = (version: number) =>
      defineActor('device', {
        version,
        initial: { kelvin: 0, reads: 0, all: [0] },
        reducer: (state, event: Read) =>
          event.type === 'READ' ? { ...state, all: state.all.concat(event.value) } : state,
      }) as never
    assert.match(await told(upgraded(listing(2))), /^failing-turn: /)
    assert.match(await told(upgraded(listing(2))), raised)
    const knocks = setup({ types: { context: {} as { knocks: number }, events: {} as { type: 'PUSH' } } })
    const machine = knocks.createMachine({
      context: { knocks: 0 },
      initial: 'shut',
      states: { shut: {}, open: {}, locked: {} },
      on: { PUSH: { actions: assign({ knocks: ({ context }) => context.knocks + 1 }) } },
    })
    const unraised = defineActor('door', { machine }) as unknown as ActorDefinition
    assert.match(
      await told(opened(unraised)),
      /^not-durable: .*older definition.*raise 'version' and give 'migrate'/,
    )
    const asking = kelvin(({ celsius: degrees, reads }) => ({
      kelvin: degrees + 273,
      reads: reads + Date.now(),
    }))
    assert.doesNotMatch(await told(upgraded(asking)), /look first/)
  })

  it('ML2: a migration that asks the clock, or counts by itself, is found', async () => {
    const asking = kelvin(({ reads }) => ({ kelvin: performance.now() > 0 ? 1 : 2, reads }))
    assert.equal(await foundIn(upgraded(asking)), 'ambient-input')
    let count = 0
    const counting = kelvin(({ reads }) => ({ kelvin: (count += 1), reads }))
    assert.equal(await foundIn(upgraded(counting)), 'impure-turn')
  })

  it('an older version of another name, or of the same version, is refused', async () => {
    const check = (upgradeFrom: unknown): Promise<unknown> =>
      checkActor(celsius, { events, upgradeFrom: upgradeFrom as typeof celsius })
    await assert.rejects(check(door(1, ['shut', 'open'])), /what is checked is 'device'/)
    await assert.rejects(check(celsius), /raise the version/)
    await assert.rejects(check(5), InvalidOptionError)
  })
})
