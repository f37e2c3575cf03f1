/**
 * Wrong actors of people who do not know the kit, each with the name that it is to be found by.
 *
 * Owns: the actors. Leaves checking them to the tests.
 */
import { appendFileSync } from 'node:fs'
import { assign, fromCallback, fromPromise, setup } from 'xstate'
import type { PromiseActorLogic } from 'xstate'
import { defineActor, effectId } from '../../actors/index.ts'
import type { ActorDefinition } from '../../actors/index.ts'
import { defineTopic } from '../../runtime/index.ts'
import type { World } from '../index.ts'

export type Go = { type: 'GO'; n: number }

/** Its code anew for each process. */
export type Making = (world: World) => ActorDefinition | readonly [ActorDefinition, ActorDefinition]

export const events: readonly Go[] = [
  { type: 'GO', n: 1 },
  { type: 'GO', n: 2 },
]

/** Runs a promise for each event that comes while it is idle, and tries again where that fails. */
export function working<Output>(code: PromiseActorLogic<Output, number>, isHandled = true): ActorDefinition {
  const machine = setup({
    types: { context: {} as { n: number }, events: {} as Go },
    actors: { work: code },
  }).createMachine({
    context: { n: 0 },
    initial: 'idle',
    states: {
      idle: { on: { GO: { target: 'busy', actions: assign({ n: ({ context }) => context.n + 1 }) } } },
      busy: {
        invoke: {
          id: 'work',
          src: 'work',
          input: ({ context }) => context.n,
          onDone: 'idle',
          ...(isHandled && { onError: 'failed' }),
        },
      },
      failed: { after: { 500: 'busy' } },
    },
  })
  return defineActor('strange', { machine })
}

/** A custom action for each event. */
export function acting(action: (self: object, n: number) => unknown, params = {}): ActorDefinition {
  const machine = setup({
    types: { context: {} as { n: number }, events: {} as Go },
    actions: { act: ({ self }, given: { n: number }) => action(self, given.n) as undefined },
  }).createMachine({
    context: { n: 0 },
    on: {
      GO: {
        actions: [
          assign({ n: ({ context, event }) => context.n + event.n }),
          { type: 'act', params: ({ event }) => ({ n: event.n, ...params }) },
        ],
      },
    },
  })
  return defineActor('strange', { machine })
}

type Items = Readonly<Record<number, { readonly count: number }>>

export interface Counted {
  readonly n: number
}

const HI = { actor: 'sink', key: 's' }

export const sink = () =>
  defineActor('sink', {
    initial: { got: 0 },
    reducer: (state: { got: number }, _event: { type: 'HI' }) => ({ got: state.got + 1 }),
  })
const out = defineTopic('out')

/** A variable of the module. */
let lastSeen = 0

/** By the name of what is to be found. */
export const wrongActors: readonly (readonly [name: string, what: string, make: Making])[] = [
  [
    'impure-turn',
    'knows parts of its state by their identity',
    () => {
      const ranks = new WeakMap<object, number>()
      return defineActor('strange', {
        initial: { part: { n: 0 } },
        reducer: (state, _event: Go) => {
          const part = { n: (ranks.get(state.part) ?? 0) + 1 }
          ranks.set(part, part.n)
          return { part }
        },
      })
    },
  ],
  [
    'impure-turn',
    'passes over an event that it has just seen, by a variable of the module',
    () =>
      defineActor('strange', {
        initial: { n: 0 },
        reducer: (state: Counted, event: Go): Counted => {
          if (event.n === lastSeen) return state
          lastSeen = event.n
          return { n: state.n + event.n }
        },
      }),
  ],
  [
    'impure-turn',
    'keeps sums in a Map although they depend on the state',
    () => {
      const known = new Map<number, number>()
      return defineActor('strange', {
        initial: { n: 0 },
        reducer: (state: Counted, event: Go): Counted => {
          known.set(event.n, known.get(event.n) ?? state.n + event.n)
          return { n: known.get(event.n) ?? 0 }
        },
      })
    },
  ],
  [
    'not-durable',
    'tells an absent property from an undefined one',
    () =>
      defineActor('strange', {
        initial: (): Counted & { note?: undefined } => ({ n: 0 }),
        reducer: (state, _event: Go) => ({ n: state.n + ('note' in state ? 10 : 1), note: undefined }),
      }),
  ],
  [
    'ambient-input',
    'measures with the high resolution clock',
    () =>
      defineActor('strange', {
        initial: { n: 0 },
        reducer: (_state: Counted, _event: Go): Counted => ({ n: process.hrtime()[0] > 0 ? 1 : 2 }),
      }),
  ],
  [
    'ambient-input',
    'formats the date of today',
    () =>
      defineActor('strange', {
        initial: { day: '' },
        reducer: (_state, _event: Go) => ({ day: new Intl.DateTimeFormat('en').format() }),
      }),
  ],
  [
    'ambient-input',
    'knows its process',
    () =>
      defineActor('strange', {
        initial: { n: 0 },
        reducer: (_state: Counted, _event: Go): Counted => ({ n: process.pid }),
      }),
  ],
  [
    'effect-in-turn',
    'writes a file',
    () =>
      defineActor('strange', {
        initial: { n: 0 },
        reducer: (state: Counted, _event: Go): Counted => {
          appendFileSync('/dev/null', 'x')
          return { n: state.n + 1 }
        },
      }),
  ],
  [
    'effect-in-turn',
    'leaves a promise behind that calls outside',
    ({ outside }) =>
      defineActor('strange', {
        initial: { n: 0 },
        reducer: (state: Counted, event: Go): Counted => {
          Promise.resolve()
            .then(() => outside('mail').call(event.n))
            .catch(() => {})
          return { n: state.n + 1 }
        },
      }),
  ],
  [
    'effect-in-turn',
    'charges before the commit',
    ({ outside }) => acting((_, n) => outside('bank').call(n), { unconfirmed: true }),
  ],
  [
    'changed-state',
    'changes the input of a promise, which is a part of the state',
    () => {
      const push = fromPromise<number, number[]>(async ({ input }) => input.push(99))
      const machine = setup({
        types: { context: {} as { list: number[] }, events: {} as Go },
        actors: { push },
      }).createMachine({
        context: { list: [] },
        initial: 'idle',
        states: {
          idle: { on: { GO: 'busy' } },
          busy: {
            invoke: {
              id: 'p',
              src: 'push',
              input: ({ context }) => context.list,
              onDone: 'idle',
              onError: 'idle',
            },
          },
        },
      })
      return defineActor('strange', { machine })
    },
  ],
  ['not-durable', 'gives a Map from a promise', () => working(fromPromise(async () => new Map([[1, 2]])))],
  ['not-durable', 'gives a Date from a promise', () => working(fromPromise(async () => new Date(5)))],
  [
    'not-durable',
    'sends a Date',
    () => [
      defineActor('strange', {
        initial: { n: 0 },
        reducer: (state: Counted, _event: Go, turn): Counted => {
          turn.deliver(HI, { type: 'HI', at: new Date(turn.nowMs) } as never)
          return { n: state.n + 1 }
        },
      }),
      sink(),
    ],
  ],
  [
    'not-durable',
    'sends a bigint',
    () => [
      defineActor('strange', {
        initial: { n: 0 },
        reducer: (state: Counted, _event: Go, turn): Counted => {
          turn.deliver(HI, { type: 'HI', n: 5n } as never)
          return { n: state.n + 1 }
        },
      }),
      sink(),
    ],
  ],
  [
    'not-durable',
    'sends a Map to a topic',
    () =>
      defineActor('strange', {
        initial: { n: 0 },
        reducer: (state: Counted, _event: Go, turn): Counted => {
          turn.publish(out, { m: new Map([[1, 2]]) })
          return { n: state.n + 1 }
        },
      }),
  ],
  [
    'not-durable',
    'sends a Map from a callback',
    () => {
      const got = fromCallback(({ sendBack }) => sendBack({ type: 'GO', n: 1, m: new Map([[1, 2]]) }))
      const machine = setup({
        types: { context: {} as Counted, events: {} as Go },
        actors: { got },
      }).createMachine({
        context: { n: 0 },
        invoke: { id: 'got', src: 'got' },
        on: { GO: { actions: assign({ n: ({ context, event }) => context.n + event.n }) } },
      })
      return defineActor('strange', { machine })
    },
  ],
  [
    'lost-effect',
    'swallows the error of a call in a custom action',
    ({ outside }) =>
      acting((self, n) =>
        outside('mail')
          .call(n, { key: effectId(self) })
          .catch(() => {}),
      ),
  ],
  [
    'lost-effect',
    'leaves a call to a timer in memory',
    (world) =>
      acting((self, n) => {
        world
          .sleep(1_000)
          .then(() => world.outside('mail').call(n, { key: effectId(self) }))
          .catch(() => {})
      }),
  ],
  [
    'lost-effect',
    'leaves an event to a timer in memory',
    (world) =>
      acting((self) => {
        const own = self as { readonly send: (event: Go) => void }
        void world.sleep(5_000).then(() => own.send({ type: 'GO', n: 0 }))
      }),
  ],
  [
    'lost-effect',
    'has one key for all payments',
    ({ outside }) => working(fromPromise(({ input, self }) => outside('bank').call(input, { key: self.id }))),
  ],
  [
    'duplicated-effect',
    'adds to a row in each try',
    ({ table }) => working(fromPromise(() => table<number>('sums').update('all', (sum = 0) => sum + 1))),
  ],
  [
    'dead-actor',
    'ends with the first failure of a service',
    ({ outside }) =>
      working(
        fromPromise(({ input, self }) => outside('bank').call(input, { key: effectId(self) })),
        false,
      ),
  ],
  [
    'failing-turn',
    'reads what is not there',
    () =>
      defineActor('strange', {
        initial: (): { readonly items: Items } => ({ items: {} }),
        reducer: (state, event: Go) => {
          const { count } = state.items[event.n] as Items[number]
          return { items: { ...state.items, [event.n]: { count: count + 1 } } }
        },
      }),
  ],
  [
    'second-reply',
    'answers twice',
    () =>
      defineActor('strange', {
        initial: { n: 0 },
        reducer: (state: Counted, _event: Go, turn): Counted => {
          turn.reply(state.n)
          turn.reply('done')
          return { n: state.n + 1 }
        },
      }),
  ],
  [
    'never-rests',
    'sends itself the next event for ever',
    () =>
      defineActor('strange', {
        initial: { n: 0 },
        reducer: (state: Counted, event: Go, turn): Counted => {
          turn.deliver(turn.self, event)
          return { n: state.n + 1 }
        },
      }),
  ],
]
