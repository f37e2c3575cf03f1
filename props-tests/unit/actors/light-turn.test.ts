/**
 * Light turns beside the same turns in a cell.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { assign, cancel, createMachine, emit, log, raise, sendTo, setup, stopChild } from 'xstate'
import { defineActor, deliver, reply } from '../../../actors/index.ts'
import type { ActorLogic, LoadedState, TurnResult, TurnScope, TypedEvent } from '../../../actors/index.ts'

const scope: TurnScope = {
  address: { actor: 'talker', key: 'one' },
  nowMs: 5,
  turn: 3,
  random: () => 0.25,
  id: () => 'id',
}

const other = defineActor('other', { initial: () => 0, reducer: (state: number) => state })

/** Says everything that a machine can say in a step that stays plain. */
const talker = setup({
  types: { context: {} as { n: number }, events: {} as { type: 'QUIET' | 'TALK' | 'MOVE' | 'FAIL' } },
  actions: { own: () => {} },
}).createMachine({
  context: { n: 0 },
  initial: 'a',
  on: {
    QUIET: {
      actions: assign({
        n: ({ context, self, system }) =>
          context.n + self.id.length + (system as unknown as TurnScope).random(),
      }),
    },
    FAIL: { actions: assign({ n: () => assert.fail('no') }) },
    TALK: {
      actions: [
        assign({ n: ({ context }) => context.n + 1 }),
        emit(({ context }) => ({ type: 'SAID', n: context.n })),
        log(
          ({ context, self }) =>
            `${(self.getSnapshot() as { context: { n: number } }).context.n} ${context.n}`,
        ),
        raise({ type: 'QUIET' }, { delay: 10, id: 'later' }),
        cancel('later'),
        raise({ type: 'QUIET' }, { delay: 20, id: 'later' }),
        'own',
        sendTo(({ self }) => self, { type: 'QUIET' }),
        deliver(other.at('key'), { type: 'HELLO' }),
        reply(({ context }) => context.n),
      ],
    },
    MOVE: '.b',
  },
  states: {
    a: { after: { 50: 'b' }, exit: log('left') },
    b: { entry: emit({ type: 'IN' }), after: { 70: 'a' } },
  },
})

/** The same state, but with an empty list of children of its own: such a turn is not light. */
function heavy(state: LoadedState): LoadedState {
  return { ...state, children: {} } as LoadedState
}

function told(logic: ActorLogic, { state, ...rest }: TurnResult): unknown {
  return { ...rest, effects: [...rest.effects], text: logic.save(state), view: logic.view(state) }
}

describe('a light turn', () => {
  it('LT1: gives what the same turn gives in a cell, and so do the turns after it', () => {
    const { logic } = defineActor('talker', { machine: talker as never })
    let state = logic.begin(scope, undefined).state
    for (const type of ['QUIET', 'TALK', 'MOVE', 'MOVE', 'TALK', 'NOBODY', 'QUIET']) {
      const event = { kind: 'event', event: { type } as TypedEvent } as const
      const light = logic.turn(scope, state, event)
      const inCell = logic.turn(scope, heavy(state), event)
      assert.deepEqual(told(logic, light), told(logic, inCell), type)
      state = light.state
    }
  })

  it('LT1: throws what a turn in a cell throws, and has changed nothing', () => {
    const { logic } = defineActor('talker', { machine: talker as never })
    const { state } = logic.begin(scope, undefined)
    const before = logic.save(state)
    for (const each of [state, heavy(state)])
      assert.throws(() => logic.turn(scope, each, { kind: 'event', event: { type: 'FAIL' } }), {
        message: 'no',
      })
    assert.equal(logic.save(state), before)
  })

  it('LT2: a spawn is taken in a cell, also when the user swallows what it threw before', () => {
    let counts = 0
    const child = createMachine({ context: { at: 1 }, initial: 'on', states: { on: {} } })
    const swallowed = assign(({ spawn, system }) => {
      const lot = (system as unknown as TurnScope).random()
      try {
        return { lot, kid: spawn('child', { id: 'kid' }) }
      } catch {
        counts += 1
        return { lot, kid: 'nobody' }
      }
    })
    const parent = setup({ actors: { child } }).createMachine({
      context: {},
      on: { HIRE: { actions: swallowed as never } },
    })
    const { logic } = defineActor('parent', { machine: parent as never })
    const { state } = logic.begin(scope, undefined)
    const event = { kind: 'event', event: { type: 'HIRE' } } as const
    const first = logic.turn(scope, state, event)
    const text = logic.save(first.state)
    assert.equal(logic.save(logic.turn(scope, heavy(state), event).state), text)
    assert.equal(logic.save(logic.turn(scope, state, event).state), text)
    assert.deepEqual(Object.keys(logic.view(first.state).children ?? {}), ['kid'])
    assert.equal(counts, 2, 'twice without a cell, once with the cell at once')
  })

  it('LT2: after its last child has gone, a turn in memory gives what it gives after a restart', () => {
    const child = createMachine({})
    const hire = assign(({ spawn, system }) => {
      const lot = (system as unknown as TurnScope).random()
      return { lot, kid: spawn('child', { id: 'kid' }) }
    })
    const parent = setup({ actors: { child } }).createMachine({
      context: {},
      on: { HIRE: { actions: hire as never }, FIRE: { actions: stopChild('kid') } },
    })
    const { logic } = defineActor('parent', { machine: parent as never })
    const turn = (state: LoadedState, type: string): LoadedState => {
      let drawn = 0
      const counting = { ...scope, random: () => (drawn += 1) }
      return logic.turn(counting, state, { kind: 'event', event: { type } }).state
    }
    const fired = turn(turn(logic.begin(scope, undefined).state, 'HIRE'), 'FIRE')
    const text = logic.save(fired)
    const read = logic.load({ version: logic.version, hash: logic.hash, text })
    assert.equal(logic.save(turn(fired, 'HIRE')), logic.save(turn(read, 'HIRE')))
  })
})
