/**
 * Definitions of actors: their options, what is refused and why, their types.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  assign,
  createMachine,
  enqueueActions,
  fromPromise,
  raise,
  sendParent,
  sendTo,
  setup,
  spawnChild,
  type AnyStateMachine,
} from 'xstate'
import {
  InvalidOptionError,
  NotDurableError,
  dataOfError,
  defineActor,
  deliver,
} from '../../../actors/index.ts'
import type { ReducerTurn, ReplyTo, TurnScope, TypesOf } from '../../../actors/index.ts'
import { UnlostError, defineTopic } from '../../../runtime/index.ts'

const scope = (turn: number): TurnScope => ({
  address: { actor: 'a', key: 'k' },
  nowMs: 1000,
  turn,
  random: () => 0.25,
  id: () => `id-${turn}`,
})

const refusalOf = (machine: unknown): NotDurableError => {
  try {
    defineActor('a', { machine: machine as AnyStateMachine })
  } catch (error) {
    if (error instanceof NotDurableError) return error
    throw error
  }
  return assert.fail('it was not refused')
}

/** What a turn of a machine refuses: at its begin, or at the event GO. */
const turnRefusalOf = (machine: unknown): NotDurableError => {
  const { logic } = defineActor('a', { machine: machine as AnyStateMachine })
  try {
    const { state } = logic.begin(scope(1), undefined)
    logic.turn(scope(2), state, { kind: 'event', event: { type: 'GO' } })
  } catch (error) {
    if (error instanceof NotDurableError) return error
    throw error
  }
  return assert.fail('it was not refused')
}

const child = createMachine({ id: 'child' })

describe('a definition', () => {
  const counter = defineActor('counter', {
    initial: { count: 0 },
    reducer: (state, event: { type: 'ADD'; by: number }) => ({ count: state.count + event.by }),
  })

  it('DA1: is immutable, and may be used by any number of runtimes', () => {
    assert.ok(Object.isFrozen(counter))
    assert.ok(Object.isFrozen(counter.subscriptions))
  })

  it('DA2, OC1 and OC2: a wrong or misspelt option is refused by name, with the nearest known one', () => {
    const refused = (options: object, words: RegExp): void => {
      const kept = { ...options }
      assert.throws(
        () => defineActor('a', options as never),
        (error) => error instanceof InvalidOptionError && words.test(error.message),
      )
      assert.deepEqual(options, kept)
    }
    refused({ machnie: child }, /unknown option 'machnie'; did you mean 'machine'\?/)
    refused({ machine: child, versoin: 2 }, /did you mean 'version'\?/)
    refused({ machine: child, supervision: { maxAttempt: 2 } }, /did you mean 'maxAttempts'\?/)
    refused({ machine: {} }, /must be a machine of XState 5/)
    refused({ machine: Object.assign({}, child) }, /must be a machine of XState 5/)
    const lost = createMachine({ initial: 'nowhere', states: { a: {} } })
    refused({ machine: lost }, /XState refuses the machine: Initial state node "nowhere" not found/)
    refused({}, /give either 'machine' or 'reducer'/)
    for (const none of [undefined, null])
      assert.throws(() => defineActor('a', none as never), InvalidOptionError)
    refused({ machine: child, reducer: () => 1, initial: 1 }, /give either/)
    refused({ machine: child, initial: 1 }, /belongs to a reducer/)
    refused({ reducer: () => 1 }, /needs 'initial'/)
    refused({ machine: child, version: 0 }, /'version' must be a whole number/)
    refused({ machine: child, schema: {} }, /must be a Standard Schema/)
    refused(
      { machine: child, subscriptions: [{ topic: {}, key: String, event: String }] },
      /topic that defineTopic made/,
    )
    refused({ machine: child, subscriptions: [{ topic: defineTopic('t'), key: String }] }, /lacks 'event'/)
    assert.throws(() => defineActor('no/name', { machine: child }), InvalidOptionError)
  })

  it('DA3: an address is plain data, the same for the same key', () => {
    assert.deepEqual(counter.at('x'), { actor: 'counter', key: 'x' })
    assert.throws(() => counter.at(''), InvalidOptionError)
  })

  it('AE1: what it throws is an UnlostError with a code', () => {
    const error = refusalOf(createMachine({ invoke: { src: 'nothing', id: 'x' } }))
    assert.ok(error instanceof UnlostError)
    assert.equal(error.code, 'UNLOST_NOT_DURABLE')
  })

  it('AE2: an error as data keeps name, message and code', () => {
    const error = Object.assign(new RangeError('far'), { code: 'E_FAR' })
    assert.deepEqual(dataOfError(error), { name: 'RangeError', message: 'far', code: 'E_FAR' })
    assert.deepEqual(dataOfError({ reason: 'no' }), { reason: 'no' })
    assert.equal(dataOfError('no'), 'no')
  })
})

describe('what cannot be durable', () => {
  const after = (delay: string): unknown =>
    createMachine({ initial: 'a', states: { a: { after: { [delay]: 'b' } }, b: {} } })
  const refused: readonly (readonly [string, string, unknown])[] = [
    [
      'a child without an id',
      'unnamed-child',
      setup({ actors: { child } }).createMachine({ entry: spawnChild('child') }),
    ],
    ['sendParent of an actor', 'send-parent', createMachine({ entry: sendParent({ type: 'X' }) })],
    ['an actor without code', 'missing-code', createMachine({ invoke: { src: 'nothing' } })],
    ['a delay without code', 'missing-code', after('nothing')],
    [
      'a guard without code',
      'missing-code',
      createMachine({ on: { GO: { guard: 'nothing', actions: [] } } }),
    ],
    [
      'a send to nobody',
      'unknown-target',
      createMachine({ entry: sendTo(undefined as never, { type: 'X' } as never) }),
    ],
    ['a delay that never ends', 'endless-delay', after('Infinity')],
    [
      'a raise that never comes',
      'endless-delay',
      createMachine({ entry: raise({ type: 'X' }, { delay: Infinity }) }),
    ],
    ['a Date in the context', 'static-context', createMachine({ context: { when: new Date(0) } })],
  ]
  for (const [what, rule, machine] of refused) {
    it(`MF1: ${what} is refused when the actor is defined, with place, reason and remedy`, () => {
      const error = refusalOf(machine)
      assert.equal(error.rule, rule)
      assert.match(error.message, /^defineActor\('a'\), machine '/)
      assert.ok(error.reason.length > 10 && error.remedy.length > 10)
    })
  }

  it('MF1, DA2: what JSON would change in the first state of a reducer is refused too, with its path', () => {
    const circle: Record<string, unknown> = {}
    circle['self'] = circle
    for (const odd of [new Date(0), new Map(), circle, () => 1, 1n, Number.NaN]) {
      const define = (): unknown => defineActor('a', { initial: { list: [odd] }, reducer: (state) => state })
      assert.throws(define, (error) => {
        assert.ok(error instanceof NotDurableError && error.rule === 'static-context')
        assert.match(
          error.message,
          /^defineActor\('a'\): 'initial' holds .*: initial\.list\[0\].* is .*: \(\) =>/,
        )
        return true
      })
    }
    for (const fine of [undefined, 0, null, { a: [1], gone: undefined }])
      defineActor('a', { initial: fine, reducer: (state: unknown) => state })
  })

  it('MF1: one id for two children that begin together is refused, with both places; else it may be used again', () => {
    const asks = { src: 'child', id: 'x' } as const
    const made = (config: object): unknown =>
      setup({ actors: { child } }).createMachine({ id: 'm', ...config })
    const region = { initial: 'in', states: { in: { invoke: asks } } }
    for (const [config, places] of [
      [{ invoke: [asks, asks] }, /m: .*'x': it is invoked twice there/],
      [
        { type: 'parallel', states: { a: { invoke: asks }, b: { invoke: asks } } },
        /in m\.a and in m\.b, which/,
      ],
      [{ type: 'parallel', states: { a: region, b: region } }, /in m\.a\.in and in m\.b\.in, which begin/],
      [{ invoke: asks, ...region }, /in m and in m\.in, which begin/],
    ] as const) {
      const error = refusalOf(made(config))
      assert.equal(error.rule, 'child-id-taken')
      assert.match(error.message, places)
    }
    const later = { initial: 'off', states: { off: { on: { GO: 'in' } }, in: { invoke: asks } } }
    for (const config of [
      { initial: 'a', states: { a: { invoke: asks }, b: { invoke: asks } } },
      { type: 'parallel', states: { a: region, b: later } },
      { invoke: [{ src: 'child' }, { src: 'child' }] },
    ])
      defineActor('a', { machine: made(config) as AnyStateMachine })
  })

  it('MF1: the same in a child, which may send to its parent', () => {
    const inner = createMachine({ id: 'inner', entry: sendParent({ type: 'HELLO' }) })
    const outer = setup({ actors: { inner } }).createMachine({ invoke: { src: 'inner', id: 'i' } })
    defineActor('a', { machine: outer })
    const bad = setup({ actors: { bad: createMachine({ id: 'bad', entry: spawnChild(child) }) } })
    assert.equal(refusalOf(bad.createMachine({ invoke: { src: 'bad', id: 'i' } })).rule, 'unnamed-child')
  })

  const spawned = assign({
    ref: ({ spawn }) => (spawn as (...each: unknown[]) => unknown)(child, { id: 'x' }),
  })
  const inTurn: readonly (readonly [string, string, unknown])[] = [
    ['a spawn of logic without a name', 'unknown-child-code', createMachine({ context: {}, entry: spawned })],
    [
      'a function enqueued during a turn',
      'unnamed-action',
      createMachine({ on: { GO: { actions: enqueueActions(({ enqueue }) => enqueue(() => {})) } } }),
    ],
    [
      'a child made during a turn',
      'unknown-child-code',
      createMachine({
        on: {
          GO: {
            actions: enqueueActions(({ enqueue }) => enqueue.spawnChild(child as never, { id: 'x' })),
          },
        },
      }),
    ],
    [
      'a child without an id that only the turn asks for',
      'unnamed-child',
      setup({ actors: { child } }).createMachine({
        on: { GO: { actions: enqueueActions(({ enqueue }) => enqueue.spawnChild('child')) } },
      }),
    ],
    [
      'a cycle of always',
      'endless-turn',
      createMachine({
        initial: 'a',
        states: { a: { on: { GO: 'b' } }, b: { always: 'c' }, c: { always: 'b' } },
      }),
    ],
    [
      'a second child under one id',
      'child-id-taken',
      setup({ actors: { child } }).createMachine({
        entry: spawnChild('child', { id: 'x' }),
        on: { GO: { actions: spawnChild('child', { id: 'x' }) } },
      }),
    ],
    [
      'a send by hand',
      'send-in-turn',
      createMachine({
        context: {},
        on: {
          GO: {
            actions: assign(({ self }) => {
              self.send({ type: 'X' })
              return {}
            }),
          },
        },
      }),
    ],
    [
      'a delay that never ends',
      'endless-delay',
      createMachine({ on: { GO: { actions: raise({ type: 'X' }, { delay: () => Infinity }) } } }),
    ],
  ]
  for (const [what, rule, machine] of inTurn) {
    it(`ML2, MP3, TU2, LS1 and CC1: ${what} shows only in a turn, and is refused there`, () => {
      assert.equal(turnRefusalOf(machine).rule, rule)
      assert.equal(turnRefusalOf(machine).rule, rule, 'the first refusal left nothing behind')
    })
  }

  it('MF2 and MP1: the machine of the user is as it was, and its static context is nobody’s', () => {
    const context = { list: [1] }
    const machine = createMachine({
      context,
      on: { GO: { actions: assign({ list: ({ context: c }) => [...c.list, 2] }) } },
    })
    const { logic } = defineActor('a', { machine })
    const one = logic.view(logic.begin(scope(1), undefined).state).context as typeof context
    assert.deepEqual(one, context)
    assert.notEqual(one.list, context.list)
    assert.equal(machine.options.maxIterations, Infinity)
  })
})

/** Compiled, not run: a wrong type fails the check of types. */
export function types(): void {
  const machine = setup({
    types: {
      context: {} as { n: number },
      events: {} as { type: 'ADD'; by: number } | { type: 'READ' },
      input: {} as { start: number },
      output: {} as { total: number },
      emitted: {} as { type: 'ADDED' },
    },
    actors: { work: fromPromise<number, number>(async ({ input }) => input) },
  }).createMachine({
    context: ({ input }) => ({ n: input.start }),
    initial: 'a',
    states: { a: {}, b: { type: 'final' } },
    output: ({ context }) => ({ total: context.n }),
  })
  const topic = defineTopic<{ customer: string; n: number }>('t')
  const sum = defineActor('sum', {
    machine,
    replies: {} as { READ: number },
    subscriptions: [
      {
        topic,
        key: (message) => message.value.customer,
        event: ({ value }) => ({ type: 'ADD', by: value.n }),
      },
      { topic, key: () => '', event: ({ value }) => (value.n > 0 ? { type: 'ADD', by: 1 } : undefined) },
    ],
    migrate: (snapshot, from) => ({ ...snapshot, context: { ...snapshot.context, n: from } }),
  })
  type Sum = TypesOf<typeof sum>
  const input: Sum['input'] = { start: 1 }
  const output: Sum['output'] = { total: 1 }
  const answer: ReplyTo<Sum, { type: 'READ' }> = 1
  const emitted: Sum['emitted'] = { type: 'ADDED' }
  const at: Sum['view']['value'] = 'a'
  const n: Sum['view']['context']['n'] = 1
  // @ts-expect-error an event that the machine does not have
  const wrong: Sum['event'] = { type: 'NOPE' }
  // @ts-expect-error the answer to READ is a number
  const no: ReplyTo<Sum, { type: 'READ' }> = 'x'
  // @ts-expect-error the address takes the events of this actor only
  deliver(sum.at('1'), { type: 'NOPE' })
  // @ts-expect-error a subscription gives events of the machine
  defineActor('x', {
    machine,
    subscriptions: [{ topic, key: () => '', event: () => ({ type: 'NOPE' }) }],
  })
  const typed = defineActor('typed', {
    initial: (given: { start: number }) => ({ n: given.start }),
    reducer: (
      state: { n: number },
      event: { type: 'INC' },
      turn: ReducerTurn<{ type: 'INC' }, number, { type: 'UP' }, string>,
    ) => {
      turn.emit({ type: 'UP' })
      turn.reply(state.n)
      turn.after(10, event)
      return { n: state.n + 1 }
    },
  })
  const view: TypesOf<typeof typed>['view'] = { status: 'active', context: { n: 1 } }
  const event: TypesOf<typeof typed>['event'] = { type: 'INC' }
  void [input, output, answer, emitted, at, n, wrong, no, view, event]
}
