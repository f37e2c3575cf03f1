/**
 * Typical mistakes in durable actors, each beside the right way.
 *
 * Owns: the actors. Leaves checking them to `actors.test.ts`.
 */
import { assign, fromPromise, setup } from 'xstate'
import { defineActor, effectId } from '../../actors/index.ts'
import type { World } from '../../props-tests/index.ts'

export type Add = { type: 'ADD'; cents: number }

const carts = setup({ types: { context: {} as { lines: number[] }, events: {} as Add } })

/** Wrong: the list in the committed state grows in place, also when the turn fails later on. */
export const changesItsContext = defineActor('changes-its-context', {
  machine: carts.createMachine({
    context: { lines: [] },
    on: {
      ADD: {
        actions: assign({
          lines: ({ context, event }) => {
            context.lines.push(event.cents)
            return context.lines
          },
        }),
      },
    },
  }),
})

/** Right: a new list. */
export const makesANewContext = defineActor('makes-a-new-context', {
  machine: carts.createMachine({
    context: { lines: [] },
    on: { ADD: { actions: assign({ lines: ({ context, event }) => [...context.lines, event.cents] }) } },
  }),
})

/** Wrong: a turn that is taken again after a crash gives another time. */
export const asksTheClock = defineActor('asks-the-clock', {
  initial: { addedAt: 0 },
  reducer: (_state, _event: Add) => ({ addedAt: Date.now() }),
})

/** Right: the time of the mail, which is stored with it. */
export const asksTheTurn = defineActor('asks-the-turn', {
  initial: { addedAt: 0 },
  reducer: (_state, _event: Add, turn) => ({ addedAt: turn.nowMs }),
})

/** Wrong: the mail goes out in the turn, before anything is on disk, and again when the turn is taken again. */
export const mailsInItsTurn = ({ outside }: World) =>
  defineActor('mails-in-its-turn', {
    initial: { cents: 0 },
    reducer: (state, event: Add) => {
      void outside('mail').call({ cents: event.cents })
      return { cents: state.cents + event.cents }
    },
  })

let added = 0

/** Wrong: the variable begins at 0 in the next process, and the stored states do not. */
export const keepsAVariable = defineActor('keeps-a-variable', {
  initial: { added: 0 },
  reducer: (_state, _event: Add) => {
    added += 1
    return { added }
  },
})

/** Wrong: JSON makes `{}` of a Map. */
export const keepsAMap = defineActor('keeps-a-map', {
  initial: (): { byCents: Map<number, number> } => ({ byCents: new Map() }),
  reducer: (state, event: Add) => ({ byCents: new Map([...state.byCents, [event.cents, 1]]) }),
})

type Pay = { type: 'PAY'; cents: number }
type Charge = (input: { cents: number }, id: string) => Promise<unknown>

/** A machine that charges a card; how is what the examples differ in. */
function payments(name: string, charge: Charge) {
  const pay = fromPromise<string, { cents: number }>(async ({ input, self }) => {
    await charge(input, effectId(self))
    return 'paid'
  })
  return defineActor(name, {
    machine: setup({
      types: { context: {} as { cents: number }, events: {} as Pay },
      actors: { pay },
    }).createMachine({
      context: { cents: 0 },
      initial: 'waiting',
      states: {
        waiting: {
          on: { PAY: { target: 'paying', actions: assign({ cents: ({ event }) => event.cents }) } },
        },
        paying: {
          invoke: {
            id: 'pay',
            src: 'pay',
            input: ({ context }) => ({ cents: context.cents }),
            onDone: 'waiting',
            onError: 'failed',
          },
        },
        failed: { after: { 500: 'paying' } },
      },
    }),
  })
}

/** Wrong: after a crash the promise runs again, and the bank cannot know that it is the same payment. */
export const chargesWithoutAKey = ({ outside }: World) =>
  payments('charges-without-a-key', (input) => outside('bank').call(input))

/** Wrong: the payment that failed counts as made. */
export const swallowsTheError = ({ outside }: World) =>
  payments('swallows-the-error', async (input, id) => {
    try {
      await outside('bank').call(input, { key: id })
    } catch {
      // Nobody is told.
    }
  })

/** Right: the id of the effect is the same at every try, and an error is an error. */
export const chargesWithAKey = ({ outside }: World) =>
  payments('charges-with-a-key', (input, id) => outside('bank').call(input, { key: id }))
