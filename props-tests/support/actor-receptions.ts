/**
 * Machines whose children are found by a system id, from anywhere in their actor.
 *
 * Owns: the machines and their runs, written for this project. Leaves the comparison to `actor-twins.ts`.
 */
import {
  assign,
  createMachine,
  emit,
  fromTransition,
  sendParent,
  sendTo,
  setup,
  spawnChild,
  stopChild,
} from 'xstate'
import type { AnyStateMachine } from 'xstate'
import type { Case } from './actor-cases.ts'
import type { Specimen, TwinStep } from './actor-twins.ts'

const sends = (words: string): TwinStep[] => words.split(' ').map((type) => ({ send: { type } }))
const plain = (machine: unknown): Specimen => ({ machine: machine as AnyStateMachine, trace: [] })

type Carrying = { readonly type: string } & Readonly<Record<string, unknown>>

/** Has a child of its own under a system id. */
const desk = setup({
  types: { context: {} as { n: number }, events: {} as Carrying },
}).createMachine({
  id: 'desk',
  context: { n: 0 },
  invoke: { src: fromTransition((n: number) => n + 1, 0), systemId: 'inner', id: 'inner' } as never,
  on: {
    PING: {
      actions: [
        assign({ n: ({ context }) => context.n + 1 }),
        sendTo(({ system }) => system.get('inner'), { type: 'X' }),
        sendParent({ type: 'PONG' }),
      ],
    },
    END: '.off',
  },
  initial: 'on',
  states: { on: {}, off: {} },
})
const over = createMachine({
  id: 'over',
  initial: 'a',
  states: { a: { on: { END: 'b' } }, b: { type: 'final' } },
})
/** Who is found, and in which order things are told. */
const found = (): Specimen =>
  plain(
    setup({
      types: { context: {} as { seen: readonly unknown[] }, events: {} as Carrying },
      actors: { desk, over },
      actions: {
        look: assign({
          seen: ({ context, system }) => [
            ...context.seen,
            ...['desk', 'inner', 'over'].map((id) => (system.get(id) === undefined ? '-' : id)),
            Object.keys(system.getAll()).toSorted().join(' '),
          ],
        }),
      },
    }).createMachine({
      id: 'found',
      context: { seen: [] },
      initial: 'open',
      states: {
        open: {
          invoke: { src: 'desk', id: 'd', systemId: 'desk' },
          entry: 'look',
          on: {
            PING: { actions: sendTo(({ system }) => system.get('desk'), { type: 'PING' }) },
            CLOSE: 'closed',
            AGAIN: { target: 'open', reenter: true },
          },
        },
        closed: { entry: 'look', on: { OPEN: 'open' } },
      },
      on: {
        PONG: { actions: 'look' },
        LOOK: { actions: 'look' },
        SPAWN: {
          actions: assign({
            seen: ({ context, spawn }) => [
              ...context.seen,
              spawn('over', { systemId: 'over' }).id.slice(0, 1),
            ],
          }),
        },
        CHILD: { actions: spawnChild('over', { id: 'named', systemId: 'over' }) },
        END: { actions: sendTo(({ system }) => system.get('over'), { type: 'END' }) },
        STOP: { actions: [stopChild(({ system }) => system.get('over')), 'look'] },
        SWAP: {
          actions: [stopChild('named'), spawnChild('over', { id: 'named', systemId: 'over' }), 'look'],
        },
        TOLD: { actions: emit(({ context }) => ({ type: 'seen', n: context.seen.length })) },
      },
    }),
  )

export const receptions: readonly Case[] = [
  {
    name: 'children that are found by a system id',
    make: found,
    steps: sends(
      'PING LOOK AGAIN PING CLOSE LOOK OPEN PING SPAWN LOOK END LOOK CHILD LOOK SWAP STOP LOOK TOLD',
    ),
    ends: { status: 'active', value: 'open' },
  },
  {
    name: 'a system id that is taken',
    make: found,
    steps: sends('CHILD SPAWN'),
    ends: { status: 'error', value: 'open' },
  },
]
