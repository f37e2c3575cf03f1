/**
 * Machines where several features of XState meet, as they do in XState's own tests.
 *
 * Owns: the machines and their runs, written for this project. Leaves one feature at a time to `actor-features.ts`, the
 * comparison to `actor-twins.ts`. What an action notes goes to the trace, so that the order of actions is compared too.
 */
import {
  and,
  assign,
  cancel,
  createMachine,
  emit,
  enqueueActions,
  forwardTo,
  fromCallback,
  not,
  or,
  raise,
  sendParent,
  sendTo,
  setup,
  stateIn,
} from 'xstate'
import type { AnyEventObject, AnyStateMachine } from 'xstate'
import type { Case } from './actor-cases.ts'
import type { Specimen, TwinStep } from './actor-twins.ts'

const send = (type: string, more: object = {}): TwinStep => ({ send: { type, ...more } })
const sends = (words: string): TwinStep[] => words.split(' ').map((type) => send(type))
const advance = (ms: number): TwinStep => ({ advance: ms })

type Note = (words: string) => (given: { event: { type: string } }) => void

/** A machine whose actions note what they see. */
function noted(make: (note: Note) => unknown): Specimen {
  const trace: unknown[] = []
  const machine = make(
    (words) =>
      ({ event }) =>
        trace.push([words, event.type]),
  )
  return { machine: machine as AnyStateMachine, trace }
}

const routes = (): Specimen =>
  noted((note) =>
    createMachine({
      id: 'routes',
      context: { isOpen: false },
      on: { OPEN: { actions: assign({ isOpen: true }) } },
      type: 'parallel',
      states: {
        page: {
          initial: 'home',
          states: {
            home: { id: 'home', route: {}, entry: note('home') },
            inner: {
              initial: 'list',
              states: { list: {}, item: { id: 'item', route: {}, entry: note('item') } },
            },
            vault: { id: 'vault', route: { guard: ({ context }) => context.isOpen }, exit: note('left') },
          },
        },
        panel: { initial: 'shut', states: { shut: {}, wide: { id: 'wide', route: {} } } },
      },
    }),
  )

const go = (to: string): TwinStep => send('xstate.route', { to })

const answeredAtOnce = (): Specimen =>
  noted((note) =>
    createMachine({
      id: 'at-once',
      entry: [note('root in'), emit({ type: 'BEGUN' })],
      initial: 'asking',
      states: {
        asking: {
          invoke: {
            id: 'asked',
            src: fromCallback(({ sendBack, receive }) => {
              sendBack({ type: 'ONE' })
              sendBack({ type: 'TWO' })
              receive(() => sendBack({ type: 'THREE' }))
            }),
          },
          entry: [note('asking in'), raise({ type: 'RAISED' })],
          on: {
            RAISED: { actions: [note('raised'), sendTo('asked', { type: 'MORE' })] },
            ONE: { actions: note('one') },
            TWO: { actions: note('two') },
            THREE: { target: 'told', actions: note('three') },
          },
        },
        told: { entry: note('told in') },
      },
    }),
  )

const restarted = (): Specimen =>
  noted((note) => {
    const round = createMachine({
      id: 'round',
      entry: sendParent({ type: 'UP' }),
      exit: sendParent({ type: 'DOWN' }),
      after: { 20: { actions: sendParent({ type: 'LATE' }) } },
      initial: 'on',
      states: {
        on: { on: { STOP: 'off', THROW: { actions: raise({ type: 'BAD' }) }, BAD: 'bad' } },
        off: { type: 'final' },
        bad: {
          entry: assign(() => {
            throw new RangeError('bad round')
          }),
        },
      },
      output: 'a round',
    })
    return setup({
      types: { context: {} as { rounds: unknown[] }, events: {} as AnyEventObject },
      actors: { round },
    }).createMachine({
      id: 'restarted',
      context: { rounds: [] },
      initial: 'running',
      states: {
        running: {
          entry: note('running in'),
          exit: note('running out'),
          invoke: {
            id: 'round',
            src: 'round',
            onDone: {
              target: 'running',
              reenter: true,
              actions: assign({ rounds: ({ context, event }) => [...context.rounds, event.output] }),
            },
            onError: {
              target: 'mended',
              actions: assign({ rounds: ({ context }) => [...context.rounds, 0] }),
            },
          },
          on: {
            AGAIN: { target: 'running', reenter: true },
            SAME: 'running',
            TELL: { actions: [forwardTo('round'), sendTo('round', { type: 'STOP' })] },
            BREAK: { actions: sendTo('round', { type: 'THROW' }) },
          },
        },
        mended: { on: { AGAIN: 'running' } },
      },
      on: { UP: { actions: note('up') }, DOWN: { actions: note('down') }, LATE: { actions: note('late') } },
    })
  })

const queuedEverything = (): Specimen =>
  noted((note) => {
    const echo = createMachine({ id: 'echo', on: { '*': { actions: sendParent({ type: 'ECHO' }) } } })
    return setup({
      types: { context: {} as { n: number }, events: {} as AnyEventObject },
      actors: { echo },
      actions: { tell: note('told') },
    }).createMachine({
      id: 'queued-everything',
      context: { n: 0 },
      on: {
        BEGIN: {
          actions: enqueueActions(({ enqueue, self }) => {
            enqueue.spawnChild('echo', { id: 'e' })
            enqueue.sendTo('e', { type: 'HEY' })
            enqueue.raise({ type: 'SOON' })
            enqueue.raise({ type: 'LATER' }, { delay: 30, id: 'later' })
            enqueue.sendTo(self, { type: 'MINE' }, { delay: 10, id: 'mine' })
            enqueue('tell')
          }),
        },
        END: {
          actions: enqueueActions(({ enqueue, context, check }) => {
            enqueue.cancel('later')
            if (check(({ context: now }) => now.n === context.n)) enqueue.stopChild('e')
            enqueue.emit({ type: 'ENDED' })
          }),
        },
        '*': { actions: [assign({ n: ({ context }) => context.n + 1 }), note('any')] },
      },
    })
  })

const guarded = (): Specimen =>
  noted((note) =>
    setup({
      types: { context: {} as { n: number }, events: {} as AnyEventObject },
      guards: {
        even: ({ context }) => context.n % 2 === 0,
        above: ({ context }, n: number) => context.n > n,
      },
    }).createMachine({
      id: 'guarded',
      context: { n: 0 },
      type: 'parallel',
      on: { INC: { actions: assign({ n: ({ context }) => context.n + 1 }) } },
      states: {
        a: {
          initial: 'low',
          states: {
            low: {
              id: 'low',
              always: { guard: and(['even', { type: 'above', params: 1 }]), target: 'high' },
            },
            high: {
              always: [{ guard: not(or(['even', stateIn('#quiet')])), target: 'low', actions: note('back') }],
            },
          },
        },
        b: {
          initial: 'quiet',
          states: {
            quiet: { id: 'quiet', on: { LOUD: { guard: stateIn({ a: 'high' }), target: 'loud' } } },
            loud: { on: { QUIET: { guard: not(stateIn('#low')), target: 'quiet' } } },
          },
        },
      },
    }),
  )

const ends = (): Specimen =>
  noted((note) =>
    createMachine({
      id: 'ends',
      type: 'parallel',
      exit: [note('root out'), emit({ type: 'OVER' })],
      states: {
        left: {
          initial: 'x',
          exit: note('left out'),
          states: {
            x: {
              exit: [note('x out'), raise({ type: 'FROM_EXIT' })],
              on: { A: 'f' },
              after: { 50: { actions: note('never') } },
            },
            f: { type: 'final', output: 1, entry: raise({ type: 'FROM_FINAL' }) },
          },
          onDone: { actions: note('left done') },
        },
        right: {
          initial: 'deep',
          states: {
            deep: {
              type: 'parallel',
              states: {
                p: {
                  initial: 'x',
                  states: { x: { on: { FROM_EXIT: 'f' } }, f: { type: 'final', exit: note('f') } },
                },
                q: { initial: 'x', states: { x: { on: { FROM_FINAL: 'f' } }, f: { type: 'final' } } },
              },
              onDone: 'end',
            },
            end: { type: 'final' },
          },
        },
      },
      output: { all: 'done' },
    }),
  )

const cancels = (): Specimen =>
  noted((note) => {
    const timed = createMachine({
      id: 'timed',
      on: {
        ARM: { actions: raise({ type: 'OWN' }, { delay: 20, id: 'x' }) },
        CUT: { actions: cancel('x') },
        OWN: { actions: sendParent({ type: 'OF_CHILD' }, { delay: 5 }) },
      },
    })
    return setup({ types: { events: {} as AnyEventObject }, actors: { timed } }).createMachine({
      id: 'cancels',
      invoke: { id: 'timed', src: 'timed' },
      on: {
        ARM: { actions: [raise({ type: 'OWN' }, { delay: 20, id: 'x' }), forwardTo('timed')] },
        CUT: { actions: cancel('x') },
        CUT_CHILD: { actions: sendTo('timed', { type: 'CUT' }) },
        OWN: { actions: note('own') },
        OF_CHILD: { actions: note('of the child') },
      },
    })
  })

const active = { status: 'active' } as const

export const corners: readonly Case[] = [
  {
    name: 'routes, with a guard and into another region',
    make: routes,
    steps: [go('#item'), go('#vault'), send('OPEN'), go('#vault'), go('#wide'), go('#nowhere'), go('#home')],
    ends: { ...active, value: { page: 'home', panel: 'shut' } },
  },
  {
    name: 'a callback that answers before the first state is told',
    make: answeredAtOnce,
    steps: sends('ONE X'),
    ends: { ...active, value: 'told' },
  },
  {
    name: 'a child that starts anew with its state, ends, and fails',
    make: restarted,
    steps: [...sends('AGAIN SAME TELL'), advance(20), ...sends('BREAK AGAIN'), advance(20)],
    ends: { ...active, value: 'running' },
  },
  {
    name: 'all that can be queued at once',
    make: queuedEverything,
    steps: [send('BEGIN'), advance(10), send('END'), advance(30), send('BEGIN'), advance(30)],
    ends: { ...active, value: {} },
  },
  {
    name: 'guards made of guards, over regions',
    make: guarded,
    steps: sends('LOUD INC INC INC LOUD INC INC LOUD QUIET INC'),
    ends: { ...active, value: { a: 'high', b: 'loud' } },
  },
  {
    name: 'ends within ends, and what exits raise',
    make: ends,
    steps: [...sends('B A'), advance(50)],
    ends: { status: 'done', value: { left: 'f', right: 'end' } },
  },
  {
    name: 'one id of a timer in a parent and in its child',
    make: cancels,
    steps: [send('ARM'), send('CUT'), advance(25), send('ARM'), send('CUT_CHILD'), advance(25)],
    ends: { ...active, value: {} },
  },
]
