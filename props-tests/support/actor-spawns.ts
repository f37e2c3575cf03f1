/**
 * Machines that make children where they work out their context.
 *
 * Owns: the machines and their runs, written for this project. Leaves system ids to `actor-receptions.ts`, the comparison to
 * `actor-twins.ts`.
 */
import {
  assign,
  createMachine,
  enqueueActions,
  fromCallback,
  fromPromise,
  fromTransition,
  sendParent,
  sendTo,
  setup,
  spawnChild,
  stopChild,
} from 'xstate'
import type { AnyActorRef, AnyStateMachine } from 'xstate'
import type { Case } from './actor-cases.ts'
import type { Specimen, TwinStep } from './actor-twins.ts'

const send = (type: string, more: object = {}): TwinStep => ({ send: { type, ...more } })
const sends = (words: string): TwinStep[] => words.split(' ').map((type) => send(type))
const advance = (ms: number): TwinStep => ({ advance: ms })
const plain = (machine: unknown): Specimen => ({ machine: machine as AnyStateMachine, trace: [] })

type Carrying = { readonly type: string } & Readonly<Record<string, unknown>>

/** Tells its parent of all that it does. */
const counter = setup({
  types: { context: {} as { n: number }, events: {} as Carrying, input: {} as number | undefined },
}).createMachine({
  id: 'counter',
  context: ({ input }) => ({ n: input ?? 0 }),
  entry: sendParent(({ context }) => ({ type: 'SAID', words: `begun with ${context.n}` })),
  exit: sendParent(({ context }) => ({ type: 'SAID', words: `over at ${context.n}` })),
  initial: 'on',
  states: {
    on: {
      after: { 10: { actions: sendParent({ type: 'SAID', words: 'ten' }) } },
      on: {
        INC: { actions: assign({ n: ({ context }) => context.n + 1 }) },
        TELL: { actions: sendParent(({ context }) => ({ type: 'SAID', words: `at ${context.n}` })) },
        END: 'off',
        THROW: {
          actions: assign(() => {
            throw new RangeError('thrown')
          }),
        },
      },
    },
    off: { type: 'final' },
  },
})

const sum = fromTransition(
  (state: number, event: Carrying) => (event.type === 'INC' ? state + 1 : state),
  ({ input }: { input: number }) => input,
)

interface Team {
  readonly list: readonly unknown[]
  readonly refs: Readonly<Record<string, AnyActorRef | undefined>>
}

/** Hands on to another child what it is told. */
const friend = setup({
  types: { context: {} as { friend: AnyActorRef }, events: {} as Carrying, input: {} as AnyActorRef },
}).createMachine({
  id: 'friend',
  context: ({ input }) => ({ friend: input }),
  on: {
    INC: { actions: sendTo(({ context }) => context.friend, { type: 'INC' }) },
    TELL: { actions: sendTo(({ context }) => context.friend, { type: 'TELL' }) },
  },
})

const base = setup({
  types: { context: {} as Team, events: {} as Carrying },
  actors: { counter, sum, friend },
  actions: { hear: assign({ list: ({ context, event }) => [...context.list, event['words']] }) },
})

const one = ({ context, event }: { context: Team; event: Carrying }): AnyActorRef =>
  context.refs[String(event['who'])] as AnyActorRef

/** What can be done to the children of a team by their references. */
const byRef = {
  SAID: { actions: 'hear' },
  CALL: { actions: sendTo(one, ({ event }: { event: Carrying }) => ({ type: String(event['what']) })) },
  LATE: { actions: sendTo(one, { type: 'TELL' }, { delay: 5 }) },
  FIRE: { actions: stopChild(one) },
} as never

const call = (who: string, what: string): TwinStep => send('CALL', { who, what })

const firstContext = (): Specimen =>
  plain(
    base.createMachine({
      id: 'first-context',
      context: ({ spawn, input }) => ({
        list: [],
        refs: {
          named: spawn('counter', { id: 'named', input: 3 }),
          unnamed: spawn('counter', { input: (input as { start: number }).start }),
          other: spawn('counter'),
          sum: spawn('sum', { id: 'sum', input: 100 }),
        },
      }),
      on: byRef,
    }),
  )

const inAssign = (): Specimen =>
  plain(
    base.createMachine({
      id: 'in-assign',
      context: { list: [], refs: {} },
      on: {
        ...(byRef as object),
        HIRE: {
          actions: [
            spawnChild('counter', { id: 'before', input: 1 }),
            assign(({ context, event, spawn }) => ({
              refs: { ...context.refs, [String(event['who'])]: spawn('counter', { input: 2 }) },
            })),
            spawnChild('counter', { id: 'after', input: 3 }),
            sendTo(one, { type: 'TELL' }),
            stopChild('before'),
            stopChild('after'),
          ],
        },
        PASS: {
          actions: [
            assign({ refs: ({ spawn }) => ({ gone: spawn('counter', { id: 'gone' }) }) }),
            stopChild('gone'),
            sendTo(({ context }) => context.refs['gone'] as AnyActorRef, { type: 'TELL' }),
          ],
        },
        QUEUE: {
          actions: enqueueActions(({ enqueue, event }) => {
            for (const who of event['all'] as string[]) {
              enqueue.assign({
                refs: ({ context, spawn }) => ({
                  ...context.refs,
                  [who]: spawn(counter, { id: who, input: who.length } as never),
                }),
              })
              enqueue.sendTo(({ context }) => context.refs[who] as AnyActorRef, { type: 'INC' })
            }
          }),
        },
      },
    }),
  )

/** A tree of machines that grow further ones of their own kind. */
const tree = (): Specimen => {
  const node: AnyStateMachine = setup({
    types: { context: {} as { depth: number; kids: AnyActorRef[] }, events: {} as Carrying },
  }).createMachine({
    id: 'node',
    context: ({ input, spawn }) => {
      const depth = (input as { depth?: number } | undefined)?.depth ?? 0
      const kids =
        depth === 0
          ? []
          : [(spawn as (...each: unknown[]) => AnyActorRef)(node, { input: { depth: depth - 1 } })]
      return { depth, kids }
    },
    on: {
      GROW: {
        actions: assign({
          kids: ({ context, spawn }) => [...context.kids, (spawn as (each: unknown) => AnyActorRef)(node)],
        }),
      },
      DEEP: {
        actions: enqueueActions(({ context, enqueue }) => {
          for (const kid of context.kids) enqueue.sendTo(kid, { type: 'GROW' })
        }),
      },
      FELL: {
        actions: [
          stopChild(({ context }) => context.kids[0] as AnyActorRef),
          assign({ kids: ({ context }) => context.kids.slice(1) }),
        ],
      },
    },
  }) as AnyStateMachine
  return plain(node)
}

const failing = (): Specimen => {
  const bad = createMachine({
    id: 'bad',
    context: () => {
      throw new RangeError('no context')
    },
  })
  const half = createMachine(
    {
      id: 'half',
      context: { kid: undefined as unknown },
      on: {
        GO: {
          actions: [
            assign({ kid: ({ spawn }) => (spawn as (each: unknown) => unknown)('counter') }),
            assign(() => {
              throw new RangeError('half way')
            }),
          ],
        },
      },
    } as never,
    { actors: { counter } },
  )
  return plain(
    setup({
      types: { context: {} as Team, events: {} as Carrying },
      actors: { bad: bad as AnyStateMachine, half: half as AnyStateMachine },
      actions: {
        hear: assign({
          list: ({ context, event }) => [
            ...context.list,
            event.type.slice(0, 12),
            (event['error'] as Error).message,
          ],
        }),
      },
    }).createMachine({
      id: 'failing',
      context: { list: [], refs: {} },
      on: {
        BAD: { actions: assign({ refs: ({ spawn }) => ({ bad: spawn('bad', { id: 'bad' }) }) }) },
        HALF: {
          actions: [
            assign({ refs: ({ spawn }) => ({ half: spawn('half', { id: 'half' }) }) }),
            sendTo('half', { type: 'GO' }),
          ],
        },
        'xstate.error.actor.*': { actions: 'hear' },
      },
    }),
  )
}

const outside = (): Specimen => {
  const trace: unknown[] = []
  const machine = setup({
    types: { context: {} as Team & { asked: unknown }, events: {} as Carrying },
    actors: {
      bell: fromCallback<Carrying>(({ receive, sendBack }) => {
        trace.push('bell on')
        receive((event) => sendBack({ type: 'SAID', words: `rung by ${event.type}` }))
        return () => trace.push('bell off')
      }),
      ask: fromPromise<string, string>(({ input }) => Promise.resolve(`${input}!`)),
      sum,
    },
    actions: {
      hear: assign({ list: ({ context, event }) => [...context.list, event['words'] ?? event['output']] }),
    },
  }).createMachine({
    id: 'outside',
    context: ({ spawn }) => ({
      list: [],
      asked: undefined,
      refs: { bell: spawn('bell'), sum: spawn('sum', { id: 'sum', syncSnapshot: true, input: 100 }) },
    }),
    on: {
      ...(byRef as object),
      ASK: { actions: assign({ asked: ({ spawn }) => spawn('ask', { id: 'ask', input: 'who' }) }) },
      'xstate.done.actor.ask': { actions: 'hear' },
      'xstate.snapshot.sum': {
        actions: assign({
          list: ({ context, event }) => [...context.list, (event['snapshot'] as { context: number }).context],
        }),
      },
    },
  })
  return { machine: machine as AnyStateMachine, trace }
}

/** References that are handed on: to another child, and back. */
const handed = (): Specimen => {
  return plain(
    base.createMachine({
      id: 'handed',
      context: ({ spawn }) => {
        const first = spawn('counter')
        return {
          list: [first.getSnapshot().status],
          refs: { first, second: spawn('friend', { input: first }) },
        }
      },
      on: byRef,
    }),
  )
}

const active = { status: 'active', value: {} } as const

export const spawns: readonly Case[] = [
  {
    name: 'children of a first context, by reference',
    make: firstContext,
    input: { start: 7 },
    steps: [
      call('unnamed', 'INC'),
      call('named', 'TELL'),
      call('unnamed', 'TELL'),
      call('sum', 'INC'),
      send('LATE', { who: 'other' }),
      advance(10),
      send('FIRE', { who: 'unnamed' }),
      call('unnamed', 'TELL'),
      call('other', 'END'),
    ],
    ends: active,
  },
  {
    name: 'children of an assign, among those of actions',
    make: inAssign,
    steps: [
      send('HIRE', { who: 'a' }),
      call('a', 'INC'),
      send('HIRE', { who: 'b' }),
      call('b', 'TELL'),
      call('a', 'TELL'),
      send('QUEUE', { all: ['x', 'yy', 'zzz'] }),
      call('yy', 'TELL'),
      send('FIRE', { who: 'a' }),
      advance(10),
      ...sends('PASS PASS'),
    ],
    ends: active,
  },
  {
    name: 'a machine that makes children of its own kind',
    make: tree,
    input: { depth: 2 },
    steps: sends('GROW DEEP FELL DEEP GROW'),
    ends: active,
  },
  {
    name: 'children that fail in the making, and half way',
    make: failing,
    steps: sends('BAD HALF BAD'),
    ends: active,
  },
  {
    name: 'what runs outside, spawned in a context and an assign',
    make: outside,
    steps: [
      call('bell', 'A'),
      call('sum', 'INC'),
      send('ASK'),
      call('bell', 'B'),
      send('FIRE', { who: 'bell' }),
      call('bell', 'C'),
    ],
    ends: active,
  },
  {
    name: 'references that are handed on',
    make: handed,
    steps: [
      call('second', 'INC'),
      call('second', 'TELL'),
      send('FIRE', { who: 'first' }),
      call('second', 'TELL'),
    ],
    ends: active,
  },
]
