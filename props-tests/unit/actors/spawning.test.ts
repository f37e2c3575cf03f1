/**
 * Children that are made while a machine works out its context, and what a turn knows of its system.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { assign, createMachine, fromPromise, sendTo, setup } from 'xstate'
import type { AnyActorRef, AnyStateMachine } from 'xstate'
import { NotDurableError, defineActor } from '../../../actors/index.ts'
import type { ActorLogic, LoadedState, TurnResult, TurnScope } from '../../../actors/index.ts'

const scope = (turn: number, key = 'k'): TurnScope => ({
  address: { actor: 'a', key },
  nowMs: 1000 + turn,
  turn,
  random: () => 0.25,
  id: () => `id-${turn}`,
})

const logicOf = (machine: unknown): ActorLogic =>
  defineActor('a', { machine: machine as AnyStateMachine }).logic

/** Saved and loaded, as after a restart. */
const reload = (logic: ActorLogic, state: LoadedState): LoadedState =>
  logic.load({ version: logic.version, hash: logic.hash, text: logic.save(state) })

const take = (logic: ActorLogic, state: LoadedState, ...[type, turn]: [string, number]): TurnResult =>
  logic.turn(scope(turn), reload(logic, state), { kind: 'event', event: { type } })

const idsIn = (logic: ActorLogic, state: LoadedState): string[] =>
  Object.keys(logic.view(state).children ?? {})

interface Farm {
  readonly kids: readonly AnyActorRef[]
}

const kid = createMachine({ id: 'kid', context: { n: 0 }, on: { INC: { actions: assign({ n: 1 }) } } })
const farm = setup({ types: { context: {} as Farm }, actors: { kid } }).createMachine({
  id: 'farm',
  context: ({ spawn }) => ({ kids: [spawn('kid')] }),
  on: {
    HIRE: { actions: assign({ kids: ({ context, spawn }) => [...context.kids, spawn('kid')] }) },
    THROW: {
      actions: assign({
        kids: ({ spawn }) => {
          spawn('kid', { systemId: 'boss' })
          throw new RangeError('after a spawn')
        },
      }),
    },
    BOSS: { actions: assign({ kids: ({ spawn }) => [spawn('kid', { systemId: 'boss' })] }) },
    ASK: { actions: sendTo(({ system }) => system.get('boss') as AnyActorRef, { type: 'INC' }) },
  },
})

describe('a child without an id', () => {
  const logic = logicOf(farm)
  const sessionsIn = (state: LoadedState): string[] =>
    (logic.view(state).context as Farm).kids.map(({ sessionId }) => sessionId)
  const first = logic.begin(scope(1), undefined).state

  it('LS4: has one of the turn and a counter: never given twice, and the same at every try', () => {
    const second = take(logic, first, 'HIRE', 2).state
    const third = take(logic, second, 'HIRE', 3).state
    assert.deepEqual(idsIn(logic, third), ['x:1:1', 'x:2:1', 'x:3:1'])
    assert.equal(logic.save(take(logic, second, 'HIRE', 3).state), logic.save(third))
    assert.equal(logic.save(logic.begin(scope(1), undefined).state), logic.save(first))
    assert.deepEqual(sessionsIn(reload(logic, third)), sessionsIn(third), 'a restart keeps them')
    assert.equal(new Set(sessionsIn(third)).size, 3)
  })

  it('ML2 and AL2: is nobody when the turn that made it throws', () => {
    const before = logic.save(first)
    assert.throws(() => logic.turn(scope(2), first, { kind: 'event', event: { type: 'THROW' } }), RangeError)
    assert.equal(logic.save(first), before)
    assert.deepEqual(idsIn(logic, take(logic, first, 'HIRE', 2).state), ['x:1:1', 'x:2:1'])
  })
})

describe('a system id', () => {
  const logic = logicOf(farm)
  const boss = take(logic, logic.begin(scope(1), undefined).state, 'BOSS', 2).state

  it('SI2: survives a restart, and belongs to one actor and one turn', () => {
    const asked = take(logic, boss, 'ASK', 3).state
    assert.deepEqual(logic.view(asked).children?.['x:2:1']?.context, { n: 1 })
    const other = logic.begin(scope(1, 'other'), undefined).state
    assert.equal(logic.save(take(logic, other, 'ASK', 2).state), logic.save(other))
    assert.throws(() => take(logic, other, 'THROW', 2), /after a spawn/, 'that turn had it')
    assert.deepEqual(idsIn(logic, take(logic, other, 'BOSS', 2).state), ['x:1:1', 'x:2:1'])
    assert.throws(() => take(logic, boss, 'BOSS', 3), /Actor with system ID 'boss' already exists/)
  })

  it('LS1: is refused by name to what runs outside of turns', async () => {
    const asks = fromPromise(({ system }) => Promise.resolve(system.get('boss')))
    const machine = setup({ actors: { asks } }).createMachine({ invoke: { id: 'p', src: 'asks' } })
    const run = logicOf(machine).runnable('asks')
    const failed = await new Promise<unknown>((resolve) => {
      const report = { done: resolve, failed: resolve, sent: resolve }
      run?.({ input: undefined, id: 'one', child: 'p', snapshots: false, report })
    })
    assert.equal((failed as { readonly code: string }).code, NotDurableError.code)
  })
})

describe('logic that is spawned by itself', () => {
  const spawning = (logic: unknown, actors: Record<string, AnyStateMachine>): ActorLogic => {
    const spawned = assign({ ref: ({ spawn }) => (spawn as (each: unknown) => unknown)(logic) })
    return logicOf(setup({ actors }).createMachine({ context: {}, entry: spawned } as never))
  }

  it('CC1, LS3 and MP4: is found by its name in setup, and by that after a restart; it begins once', () => {
    let begun = 0
    const counted = createMachine({ context: () => ({ begun: ++begun }) })
    const logic = spawning(counted, { kid: counted })
    const { state } = logic.begin(scope(1), undefined)
    assert.equal(begun, 1)
    assert.match(logic.save(state), /"src":"kid"/)
    assert.deepEqual(idsIn(logic, reload(logic, state)), ['x:1:1'])
  })

  it('CC1: is refused without a name, with the remedy', () => {
    assert.throws(
      () => spawning(kid, {}).begin(scope(1), undefined),
      (error) =>
        error instanceof NotDurableError && error.rule === 'unknown-child-code' && /setup/.test(error.remedy),
    )
  })
})
