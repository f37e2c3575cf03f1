/**
 * Actors that do everything right, for tests that nobody is accused wrongly.
 *
 * Owns: their code, one for each way of writing an actor. Leaves checking them to the tests.
 */
import fc from 'fast-check'
import { assign, cancel, emit, enqueueActions, fromPromise, raise, sendTo, setup } from 'xstate'
import { defineActor, deliver, effectId, publish, reply } from '../../actors/index.ts'
import { defineTopic } from '../../runtime/index.ts'
import { checkActor } from '../index.ts'
import { game, gameEvents, isFair } from './right-game.ts'
import type { ActorReport, CommonOptions, World } from '../index.ts'

/** A balance: assign, guard, answers, an event that means nothing. */
const accountMachine = setup({
  types: {
    context: {} as { balance: number; refused: number },
    events: {} as
      { type: 'DEPOSIT'; amount: number } | { type: 'WITHDRAW'; amount: number } | { type: 'BALANCE' },
    emitted: {} as { type: 'CHANGED'; balance: number },
  },
  guards: {
    covered: ({ context, event }) => event.type === 'WITHDRAW' && context.balance >= event.amount,
  },
  actions: {
    deposit: assign({
      balance: ({ context, event }) => context.balance + (event.type === 'DEPOSIT' ? event.amount : 0),
    }),
    withdraw: assign({
      balance: ({ context, event }) => context.balance - (event.type === 'WITHDRAW' ? event.amount : 0),
    }),
    refuse: assign({ refused: ({ context }) => context.refused + 1 }),
    tell: emit(({ context }) => ({ type: 'CHANGED', balance: context.balance })),
    answer: reply(({ context }) => context.balance),
  },
}).createMachine({
  context: { balance: 0, refused: 0 },
  on: {
    DEPOSIT: { actions: ['deposit', 'tell'] },
    WITHDRAW: [{ guard: 'covered', actions: ['withdraw', 'tell'] }, { actions: 'refuse' }],
    BALANCE: { actions: 'answer' },
  },
})

export const account = defineActor('account', { machine: accountMachine, replies: {} as { BALANCE: number } })
const amount = fc.integer({ min: 1, max: 9 })
export const accountEvents = fc.oneof(
  fc.record({ type: fc.constant('DEPOSIT' as const), amount }),
  fc.record({ type: fc.constant('WITHDRAW' as const), amount }),
  fc.constant({ type: 'BALANCE' as const }),
)

/** An issue that grows stale: states, timers of days, raise, cancel, a child of its own history. */
const issueMachine = setup({
  types: {
    context: {} as { comments: number; nudges: number },
    events: {} as
      { type: 'OPEN' } | { type: 'COMMENT' } | { type: 'CLOSE' } | { type: 'NUDGE' } | { type: 'SNOOZE' },
  },
  actions: {
    count: assign({ comments: ({ context }) => context.comments + 1 }),
    nudged: assign({ nudges: ({ context }) => context.nudges + 1 }),
    snooze: raise({ type: 'NUDGE' }, { delay: 700, id: 'nudge' }),
    unsnooze: cancel('nudge'),
  },
}).createMachine({
  context: { comments: 0, nudges: 0 },
  initial: 'new',
  states: {
    new: { on: { OPEN: 'open' } },
    open: {
      initial: 'fresh',
      on: { CLOSE: 'closed', SNOOZE: { actions: ['unsnooze', 'snooze'] }, NUDGE: { actions: 'nudged' } },
      states: {
        fresh: {
          after: { 259_200_000: 'stale' },
          on: { COMMENT: { target: 'fresh', reenter: true, actions: 'count' } },
        },
        stale: { after: { 60_000: '#issue.closed' }, on: { COMMENT: { target: 'fresh', actions: 'count' } } },
        past: { type: 'history' },
      },
    },
    closed: { entry: 'unsnooze', on: { OPEN: 'open.past' } },
  },
  id: 'issue',
})

export const issue = defineActor('issue', { machine: issueMachine })
export const issueEvents = ['OPEN', 'COMMENT', 'CLOSE', 'SNOOZE'].map(
  (type) => ({ type }) as { type: 'OPEN' },
)

export const audits = defineTopic<{ id: string; cents: number }>('audits')

/** A reducer with everything that a reducer may ask for, which sends to another one. */
export const ledger = defineActor('ledger', {
  initial: { entries: [] as { from: string; cents: number }[] },
  reducer: (state, event: { type: 'ENTER'; from: string; cents: number }) => ({
    entries: [...state.entries, { from: event.from, cents: event.cents }],
  }),
})

interface Cart {
  readonly cents: number
  readonly remindedAt: number
  readonly lots: readonly number[]
  readonly ids: readonly string[]
}
const EMPTY_CART: Cart = { cents: 0, remindedAt: 0, lots: [], ids: [] }
type CartEvent =
  | { type: 'ADD'; cents: number }
  | { type: 'PAY' }
  | { type: 'REMIND' }
  | { type: 'SUM' }
  | { type: 'REFUSED' }

export const cart = defineActor('cart', {
  initial: EMPTY_CART,
  replies: {} as { SUM: number },
  supervision: { maxAttempts: 3, minDelayMs: 5, maxDelayMs: 20 },
  reducer: (state: Cart, event: CartEvent, turn): Cart => {
    switch (event.type) {
      case 'ADD':
        turn.cancel('reminder')
        turn.after(5_000, { type: 'REMIND' }, 'reminder')
        turn.emit({ type: 'ADDED', cents: event.cents } as never)
        return { ...state, cents: state.cents + event.cents, lots: [...state.lots, turn.random()] }
      case 'REMIND':
        turn.publish(audits, { id: turn.self.key, cents: state.cents })
        return { ...state, remindedAt: turn.nowMs }
      case 'PAY':
        if (state.cents === 0) return state
        turn.cancel('reminder')
        turn.deliver(ledger.at('all'), { type: 'ENTER', from: turn.self.key, cents: state.cents })
        return { ...state, cents: 0, ids: [...state.ids, turn.id()] }
      case 'SUM':
        turn.reply(state.cents)
        return state
      case 'REFUSED':
        throw new RangeError('nobody refuses')
    }
  },
})
export const cartEvents = fc.oneof(
  fc.record({ type: fc.constant('ADD' as const), cents: fc.integer({ min: 1, max: 500 }) }),
  fc.constantFrom({ type: 'PAY' as const }, { type: 'SUM' as const }, { type: 'REFUSED' as const }),
)

/** Promises with a stable key, their failures and a retry; a child machine; an action that calls outside. */
export function payment(world: World) {
  const bank = world.outside('bank')
  const log = world.outside('log', { repeatable: true })
  const pay = fromPromise<string, { cents: number }>(async ({ input, self }) => {
    await bank.call({ cents: input.cents }, { key: effectId(self) })
    return 'paid'
  })
  const machine = setup({
    types: {
      context: {} as { cents: number; tries: number; paid: string | undefined },
      events: {} as { type: 'PAY'; cents: number } | { type: 'AGAIN' },
    },
    actors: { pay },
    actions: {
      thank: ({ self }, params: { cents: number }) => {
        void log.call({ thanks: params.cents, id: effectId(self) })
      },
      note: enqueueActions(({ enqueue }) => {
        enqueue.assign({ tries: ({ context }) => context.tries + 1 })
        enqueue.emit({ type: 'TRIED' })
      }),
    },
  }).createMachine({
    id: 'payment',
    context: { cents: 0, tries: 0, paid: undefined },
    initial: 'waiting',
    states: {
      waiting: {
        on: { PAY: { target: 'paying', actions: assign({ cents: ({ event }) => event.cents }) } },
      },
      paying: {
        entry: 'note',
        invoke: {
          id: 'pay',
          src: 'pay',
          input: ({ context }) => ({ cents: context.cents }),
          onDone: { target: 'paid', actions: assign({ paid: ({ event }) => event.output }) },
          onError: 'failed',
        },
      },
      failed: { after: { 300: 'paying' } },
      paid: {
        entry: { type: 'thank', params: ({ context }) => ({ cents: context.cents }) },
        on: { AGAIN: 'waiting' },
      },
    },
  })
  return defineActor('payment', { machine })
}
export const paymentEvents = fc.oneof(
  fc.record({ type: fc.constant('PAY' as const), cents: fc.integer({ min: 1, max: 9 }) }),
  fc.constant({ type: 'AGAIN' as const }),
)

/** Parallel states, a child machine that is told and tells, an end with output. */
const counter = setup({
  types: {
    context: {} as { count: number },
    events: {} as { type: 'TICK' },
    input: {} as { from: number },
    output: {} as number,
  },
}).createMachine({
  context: ({ input }) => ({ count: input.from }),
  initial: 'on',
  output: ({ context }) => context.count,
  states: {
    on: {
      on: { TICK: { actions: assign({ count: ({ context }) => context.count + 1 }) } },
      always: { guard: ({ context }) => context.count >= 3, target: 'full' },
    },
    full: { type: 'final' },
  },
})

const orderMachine = setup({
  types: {
    context: {} as { ticks: number; full: number },
    events: {} as { type: 'TICK' } | { type: 'PACK' } | { type: 'BILL' } | { type: 'END' },
    output: {} as { full: number },
  },
  actors: { counter },
  actions: {
    forward: sendTo('counter', { type: 'TICK' }),
    tell: deliver(
      () => ledger.at('orders'),
      ({ context }) => ({ type: 'ENTER', from: 'order', cents: context.full }),
    ),
    audit: publish(audits, ({ context }) => ({ id: 'order', cents: context.ticks })),
  },
}).createMachine({
  context: { ticks: 0, full: 0 },
  invoke: {
    id: 'counter',
    src: 'counter',
    input: { from: 1 },
    onDone: { actions: assign({ full: ({ event }) => event.output }) },
  },
  type: 'parallel',
  on: { TICK: { actions: [assign({ ticks: ({ context }) => context.ticks + 1 }), 'forward'] } },
  output: ({ context }) => ({ full: context.full }),
  states: {
    packing: {
      initial: 'no',
      states: { no: { on: { PACK: 'yes' } }, yes: { type: 'final', entry: 'audit' } },
    },
    billing: {
      initial: 'no',
      states: { no: { on: { BILL: 'yes' } }, yes: { type: 'final', entry: 'tell' } },
    },
  },
})

export const order = defineActor('order', { machine: orderMachine })
export const orderEvents = ['TICK', 'TICK', 'PACK', 'BILL'].map((type) => ({ type }) as { type: 'TICK' })

/** A check of each. */
export const rightActors: readonly ((
  options: CommonOptions & { readonly deaths?: number },
) => Promise<ActorReport>)[] = [
  (options) =>
    checkActor(account, {
      events: accountEvents,
      invariant: (state) => state.context.balance >= 0,
      ...options,
    }),
  (options) => checkActor([cart, ledger], { events: cartEvents, ...options }),
  (options) => checkActor(payment, { events: paymentEvents, ...options }),
  (options) => checkActor(issue, { events: issueEvents, ...options }),
  (options) => checkActor([order, ledger], { events: orderEvents, ...options }),
  (options) => checkActor(game, { ...options, events: gameEvents, invariant: isFair }),
]
