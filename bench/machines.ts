/**
 * The machines that actors are measured with.
 *
 * Owns: the machines. All take the same event and keep the same context.
 */
import { enqueueActions, setup } from 'xstate'

export interface Deposit {
  readonly type: 'DEPOSIT'
  readonly amount: number
}

export interface Account {
  readonly count: number
  readonly sum: number
}

const base = setup({
  types: { context: {} as Account, events: {} as Deposit | { readonly type: 'CHECK' } },
  guards: { isLarge: ({ event }) => event.amount < 0, isOdd: ({ context }) => context.count % 2 === 1 },
})
const add = base.assign({
  count: ({ context }) => context.count + 1,
  sum: ({ context, event }) => context.sum + event.amount,
})
const context: Account = { count: 0, sum: 0 }

/** One state, which every event changes the context of. */
const counter = base.createMachine({
  context,
  initial: 'open',
  states: { open: { on: { DEPOSIT: { actions: add } } } },
})

/** Every event is guarded, leads to another state, and sets or takes back a timer. */
const turnstile = base.createMachine({
  context,
  initial: 'locked',
  states: {
    locked: {
      on: {
        DEPOSIT: [
          { guard: 'isLarge', target: 'locked' },
          { target: 'open.idle', actions: add },
        ],
      },
    },
    open: {
      initial: 'idle',
      states: { idle: {} },
      after: { 86_400_000: 'locked' },
      on: { DEPOSIT: [{ guard: 'isOdd', target: 'locked', actions: add }, { target: 'locked' }] },
    },
  },
})

/** Two regions, and a state that moves on by itself. */
const parallel = base.createMachine({
  context,
  type: 'parallel',
  states: {
    books: { initial: 'kept', states: { kept: { on: { DEPOSIT: { actions: add } } } } },
    watch: {
      initial: 'calm',
      states: {
        calm: { on: { DEPOSIT: 'alert' }, always: { guard: 'isOdd', target: 'alert' } },
        alert: { on: { DEPOSIT: 'calm' } },
      },
    },
  },
})

/** Every event enqueues actions and raises another event. */
const raising = base.createMachine({
  context,
  initial: 'open',
  states: {
    open: {
      on: {
        DEPOSIT: {
          actions: enqueueActions(({ enqueue, event }) => {
            if (event.amount >= 0) enqueue(add)
            enqueue.raise({ type: 'CHECK' })
          }),
        },
        CHECK: { guard: 'isOdd', target: 'open' },
      } as never,
    },
  },
})

/** Every event goes into or out of a state that has a history. */
const remembering = base.createMachine({
  context,
  initial: 'work',
  states: {
    work: {
      initial: 'one',
      on: { DEPOSIT: { target: 'rest', actions: add } },
      states: { one: {}, last: { type: 'history' } },
    },
    rest: { on: { DEPOSIT: { target: 'work.last', actions: add } } },
  },
})

const machines = { counter, turnstile, parallel, raising, remembering }

export function machineNamed(name: string): typeof counter {
  const found: unknown = Reflect.get(machines, name)
  if (found === undefined) throw new RangeError(`--machine: one of ${Object.keys(machines).join(', ')}`)
  return found as typeof counter
}
