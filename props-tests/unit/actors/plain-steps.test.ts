/**
 * What is a plain step and what is left to XState; and that the order of candidates is XState's.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { and, assign, createMachine, enqueueActions, fromPromise, log, raise, setup } from 'xstate'
import type { AnyMachineSnapshot, AnyStateMachine, AnyTransitionDefinition } from 'xstate'
import type { TypedEvent } from '../../../actors/index.ts'
import { KnownMoves, MOVES_MAX } from '../../../actors/internal.ts'
import { StepRecorder, type Taken } from '../../support/step-recorder.ts'

const GO: TypedEvent = { type: 'GO' }

function seen({ next, said }: Taken): unknown {
  return [next?.value, next?.context, said.map(({ type, params }) => [type, params])]
}

/** Whether the first event of a machine is a plain step; if so, it is compared with XState's. */
function isPlain(machine: unknown, event: TypedEvent = GO): boolean {
  const recorder = new StepRecorder(machine as AnyStateMachine)
  const ours = recorder.plainly(recorder.first, event)
  const theirs = recorder.byXState(recorder.first, event)
  if (ours !== undefined) assert.deepEqual(seen(ours), seen(theirs))
  return ours !== undefined
}

const bump = assign({ n: ({ context }) => (context as { n: number }).n + 1 })

/** A state `a` that GO leads out of. */
function from(a: object, more: object = {}): AnyStateMachine {
  return createMachine({ context: { n: 0 }, initial: 'a', states: { a, b: {} }, ...more } as never)
}

describe('PlainSteps', () => {
  it('takes what only changes the context and the states', () => {
    assert.ok(isPlain(from({ on: { GO: { actions: bump } } })))
    assert.ok(isPlain(from({ on: { GO: 'b' }, exit: log('bye') })))
    assert.ok(isPlain(from({ on: { GO: { target: 'b', guard: and([() => true]) } } })))
    assert.ok(isPlain(from({}), { type: 'UNKNOWN' }))
    assert.ok(isPlain(from({ after: { 10: 'b' } }), { type: 'xstate.after.10.(machine).a' }))
  })

  it('WY1, CH2, PA1: takes what several regions do together, what states do by themselves, what is raised', () => {
    const states = { x: { states: { y: {} }, initial: 'y' } }
    const plain = {
      'several regions': createMachine({
        type: 'parallel',
        states: {
          ...states,
          z: { on: { GO: { actions: log('z') } } },
          w: { on: { GO: { actions: log('w') } } },
        },
      } as never),
      'a parallel root': createMachine({
        type: 'parallel',
        states: { ...states, z: {} },
        on: { GO: '.x' },
      } as never),
      'one region': createMachine({ type: 'parallel', states, on: { GO: '.x' } } as never),
      'into a parallel state': from(
        {},
        { states: { a: { on: { GO: 'p' } }, p: { type: 'parallel', states } } },
      ),
      'an initial state that is not the first': from(
        {},
        {
          states: { a: { on: { GO: 'c' } }, c: { initial: 'y', states: { x: {}, y: { entry: log('y') } } } },
        },
      ),
      always: from({ on: { GO: { actions: bump } }, always: { guard: () => false, target: 'b' } }),
      'into always': from({}, { states: { a: { on: { GO: 'c' } }, c: { always: 'b' }, b: {} } }),
      raise: from({ on: { GO: { actions: raise({ type: 'ON' }) }, ON: 'b' } }),
      'a delay that is computed': from({
        on: { GO: { actions: raise({ type: 'ON' }, { delay: () => 5 }) } },
      }),
      enqueueActions: from({ on: { GO: { actions: enqueueActions(({ enqueue }) => enqueue(bump)) } } }),
      'out of a state with history': from(
        {},
        {
          initial: 'c',
          states: { c: { initial: 'd', on: { GO: 'b' }, states: { d: {}, h: { type: 'history' } } }, b: {} },
        },
      ),
      'into a state that begins with history': from(
        {},
        {
          states: {
            a: { on: { GO: 'c' } },
            c: { initial: 'h', states: { h: { type: 'history', target: 'd' }, d: {}, e: {} } },
          },
        },
      ),
      'into history': from(
        {},
        {
          states: {
            a: { on: { GO: 'c.h' } },
            c: { initial: 'd', states: { d: {}, h: { type: 'history' } } },
          },
        },
      ),
      'a root entered anew': from({}, { on: { GO: { target: '#root', reenter: true } }, id: 'root' }),
      'the root from below': from({ on: { GO: '#root' } }, { id: 'root' }),
      'two targets': createMachine({
        initial: 'a',
        states: {
          a: { on: { GO: ['#x', '#z'] } },
          p: { type: 'parallel', states: { x: { id: 'x' }, z: { id: 'z' } } },
        },
      } as never),
    }
    for (const [name, machine] of Object.entries(plain)) assert.ok(isPlain(machine), name)
  })

  it('WY2: leaves to XState what depends on more', () => {
    const left = {
      'into a final state': from({}, { states: { a: { on: { GO: 'end' } }, end: { type: 'final' } } }),
      'a star inside': from({ on: { GO: 'b', 'a.*.b': 'b' } }),
      'a star after a letter': from({ on: { GO: 'b', 'a*': 'b' } }),
      invoke: from(
        {},
        { states: { a: { on: { GO: 'c' } }, c: { invoke: { src: fromPromise(async () => 1), id: 'p' } } } },
      ),
    }
    for (const [name, machine] of Object.entries(left)) assert.equal(isPlain(machine), false, name)
    assert.equal(isPlain(from({}), { type: 'xstate.stop' }), false)
    assert.equal(isPlain(from({}), { type: 'xstate.error.actor.x' }), false)
  })

  it('PG1: leaves a guard that throws to XState, which has words for it', () => {
    const thrower = from({ on: { GO: { target: 'b', guard: () => assert.fail('no') } } })
    for (const machine of [thrower, from({ on: { GO: { target: 'b', guard: 'missing' } } })]) {
      const recorder = new StepRecorder(machine)
      assert.equal(recorder.plainly(recorder.first, GO), undefined)
      assert.match(recorder.byXState(recorder.first, GO).error ?? '', /Unable to evaluate guard/)
    }
  })

  it('PG1: takes what a guard answers as JavaScript does, and asks it once', () => {
    for (const answer of [true, 1, 'x', {}, false, 0, '', null, undefined, Number.NaN]) {
      let asked = 0
      const guard = (): boolean => {
        asked += 1
        return answer as boolean
      }
      const recorder = new StepRecorder(from({ on: { GO: { target: 'b', guard } } }))
      const ours = recorder.plainly(recorder.first, GO)
      assert.equal(asked, 1)
      assert.deepEqual(ours?.next?.value, recorder.byXState(recorder.first, GO).next?.value, typeof answer)
    }
  })

  it('PG1, PA1: hands on parameters, be they given or worked out', () => {
    const given: unknown[] = []
    const note = (_: unknown, params: unknown): void => void given.push(params)
    const isOn = (_: unknown, params: unknown): boolean => {
      note(_, params)
      return (params as { on: boolean } | undefined)?.on === true
    }
    const add = assign((_, params: { by: number }) => ({ n: params.by }))
    const worked = ({ event, context }: { event: TypedEvent; context: { n: number } }): object => ({
      on: event.type === 'GO',
      by: context.n + 1,
    })
    const machine = setup({ guards: { isOn }, actions: { add: add as never, note } }).createMachine({
      context: { n: 1 },
      on: {
        GO: [
          { guard: { type: 'isOn', params: { on: false } }, actions: 'note' },
          {
            guard: { type: 'isOn', params: worked },
            actions: [
              { type: 'add', params: worked },
              { type: 'add', params: { by: 7 } },
              { type: 'note', params: worked },
              { type: 'note' },
              'note',
            ],
          },
        ],
      },
    } as never)
    const recorder = new StepRecorder(machine as unknown as AnyStateMachine)
    const ours = recorder.plainly(recorder.first, GO)
    const asked = given.splice(0)
    const theirs = recorder.byXState(recorder.first, GO)
    assert.deepEqual([asked, ours?.said, ours?.next?.context], [given, theirs.said, theirs.next?.context])
    assert.deepEqual(ours?.next?.context, { n: 7 })
    assert.deepEqual(asked.length, 2)
  })

  it('SK1: knows where history leads that has nothing to remember, however it is written', () => {
    for (const target of ['e', '#e', ['e'], ['#e'], 'f.g', undefined]) {
      const states = { d: {}, e: { id: 'e' }, f: { initial: 'k', states: { k: {}, g: {} } } }
      const c = { initial: 'd', states: { ...states, h: { type: 'history', target } } }
      const machine = from({}, { states: { a: { on: { GO: 'c.h' } }, c } })
      assert.ok(isPlain(machine), String(target))
    }
  })

  it('SK2: leaves what was put into a machine later to XState', () => {
    const machine = from({ on: { GO: 'b' } })
    const recorder = new StepRecorder(machine)
    assert.ok(recorder.plainly(recorder.first, GO))
    const all = recorder.machine.states['a']?.transitions as Map<string, AnyTransitionDefinition[]>
    const [known] = all.get('GO') ?? []
    assert.ok(known !== undefined)
    all.set('LATER', [{ ...known, eventType: 'LATER' }])
    assert.equal(recorder.plainly(recorder.first, { type: 'LATER' }), undefined)
    assert.deepEqual(recorder.byXState(recorder.first, { type: 'LATER' }).next?.value, 'b')
  })

  it('PS2: runs each action once when XState goes on in the middle', () => {
    const ends = {
      c: { always: { target: 'end', actions: bump }, on: { GO: { actions: bump } } },
      end: { type: 'final' },
    }
    const machine = from({}, { states: { a: { on: { GO: { target: 'c', actions: bump } } }, ...ends } })
    const recorder = new StepRecorder(machine)
    const ours = recorder.plainly(recorder.first, GO)
    assert.deepEqual([ours?.next?.status, ours?.next?.context], ['done', { n: 2 }])
    const again = recorder.plainly(recorder.first, GO)
    assert.deepEqual(again?.next?.context, { n: 2 }, 'and asks as before for the next event')
  })

  it('HO1: what was raised and not taken yet is not lost when XState goes on', () => {
    const work = {
      initial: 'p',
      states: { p: { on: { X: 'q' } }, q: { type: 'final' } },
      onDone: { actions: bump },
    }
    const machine = createMachine({
      context: { n: 0 },
      initial: 'work',
      states: { work },
      on: {
        GO: { actions: [raise({ type: 'X' }), raise({ type: 'Y' }), raise({ type: 'Z' })] },
        Y: { actions: [assign({ n: ({ context }) => (context as { n: number }).n * 10 + 2 }), log('y')] },
        Z: { actions: [assign({ n: ({ context }) => (context as { n: number }).n * 10 + 3 }), log('z')] },
      },
    } as never) as AnyStateMachine
    const recorder = new StepRecorder(machine)
    const [ours, theirs] = [recorder.plainly(recorder.first, GO), recorder.byXState(recorder.first, GO)]
    assert.deepEqual(ours && seen(ours), seen(theirs))
    assert.deepEqual(ours?.next?.context, { n: 24 })
  })

  it('HO2: a machine is as it was when what XState goes on with throws', () => {
    const fails = {
      c: { always: { target: 'end', actions: assign(() => assert.fail('no')) } },
      end: { type: 'final' },
    }
    const machine = from({}, { states: { a: { on: { GO: 'c' } }, ...fails } })
    const recorder = new StepRecorder(machine)
    const [names, { options }] = [Object.keys(machine), machine]
    assert.match(recorder.plainly(recorder.first, GO)?.error ?? '', /no/)
    assert.deepEqual(Object.keys(machine), names)
    assert.equal(machine.options, options)
  })

  it('KM1: remembers no endless number of choices', () => {
    const moves = new KnownMoves<number>()
    const all =
      createMachine({ on: { GO: [{ guard: () => true }, {}] } } as never).root.transitions.get('GO') ?? []
    const [one, other] = all as AnyTransitionDefinition[]
    assert.ok(one !== undefined && other !== undefined)
    let made = 0
    const get = (chosen: AnyTransitionDefinition[]): number => moves.get(chosen, () => (made += 1))
    assert.deepEqual([get([one]), get([one, other]), get([one]), get([one, other])], [1, 2, 1, 2])
    for (let count = 2; count <= MOVES_MAX + 1; count += 1)
      get([...Array.from({ length: count }, () => other), one])
    assert.ok(made > MOVES_MAX)
    const [last, again] = [get([other, one, one]), get([other, one, one])]
    assert.notEqual(last, again, 'worked out each time')
  })

  it('PS3: a cycle without end is ended where XState ends it, wherever XState took over', () => {
    const chain = (isAllPlain: boolean, length: number): AnyStateMachine =>
      from(
        {},
        {
          states: {
            a: { on: { GO: 'c' } },
            c: { always: { target: 'd', actions: bump } },
            d: on(isAllPlain, length),
          },
          options: { maxIterations: 60 },
        },
      )
    const on = (isAllPlain: boolean, length: number): object => ({
      always: {
        guard: ({ context }: { context: { n: number } }) => context.n < length,
        actions: isAllPlain ? bump : enqueueActions(({ enqueue }) => enqueue(bump)),
      },
    })
    for (const isAllPlain of [true, false]) {
      for (const length of [58, 59, 60, 61, 10_000]) {
        const recorder = new StepRecorder(chain(isAllPlain, length))
        const [ours, theirs] = [recorder.plainly(recorder.first, GO), recorder.byXState(recorder.first, GO)]
        assert.deepEqual(ours?.next?.context, theirs.next?.context, `${isAllPlain} ${length}`)
        assert.equal(ours?.error === undefined, theirs.error === undefined)
        assert.match(ours?.error ?? 'moves on by itself', /Infinite loop|moves on by itself/)
      }
    }
  })

  it('KS1: leaves a snapshot with an unknown field to XState', () => {
    const recorder = new StepRecorder(from({ on: { GO: 'b' } }))
    assert.ok(recorder.plainly(recorder.first, GO))
    const other = { ...recorder.first, _nodes: [...nodes(recorder.first)], later: 1 } as never
    assert.equal(recorder.plainly(other, GO), undefined)
  })

  it('CH1: asks guards in the order of XState, patterns and all', () => {
    const types = ['order.paid.late', 'order.paid', 'order', 'other']
    const descriptors = ['*', 'order.*', 'order.paid.*', 'order.paid.late', 'order.paid', 'order']
    const asked: string[] = []
    const on = (level: string): object =>
      Object.fromEntries(
        descriptors.map((key) => [
          key,
          [1, 2].map((nth) => ({ guard: () => (asked.push(`${level} ${key} ${nth}`), false) })),
        ]),
      )
    const machine = setup({}).createMachine({
      on: on('root'),
      initial: 'a',
      states: { a: { on: on('a'), initial: 'b', states: { b: { on: on('b') } } } },
    } as never) as unknown as AnyStateMachine
    const recorder = new StepRecorder(machine)
    for (const type of types) {
      recorder.plainly(recorder.first, { type })
      const ours = asked.splice(0)
      recorder.byXState(recorder.first, { type })
      assert.deepEqual(ours, asked.splice(0), type)
      assert.ok(ours.length > 0)
    }
  })

  it('SW1: spawns what XState spawns', () => {
    const options = {
      id: 'kid',
      systemId: 'clerk',
      syncSnapshot: true,
      input: ({ event }: { event: TypedEvent }) => event.type,
    }
    const machine = setup({ actors: { child: createMachine({}) } }).createMachine({
      context: {},
      on: {
        GO: { actions: assign(({ spawn }) => ({ kid: spawn('child', options as never) })) },
        LOST: {
          actions: assign(({ spawn }) => ({ kid: (spawn as unknown as (src: string) => unknown)('nobody') })),
        },
      },
    })
    const told = (taken: Taken | undefined): unknown => {
      const kid = Object.values((taken?.next?.children ?? {}) as object)[0] as Record<string, unknown>
      const { id, systemId, src, _syncSnapshot, options: made } = kid
      return [id, systemId, src, _syncSnapshot, Reflect.get(made as object, 'input')]
    }
    const [one, other] = [1, 2].map(() => new StepRecorder(machine as unknown as AnyStateMachine)) as [
      StepRecorder,
      StepRecorder,
    ]
    const ours = told(one.plainly(one.first, GO))
    assert.deepEqual(ours, told(other.byXState(other.first, GO)))
    assert.deepEqual(ours, ['kid', 'clerk', 'child', true, 'GO'])
    assert.match(one.plainly(one.first, { type: 'LOST' })?.error ?? '', /no actor of this name/)
  })

  it('remembers no endless supply of types of events', () => {
    const machine = from({ on: { '*': { actions: bump } } })
    const recorder = new StepRecorder(machine)
    for (let i = 0; i < 1000; i += 1) assert.ok(recorder.plainly(recorder.first, { type: `T${i}` }))
  })
})

function nodes(snapshot: AnyMachineSnapshot): readonly unknown[] {
  return Reflect.get(snapshot, '_nodes') as readonly unknown[]
}
