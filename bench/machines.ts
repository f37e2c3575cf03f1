/**
 * The machines that actors are measured with.
 *
 * Owns: the machines. All take the same event and keep the same context.
 */
import { setup } from 'xstate'

export interface Deposit {
  readonly type: 'DEPOSIT'
  readonly amount: number
}

export interface Account {
  readonly count: number
  readonly sum: number
}

const base = setup({
  types: { context: {} as Account, events: {} as Deposit },
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

/** Two regions, and a state that moves on by itself: XState works out every step. */
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

const machines = { counter, turnstile, parallel }

export function machineNamed(name: string): typeof counter {
  const found: unknown = Reflect.get(machines, name)
  if (found === undefined) throw new RangeError(`--machine: one of ${Object.keys(machines).join(', ')}`)
  return found as typeof counter
}
