/**
 * Machines that each ask for one feature of XState in the way that is easiest to get wrong.
 *
 * Owns: the machines and their runs, written for this project from what the features are. Leaves machines as people write
 * them to `actor-specimens.ts`, the comparison to `actor-twins.ts`.
 */
import {
  assign,
  cancel,
  createMachine,
  enqueueActions,
  fromTransition,
  raise,
  sendParent,
  sendTo,
  setup,
  spawnChild,
  stopChild,
} from 'xstate'
import type { AnyStateMachine } from 'xstate'
import type { Case } from './actor-cases.ts'
import type { Specimen, TwinStep } from './actor-twins.ts'

interface Diary {
  readonly list: readonly unknown[]
}

const send = (type: string, more: object = {}): TwinStep => ({ send: { type, ...more } })
const advance = (ms: number): TwinStep => ({ advance: ms })
const sends = (words: string): TwinStep[] => words.split(' ').map((type) => send(type))
const plain = (machine: unknown): Specimen => ({ machine: machine as AnyStateMachine, trace: [] })

type Carrying = { readonly type: string } & Readonly<Record<string, unknown>>

/** Every machine here keeps a diary. */
const base = setup({
  types: { context: {} as Diary, events: {} as Carrying },
  actions: {
    say: assign({ list: ({ context }, words: string) => [...context.list, words] }),
    hear: assign({ list: ({ context, event }) => [...context.list, event] }),
  },
})
const empty: Diary = { list: [] }
const say = (params: string) => ({ type: 'say', params }) as const
/** Says when it is entered and left. */
const told = (name: string) => ({ entry: say(`${name} in`), exit: say(`${name} out`) })

const nestedOrder = (): Specimen =>
  plain(
    base.createMachine({
      id: 'nested',
      context: empty,
      entry: say('root in'),
      initial: 'a',
      states: {
        a: {
          ...told('a'),
          type: 'parallel',
          on: { X: { target: 'b', actions: say('a to b') } },
          states: {
            p: {
              ...told('p'),
              initial: 'one',
              states: { one: { ...told('one'), on: { Y: 'two' } }, two: told('two') },
            },
            q: told('q'),
          },
        },
        b: {
          ...told('b'),
          initial: 'c',
          states: { c: told('c') },
          on: { X: 'a', Y: { target: '.c', actions: say('within b') }, Z: { target: 'b', reenter: true } },
        },
      },
    }),
  )

const raisedOrder = (): Specimen =>
  plain(
    base.createMachine({
      id: 'raised',
      context: empty,
      on: {
        GO: { actions: [raise({ type: 'A' }), raise({ type: 'B' }), say('go')] },
        A: { actions: [say('a'), raise({ type: 'C' })] },
        B: { actions: say('b') },
        C: { actions: say('c') },
      },
    }),
  )

const descriptors = (): Specimen =>
  plain(
    base.createMachine({
      id: 'descriptors',
      context: empty,
      initial: 'in',
      on: {
        'mouse.*': { actions: say('a mouse') },
        'mouse.down.*': { actions: say('a button') },
        KEEP: { actions: say('kept from the child') },
        '*': { actions: say('anything') },
      },
      states: { in: { on: { KEEP: {}, 'mouse.up': { actions: say('up') } } } },
    }),
  )

const histories = (): Specimen =>
  plain(
    base.createMachine({
      id: 'histories',
      context: empty,
      initial: 'out',
      states: {
        out: { on: { SHALLOW: 'in.shallow', DEEP: 'in.deep' } },
        in: {
          initial: 'a',
          on: { OUT: 'out' },
          states: {
            shallow: { type: 'history', target: 'b' },
            deep: { type: 'history', history: 'deep', target: 'a' },
            a: {},
            b: { on: { N: 'c' } },
            c: { initial: 'one', states: { one: { on: { N: 'two' } }, two: {} } },
          },
        },
      },
    }),
  )

const regions = (): Specimen =>
  plain(
    base.createMachine({
      id: 'regions',
      context: empty,
      initial: 'both',
      states: {
        both: {
          type: 'parallel',
          states: {
            a: { initial: 'x', states: { x: { on: { A: 'f' } }, f: { type: 'final', output: 'of a' } } },
            b: { initial: 'x', states: { x: { on: { B: 'f' } }, f: { type: 'final', output: 'of b' } } },
          },
          onDone: { target: 'end', actions: 'hear' },
        },
        end: { type: 'final' },
      },
      output: ({ context }) => context.list.length,
    }),
  )

const crew = (): Specimen => {
  const hand = setup({
    types: { context: {} as { hits: number }, events: {} as { type: 'HIT' }, input: {} as { hits: number } },
  }).createMachine({
    id: 'hand',
    context: ({ input }) => ({ hits: input.hits }),
    on: {
      HIT: {
        actions: [
          assign({ hits: ({ context }) => context.hits + 1 }),
          sendParent(({ context }) => ({ type: 'AT', hits: context.hits })),
        ],
      },
    },
  })
  return plain(
    setup({ types: { context: {} as Diary, events: {} as Carrying }, actors: { hand } }).createMachine({
      id: 'crew',
      context: empty,
      on: {
        MAKE: {
          actions: spawnChild('hand', { id: ({ event }) => String(event['id']), input: { hits: 10 } }),
        },
        TO: { actions: sendTo(({ event }) => String(event['id']), { type: 'HIT' }) },
        STOP: { actions: stopChild(({ event }) => String(event['id'])) },
        AT: { actions: assign({ list: ({ context, event }) => [...context.list, event] }) },
      },
    }),
  )
}

const lateMail = (): Specimen => {
  const echo = createMachine({ id: 'echo', on: { PING: { actions: sendParent({ type: 'PONG' }) } } })
  return plain(
    setup({ types: { context: {} as Diary, events: {} as Carrying }, actors: { echo } }).createMachine({
      id: 'late',
      context: empty,
      invoke: { id: 'echo', src: 'echo' },
      on: {
        GO: {
          actions: [
            sendTo('echo', { type: 'PING' }, { delay: 30 }),
            sendTo(({ self }) => self, { type: 'ME' }, { delay: 30, id: 'me' }),
            raise({ type: 'NOT' }, { delay: 30, id: 'not' }),
          ],
        },
        CUT: { actions: cancel(() => 'not') },
        '*': { actions: assign({ list: ({ context, event }) => [...context.list, event.type] }) },
      },
    }),
  )
}

const grandchild = (): Specimen => {
  const grand = createMachine({
    id: 'grand',
    entry: sendParent({ type: 'HELLO' }),
    initial: 'x',
    states: {
      x: { after: { 20: { target: 'y', actions: sendParent({ type: 'TICK' }) } } },
      y: { type: 'final' },
    },
    output: { grand: true },
  })
  const middle = setup({ actors: { grand } }).createMachine({
    id: 'middle',
    invoke: { id: 'grand', src: 'grand', onDone: { actions: sendParent({ type: 'OVER' }) } },
    on: { '*': { actions: sendParent(({ event }) => ({ type: `of ${event.type}` })) } },
  })
  return plain(
    setup({ types: { context: {} as Diary, events: {} as Carrying }, actors: { middle } }).createMachine({
      id: 'top',
      context: empty,
      invoke: { id: 'middle', src: 'middle' },
      on: { '*': { actions: assign({ list: ({ context, event }) => [...context.list, event.type] }) } },
    }),
  )
}

const watched = (): Specimen => {
  const count = fromTransition((n: number, event: { type: string }) => (event.type === 'INC' ? n + 1 : n), 0)
  return plain(
    setup({ types: { context: {} as Diary, events: {} as Carrying }, actors: { count } }).createMachine({
      id: 'watched',
      context: empty,
      invoke: {
        id: 'count',
        src: 'count',
        onSnapshot: {
          actions: assign({ list: ({ context, event }) => [...context.list, event.snapshot.context] }),
        },
      },
      on: { INC: { actions: sendTo('count', { type: 'INC' }) } },
    }),
  )
}

const queued = (): Specimen =>
  plain(
    setup({
      types: { context: {} as Diary & { n: number }, events: {} as Carrying },
      guards: { isLarge: ({ context }) => context.n > 3 },
    }).createMachine({
      id: 'queued',
      context: { ...empty, n: 0 },
      on: {
        SET: {
          actions: enqueueActions(({ enqueue, check, event }) => {
            enqueue.assign({ n: Number(event['n']) })
            if (check('isLarge')) enqueue.raise({ type: 'LARGE' })
            enqueue.assign({ list: ({ context }) => [...context.list, context.n] })
          }),
        },
        LARGE: { actions: assign({ list: ({ context }) => [...context.list, 'large'] }) },
      },
    }),
  )

const done = { status: 'done' } as const
const active = { status: 'active' } as const

export const features: readonly Case[] = [
  {
    name: 'order of exits, actions and entries',
    make: nestedOrder,
    steps: sends('Y X Y Z X'),
    ends: { ...active, value: { a: { p: 'one', q: {} } } },
  },
  {
    name: 'raised events before the next',
    make: raisedOrder,
    steps: sends('GO GO'),
    ends: { ...active, value: {} },
  },
  {
    name: 'wildcards, partial ones and a forbidden transition',
    make: descriptors,
    steps: sends('mouse.up mouse.down.left mouse KEEP else'),
    ends: { ...active, value: 'in' },
  },
  {
    name: 'shallow and deep history with defaults',
    make: histories,
    steps: sends('SHALLOW N N OUT SHALLOW OUT DEEP N OUT DEEP'),
    ends: { ...active, value: { in: { c: 'two' } } },
  },
  {
    name: 'regions that end, with their outputs',
    make: regions,
    steps: sends('B A'),
    ends: { ...done, value: 'end' },
  },
  {
    name: 'children under ids of the event',
    make: crew,
    steps: [
      send('MAKE', { id: 'a' }),
      send('MAKE', { id: 'b' }),
      send('TO', { id: 'b' }),
      send('TO', { id: 'a' }),
      send('STOP', { id: 'a' }),
      send('TO', { id: 'b' }),
    ],
    ends: { ...active, value: {} },
  },
  {
    name: 'delayed mail to a child and to itself, one cancelled',
    make: lateMail,
    steps: [send('GO'), advance(5), send('CUT'), advance(30)],
    ends: { ...active, value: {} },
  },
  {
    name: 'a grandchild with a timer',
    make: grandchild,
    steps: [advance(10), send('Q'), advance(10), send('R')],
    ends: { ...active, value: {} },
  },
  {
    name: 'a reducer whose snapshots are heard',
    make: watched,
    steps: sends('INC INC'),
    ends: { ...active, value: {} },
  },
  {
    name: 'actions that are queued, with a check',
    make: queued,
    steps: [send('SET', { n: 1 }), send('SET', { n: 5 })],
    ends: { ...active, value: {} },
  },
]
