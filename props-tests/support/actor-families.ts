/**
 * Machines with children, as people write them.
 *
 * Owns: the machines. Leaves those without children to `actor-specimens.ts`, the runs to `actor-cases.ts`.
 */
import {
  assign,
  createMachine,
  forwardTo,
  fromCallback,
  fromTransition,
  sendParent,
  sendTo,
  setup,
  spawnChild,
  stopChild,
} from 'xstate'
import type { AnyStateMachine } from 'xstate'
import type { Specimen } from './actor-twins.ts'

function plain(machine: unknown): Specimen {
  return { machine: machine as AnyStateMachine, trace: [] }
}

/** Works for 10 ms at a time, and tells its parent. */
const worker = () =>
  setup({
    types: {
      context: {} as { name: string; done: number },
      events: {} as { type: 'WORK' } | { type: 'REST' },
      input: {} as { name: string },
    },
  }).createMachine({
    id: 'worker',
    context: ({ input }) => ({ name: input.name, done: 0 }),
    initial: 'idle',
    states: {
      idle: { on: { WORK: 'busy', REST: 'resting' } },
      busy: {
        after: {
          10: {
            target: 'idle',
            actions: [
              assign({ done: ({ context }) => context.done + 1 }),
              sendParent(({ context }) => ({ type: 'DONE', by: context.name })),
            ],
          },
        },
      },
      resting: { type: 'final' },
    },
    output: ({ context }) => context.done,
  })

export const family = (): Specimen => {
  const child = worker()
  const count = fromTransition(
    (state: { n: number }, event: { type: string }) => (event.type === 'WORK' ? { n: state.n + 1 } : state),
    { n: 0 },
  )
  return plain(
    setup({
      types: { context: {} as { heard: string[]; left: number } },
      actors: { child, count },
    }).createMachine({
      id: 'boss',
      context: { heard: [] as string[], left: 0 },
      entry: [
        spawnChild('count', { id: 'count' }),
        spawnChild('child', { id: 'late', input: { name: 'late' } }),
      ],
      on: {
        WORK: {
          actions: [
            forwardTo('count'),
            sendTo('ann', { type: 'WORK' }),
            sendTo('late', { type: 'WORK' }, { delay: 5 }),
          ],
        },
        DONE: {
          actions: assign({
            heard: ({ context, event }) => [...context.heard, (event as unknown as { by: string }).by],
          }),
        },
        REST: { actions: sendTo('ann', { type: 'REST' }) },
        DROP: { actions: stopChild('late') },
      },
      initial: 'at',
      states: {
        at: {
          invoke: {
            id: 'ann',
            src: 'child',
            input: { name: 'ann' },
            onDone: { target: 'alone', actions: assign({ left: ({ event }) => Number(event.output) }) },
          },
        },
        alone: {},
      },
    }),
  )
}

export const pinger = (): Specimen => {
  const trace: unknown[] = []
  const echo = fromCallback<{ type: string }>(({ sendBack, receive }) => {
    receive((event) => {
      trace.push(event.type)
      sendBack({ type: 'PONG' })
    })
    return () => trace.push('stopped')
  })
  const machine = setup({ types: { context: {} as { pongs: number } }, actors: { echo } }).createMachine({
    context: { pongs: 0 },
    initial: 'on',
    states: {
      on: {
        invoke: { src: 'echo', id: 'echo' },
        on: {
          PING: { actions: sendTo('echo', { type: 'PING' }) },
          PONG: { actions: assign({ pongs: ({ context }) => context.pongs + 1 }) },
          OFF: 'off',
        },
      },
      off: {},
    },
  })
  return { machine: machine, trace }
}

export const broken = (): Specimen => {
  const child = createMachine({
    id: 'bad',
    on: {
      BREAK: {
        actions: assign(() => {
          throw new TypeError('broken on purpose')
        }),
      },
    },
  })
  return plain(
    setup({ actors: { child } }).createMachine({
      context: { why: '' },
      initial: 'trying',
      states: {
        trying: {
          invoke: {
            id: 'bad',
            src: 'child',
            onError: {
              target: 'saved',
              actions: assign({ why: ({ event }) => (event.error as { message: string }).message }),
            },
          },
          on: { BREAK: { actions: forwardTo('bad') } },
        },
        saved: {},
      },
    }),
  )
}
