/**
 * Stored states and their upgrades; reducers; what a turn tells of itself.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  assign,
  cancel,
  createMachine,
  fromPromise,
  raise,
  sendTo,
  setup,
  type AnyStateMachine,
} from 'xstate'
import {
  MigrationError,
  NotDurableError,
  UnfitStateError,
  defineActor,
  effectId,
} from '../../../actors/index.ts'
import type { ActorLogic, LoadedState, TurnResult, TurnScope } from '../../../actors/index.ts'

const scope = (turn: number): TurnScope => ({
  address: { actor: 'a', key: 'k' },
  nowMs: 1000 + turn,
  turn,
  random: () => 0.25,
  id: () => `id-${turn}`,
})

const logicOf = (machine: unknown, more: object = {}): ActorLogic =>
  defineActor('a', { machine: machine as AnyStateMachine, ...more }).logic

const send = (logic: ActorLogic, state: LoadedState, ...[type, turn = 2]: [string, number?]): TurnResult =>
  logic.turn(scope(turn), state, { kind: 'event', event: { type } })

/** What `from` has after GO, as `to` would find it on disk. */
const upgrade = (from: ActorLogic, to: ActorLogic): LoadedState => {
  const { state } = send(from, from.begin(scope(1), undefined).state, 'GO')
  return to.load({ version: from.version, hash: from.hash, text: from.save(state) })
}

const at = (states: object, more: object = {}): unknown =>
  createMachine({ id: 'm', initial: 'a', states: { a: { on: { GO: 'b' } }, ...states }, ...more } as never)

describe('a stored state', () => {
  const one = logicOf(at({ b: { after: { 1000: 'a' } } }))

  it('MS1 and MW1: the hash is of the structure: states, events, delays and children', () => {
    const same = logicOf(at({ b: { after: { 1000: 'a' } } }))
    assert.equal(one.hash, same.hash)
    for (const other of [
      { b: {} },
      { b: { after: { 2000: 'a' } } },
      { b: { after: { 1000: 'a' } }, c: {} },
    ]) {
      assert.notEqual(one.hash, logicOf(at(other)).hash)
    }
  })

  it('ML3, ST2 and MS2: fits as long as its states are there, whatever else is new; nothing is entered', () => {
    let entered = 0
    const wider = at(
      { b: { after: { 1000: 'a' }, entry: assign(() => ({ n: (entered += 1) })) }, c: {} },
      { context: {} },
    )
    assert.equal(logicOf(wider).view(upgrade(one, logicOf(wider))).value, 'b')
    assert.equal(entered, 0)
  })

  it('ST3, MS2 and SS3: is refused by name when it does not fit, with the remedy', () => {
    const refusals: readonly (readonly [object, RegExp])[] = [
      [{ z: {} }, /state 'b' does not exist in 'm'/],
      [{ b: { initial: 'x', states: { x: {} } } }, /state 'm.b' has states of its own now/],
    ]
    for (const [states, words] of refusals) {
      const other = createMachine({ id: 'm', initial: 'a', states: { a: {}, ...states } } as never)
      assert.throws(
        () => upgrade(one, logicOf(other)),
        (error) => {
          assert.ok(error instanceof UnfitStateError)
          assert.match(error.message, words)
          assert.match(error.message, /actor 'a' version 1 .* Raise version to 2 and give migrate/)
          return true
        },
      )
    }
  })

  it('SS1: migrate runs for an older version only, and what it gives is taken', () => {
    const seen: unknown[] = []
    const migrate = (snapshot: object, from: number): object => {
      seen.push(from)
      return { ...snapshot, value: 'z' }
    }
    const two = logicOf(createMachine({ id: 'm', initial: 'z', states: { z: {} } }), { version: 2, migrate })
    const state = upgrade(one, two)
    assert.equal(two.view(state).value, 'z')
    assert.deepEqual(seen, [1])
    two.load({ version: 2, hash: two.hash, text: two.save(state) })
    assert.deepEqual(seen, [1])
  })

  it('SS1: a migrate that throws or gives no state is named, and the bytes are as they were', () => {
    const gives = (migrate: () => unknown): ActorLogic => logicOf(at({ b: {} }), { version: 2, migrate })
    const stop = (): never => {
      throw new RangeError('no')
    }
    assert.throws(() => upgrade(one, gives(stop)), MigrationError)
    assert.throws(
      () =>
        upgrade(
          one,
          gives(() => undefined),
        ),
      UnfitStateError,
    )
    assert.throws(
      () =>
        upgrade(
          one,
          gives(() => ({ status: 'active', value: 'b', children: 7, historyValue: { m: 1 } })),
        ),
      MigrationError,
    )
  })

  it('SS2: of a newer version is refused', () => {
    const two = logicOf(at({ b: {} }), { version: 2 })
    assert.throws(() => upgrade(two, one), /written by a newer version/)
  })

  it('MV1 and MV2: an armed timer whose event was renamed is told, and fires into nothing', () => {
    const two = logicOf(at({ b: { after: { 2000: 'a' } } }))
    const state = upgrade(one, two)
    const [timer] = two.timers(state)
    assert.deepEqual(one.orphans(upgrade(one, one)), [])
    assert.deepEqual(two.orphans(state), [timer])
    const fired = two.turn(scope(3), state, { kind: 'timer', timer: timer?.timer ?? '' })
    assert.equal(two.view(fired.state).value, 'b')
    const migrated = logicOf(at({ b: { after: { 2000: 'a' } } }), {
      version: 2,
      migrate: (snapshot: { timers: Record<string, { event: object }> }) => ({
        ...snapshot,
        timers: Object.fromEntries(
          Object.entries(snapshot.timers).map(([name, each]) => [
            name,
            { ...each, event: { type: 'xstate.after.2000.m.b' } },
          ]),
        ),
      }),
    })
    assert.deepEqual(migrated.orphans(upgrade(one, migrated)), [])
  })

  it('PL1 and ST1: children under any id, and references to a parent, survive', () => {
    const inner = setup({ types: { input: {} as { boss: unknown } } }).createMachine({
      id: 'inner',
      context: ({ input }) => ({ boss: input.boss }),
      on: { ASK: { actions: sendTo(({ context }) => context['boss'] as never, { type: 'TOLD' } as never) } },
    })
    const outer = setup({ actors: { inner } }).createMachine({
      context: { told: 0 },
      invoke: { src: 'inner', id: 'a/b%', input: ({ self }) => ({ boss: self }) },
      on: {
        GO: { actions: sendTo('a/b%', { type: 'ASK' }) },
        TOLD: { actions: assign({ told: ({ context }) => (context as { told: number }).told + 1 }) },
      },
    })
    const logic = logicOf(outer)
    const state = upgrade(logic, logic)
    assert.deepEqual(logic.view(state).context, { told: 1 })
    assert.deepEqual(logic.view(send(logic, state, 'GO', 3).state).context, { told: 2 })
  })
})

describe('a turn', () => {
  const slow = fromPromise<string, undefined>(({ self }) => Promise.resolve(effectId(self)))
  const machine = setup({ actors: { slow }, actions: { tell: () => {} } }).createMachine({
    id: 'm',
    initial: 'idle',
    context: { at: 0, id: '', got: '' },
    states: {
      idle: { on: { GO: 'busy' } },
      busy: {
        entry: [
          assign(({ system }) => {
            const turn = system as unknown as { now(): number; id(): string }
            return { at: turn.now(), id: turn.id() }
          }),
          'tell',
          () => {},
          raise({ type: 'LATE' }, { delay: 5, id: 'late' }),
        ],
        invoke: {
          src: 'slow',
          id: 'slow',
          onDone: { target: 'done', actions: assign({ got: ({ event }) => event.output }) },
        },
        on: { BACK: { target: 'idle', actions: cancel('late') } },
      },
      done: { type: 'final' },
    },
  })
  const logic = logicOf(machine)
  const first = logic.begin(scope(1), undefined).state

  it('AL2 and ML2: leaves the state it was given as it was', () => {
    const before = logic.save(first)
    send(logic, first, 'GO')
    assert.deepEqual(logic.save(first), before)
    const bad = logicOf(
      createMachine({
        context: { n: 0 },
        on: {
          GO: {
            actions: [
              assign({ n: 1 }),
              assign(() => {
                throw new RangeError('no')
              }),
            ],
          },
        },
      }),
    )
    const { state } = bad.begin(scope(1), undefined)
    const kept = bad.save(state)
    assert.throws(() => send(bad, state, 'GO'), RangeError)
    assert.deepEqual(bad.save(state), kept)
  })

  it('LS2: time and ids of user code are those of the turn', () => {
    const { context } = logic.view(send(logic, first, 'GO', 7).state)
    assert.deepEqual(context, { at: 1007, id: 'id-7', got: '' })
  })

  it('TU1, TN1 and MP2: timers, starts and actions have names that are used once, or found again', () => {
    const [two, three] = [send(logic, first, 'GO', 2).effects, send(logic, first, 'GO', 3).effects]
    const names = [...two, ...three].flatMap((effect) =>
      effect.kind === 'arm'
        ? [effect.timer]
        : effect.kind === 'start'
          ? [`${effect.effect}${effect.generation}`]
          : [],
    )
    assert.equal(new Set(names).size, 4)
    const actions = two.flatMap((effect) => (effect.kind === 'action' ? [effect.name] : []))
    assert.equal(actions.length, 2)
    for (const name of actions) assert.ok(logicOf(machine).action(name), name)
    assert.equal(logic.action('nothing'), undefined)
    assert.equal(logic.runnable('nothing'), undefined)
  })

  it('MC2, OU2 and TT1: a timer or a result that nobody waits for any more changes nothing', () => {
    const busy = send(logic, first, 'GO', 2)
    const [start] = logic.running(busy.state)
    const [timer] = logic.timers(busy.state)
    assert.ok(start && timer)
    const idle = send(logic, busy.state, 'BACK', 3)
    assert.deepEqual(idle.effects.map(({ kind }) => kind).toSorted(), ['cancel', 'stop'])
    const again = send(logic, idle.state, 'GO', 4).state
    for (const late of [
      { kind: 'timer', timer: timer.timer },
      { kind: 'done', effect: start.effect, generation: start.generation, output: 'old' },
    ] as const) {
      const { state, handled, effects } = logic.turn(scope(5), again, late)
      assert.deepEqual([state === again, handled, effects], [true, false, []])
    }
  })

  it('OD1 and OD2: a promise is given the id of its effect, and reports once', async () => {
    const { state } = send(logic, first, 'GO', 2)
    const [start] = logic.running(state)
    assert.ok(start)
    const output = await new Promise((done, failed) => {
      const running = logic.runnable(start.src)?.({
        ...start,
        id: 'a/k/2:0',
        report: { done, failed, sent: failed },
      })
      assert.equal(running?.settles, true)
    })
    assert.equal(output, 'a/k/2:0')
    const { effect, generation } = start
    const ended = logic.turn(scope(3), state, { kind: 'done', effect, generation, output })
    assert.equal(ended.status, 'done')
    assert.deepEqual(ended.effects, [{ kind: 'cancel', timer: 'late#2.1' }])
  })

  it('ML4: an actor that has ended takes no event', () => {
    const short = logicOf(
      createMachine({ initial: 'a', states: { a: { on: { GO: 'b' } }, b: { type: 'final' } }, output: 7 }),
    )
    const { state, output } = send(short, short.begin(scope(1), undefined).state, 'GO')
    assert.equal(output, 7)
    const after = send(short, state, 'GO', 3)
    assert.deepEqual(
      [after.state === state, after.handled, after.status, after.output],
      [true, false, 'done', 7],
    )
  })
})

describe('a reducer', () => {
  interface State {
    readonly n: number
  }
  type Event =
    | { type: 'ADD' }
    | { type: 'FAIL' }
    | { type: 'LATER' }
    | { type: 'STOP' }
    | { type: 'NOTHING' }
    | { type: 'ASYNC' }
  const { logic } = defineActor('r', {
    initial: { n: 0 },
    reducer: (state: State, event: Event, turn): State => {
      switch (event.type) {
        case 'ADD':
          turn.reply(state.n + 1)
          return { n: state.n + 1 }
        case 'FAIL':
          turn.emit({ type: 'LOST' })
          throw new RangeError('no')
        case 'LATER':
          turn.after(50, { type: 'ADD' }, 'late')
          turn.deliver({ actor: 'x', key: '1' }, { type: 'HEY' }, { delayMs: 20 })
          return state
        case 'STOP':
          turn.finish('over')
          return state
        case 'ASYNC':
          return Promise.resolve(state) as unknown as State
        case 'NOTHING':
          return state
      }
    },
  })
  const { state } = logic.begin(scope(1), undefined)
  const again = (from: LoadedState): LoadedState =>
    logic.load({ version: 1, hash: logic.hash, text: logic.save(from) })

  it('RL1: that throws has asked for nothing', () => {
    assert.throws(() => send(logic, state, 'FAIL'), RangeError)
    assert.throws(() => send(logic, state, 'ASYNC'), NotDurableError)
    assert.deepEqual(logic.view(state).context, { n: 0 })
  })

  it('RL2: that does nothing has not handled the event', () => {
    const { handled, state: after } = send(logic, state, 'NOTHING')
    assert.deepEqual([handled, after === state], [false, true])
    const added = send(logic, state, 'ADD')
    assert.deepEqual([added.handled, added.effects], [true, [{ kind: 'reply', value: 1 }]])
  })

  it('RL2 and MC2: its timers survive, fire once, and carry its sends', () => {
    const later = again(send(logic, state, 'LATER').state)
    const [first, second] = logic.timers(later)
    assert.ok(first && second)
    const fired = [first, second].map(({ timer }) => logic.turn(scope(3), later, { kind: 'timer', timer }))
    const kinds = fired.map(({ effects }) => effects.map(({ kind }) => kind)).flat()
    assert.deepEqual(kinds.toSorted(), ['deliver', 'reply'])
    for (const { state: after } of fired) assert.equal(logic.timers(again(after)).length, 1)
    const [done] = fired
    assert.equal(
      logic.turn(scope(4), done?.state ?? later, { kind: 'timer', timer: first.timer }).handled,
      false,
    )
  })

  it('RL3: finish ends it: no event, no timer', () => {
    const later = send(logic, state, 'LATER').state
    const { status, output, effects, state: over } = send(logic, later, 'STOP', 3)
    assert.deepEqual(
      [status, output, effects.map(({ kind }) => kind)],
      ['done', 'over', ['cancel', 'cancel']],
    )
    assert.equal(send(logic, again(over), 'ADD', 4).handled, false)
    assert.deepEqual(logic.view(again(over)), { status: 'done', context: { n: 0 }, output: 'over' })
  })
})
