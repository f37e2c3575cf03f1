/**
 * Machines as people write them.
 *
 * Owns: the machines. Leaves the runs worth comparing to `actor-cases.ts`, the comparison to `actor-twins.ts`.
 */
import {
  and,
  assign,
  cancel,
  createMachine,
  emit,
  enqueueActions,
  fromPromise,
  log,
  raise,
  setup,
  stateIn,
} from 'xstate'
import type { AnyStateMachine } from 'xstate'
import type { Specimen, TwinStep } from './actor-twins.ts'

function plain(machine: unknown): Specimen {
  return { machine: machine as AnyStateMachine, trace: [] }
}

/** A promise that the test settles: the same steps then settle that of each twin. */
class Gate {
  readonly asked: unknown[] = []
  #waiting: { resolve: (value: unknown) => void; reject: (error: unknown) => void }[] = []

  readonly logic = fromPromise<unknown, unknown>(({ input }) => {
    this.asked.push(input)
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
    })
  })

  settle(how: 'resolve' | 'reject', value: unknown): void {
    this.#waiting.shift()?.[how](value)
  }
}

/** A specimen with a gate; its trace tells what was asked. */
function gated(make: (gate: Gate) => unknown): Specimen {
  const gate = new Gate()
  gates.set(gate.asked, gate)
  return { machine: make(gate) as AnyStateMachine, trace: gate.asked }
}

const gates = new WeakMap<object, Gate>()

/** Settles the promise that has waited longest, of either twin. */
export function settle(how: 'resolve' | 'reject', value: unknown): TwinStep {
  return { settle: ({ trace }) => gates.get(trace)?.settle(how, value) }
}

export const light = (): Specimen =>
  plain(
    createMachine({
      id: 'light',
      initial: 'green',
      states: {
        green: { after: { 30: 'yellow' } },
        yellow: { after: { 5: 'red' } },
        red: {
          initial: 'walk',
          after: { 20: 'green' },
          states: { walk: { after: { 10: 'wait' } }, wait: { after: { 5: 'stop' } }, stop: {} },
        },
      },
      on: { POWER_OUT: '.red' },
    }),
  )

export const order = (): Specimen => {
  const trace: unknown[] = []
  const machine = setup({
    types: {
      context: {} as { items: string[]; paid: number },
      events: {} as
        | { type: 'ADD'; item: string }
        | { type: 'PAY'; amount: number }
        | { type: 'SHIP' }
        | { type: 'CANCEL' },
      input: {} as { first: string },
    },
    guards: { enough: ({ context }, { per }: { per: number }) => context.paid >= context.items.length * per },
    actions: { note: ({ context }, { what }: { what: string }) => trace.push([what, context.items.length]) },
  }).createMachine({
    id: 'order',
    context: ({ input }) => ({ items: [input.first], paid: 0 }),
    initial: 'open',
    on: { CANCEL: { target: '.cancelled', guard: and([() => true, stateIn({ open: 'filling' })]) } },
    states: {
      open: {
        initial: 'filling',
        entry: { type: 'note', params: { what: 'open' } },
        states: {
          filling: {
            on: {
              ADD: { actions: assign({ items: ({ context, event }) => [...context.items, event.item] }) },
              PAY: { actions: assign({ paid: ({ context, event }) => context.paid + event.amount }) },
            },
            always: { guard: { type: 'enough', params: { per: 10 } }, target: 'paid' },
          },
          paid: { type: 'final', output: ({ context }) => context.paid },
        },
        onDone: { target: 'packing', actions: emit(({ event }) => ({ type: 'PAID', amount: event.output })) },
      },
      packing: { on: { SHIP: 'shipped' }, exit: { type: 'note', params: { what: 'packed' } } },
      shipped: { type: 'final' },
      cancelled: { type: 'final' },
    },
    output: ({ context }) => ({ items: context.items }),
  })
  return { machine: machine, trace }
}

export const signIn = (): Specimen =>
  gated((gate) =>
    setup({
      types: {
        context: {} as { tries: number; user: unknown; error: unknown },
        events: {} as { type: 'SUBMIT'; name: string } | { type: 'OUT' },
      },
      actors: { check: gate.logic },
      delays: {
        backOff: ({ context }: { context: { tries: number; user: unknown; error: unknown } }) =>
          context.tries * 100,
      },
    }).createMachine({
      context: { tries: 0, user: null, error: null },
      initial: 'out',
      states: {
        out: { on: { SUBMIT: 'checking' } },
        checking: {
          entry: assign({ tries: ({ context }) => context.tries + 1 }),
          invoke: {
            id: 'check',
            src: 'check',
            input: ({ context }: { context: { tries: number } }) => ({ attempt: context.tries }),
            onDone: { target: 'in', actions: assign({ user: ({ event }) => event.output }) },
            onError: [
              {
                guard: ({ context }) => context.tries < 3,
                target: 'waiting',
                actions: assign({ error: ({ event }) => (event.error as { message: string }).message }),
              },
              { target: 'locked' },
            ],
          },
        },
        waiting: { after: { backOff: 'checking' } },
        locked: { type: 'final' },
        in: { on: { OUT: 'out' } },
      },
    }),
  )

export const wizard = (): Specimen =>
  plain(
    createMachine({
      initial: 'form',
      context: { shown: 0 },
      states: {
        form: {
          initial: 'one',
          states: {
            one: { on: { NEXT: 'two' } },
            two: {
              initial: 'left',
              states: { left: { on: { TURN: 'right' } }, right: { on: { NEXT: '#end' } } },
            },
            back: { type: 'history' },
            deepBack: { type: 'history', history: 'deep' },
          },
          on: { HELP: 'help' },
        },
        help: {
          entry: assign({ shown: ({ context }) => context.shown + 1 }),
          on: { CLOSE: 'form.back', RESUME: 'form.deepBack' },
        },
        end: { id: 'end', type: 'final' },
      },
    }),
  )

export const upload = (): Specimen =>
  plain(
    createMachine({
      id: 'upload',
      type: 'parallel',
      context: { parts: 0 },
      states: {
        a: {
          initial: 'sending',
          states: { sending: { on: { A: 'sent' } }, sent: { type: 'final' } },
          onDone: { actions: emit({ type: 'part', of: 'a' }) },
        },
        b: {
          initial: 'sending',
          states: { sending: { on: { B: 'sent' }, after: { 100: 'sent' } }, sent: { type: 'final' } },
          onDone: { actions: [emit({ type: 'part', of: 'b' }), assign({ parts: 2 })] },
        },
      },
      onDone: { actions: log('all parts') },
      output: ({ context }) => context,
    }),
  )

export const vending = (): Specimen =>
  plain(
    setup({
      types: {
        context: {} as { cents: number },
        events: {} as { type: 'COIN'; cents: number } | { type: 'REFUND' },
      },
      guards: { paid: ({ context }) => context.cents >= 100 },
    }).createMachine({
      context: { cents: 0 },
      initial: 'idle',
      states: {
        idle: {
          on: {
            COIN: { actions: assign({ cents: ({ context, event }) => context.cents + event.cents }) },
            REFUND: {
              actions: enqueueActions(({ context, enqueue }) => {
                if (context.cents > 0) enqueue.emit({ type: 'BACK', cents: context.cents } as never)
                enqueue.assign({ cents: 0 })
              }),
            },
          },
          always: { guard: 'paid', target: 'vend' },
        },
        vend: {
          entry: [raise({ type: 'REFUND' }), assign({ cents: ({ context }) => context.cents - 100 })],
          on: { REFUND: { target: 'idle', actions: emit({ type: 'GOODS' }) } },
        },
      },
    }),
  )

export const debounce = (): Specimen =>
  plain(
    createMachine({
      initial: 'on',
      context: { text: '', saved: '' },
      states: {
        on: {
          on: {
            TYPE: {
              actions: [
                cancel('save'),
                assign({ text: ({ event }) => (event as unknown as { text: string }).text }),
                raise({ type: 'SAVE' }, { delay: 50, id: 'save' }),
              ],
            },
            SAVE: { actions: assign({ saved: ({ context }) => (context as { text: string }).text }) },
          },
        },
      },
    }),
  )

export const chain = (): Specimen =>
  gated((gate) =>
    createMachine({
      initial: 'first',
      context: { got: [] as unknown[] },
      states: {
        first: {
          invoke: {
            src: gate.logic,
            input: 1,
            onDone: {
              target: 'second',
              actions: assign({
                got: ({ context, event }) => [...context.got, event.output],
              }),
            },
          },
        },
        second: {
          invoke: { src: gate.logic, input: ({ context }) => context, onDone: 'third', onError: 'failed' },
          on: { SKIP: 'third' },
        },
        third: { type: 'final' },
        failed: {},
      },
    }),
  )

export const thermostat = (): Specimen =>
  plain(
    createMachine({
      context: { degrees: 20 },
      initial: 'judging',
      on: {
        READ: {
          target: '.judging',
          actions: assign({ degrees: ({ event }) => (event as unknown as { degrees: number }).degrees }),
        },
      },
      states: {
        judging: {
          always: [
            { guard: ({ context }) => context.degrees < 18, target: 'heating' },
            { guard: ({ context }) => context.degrees > 24, target: 'cooling' },
            'resting',
          ],
        },
        heating: { tags: 'busy', entry: emit({ type: 'HEAT' }) },
        cooling: { entry: emit({ type: 'COOL' }) },
        resting: {},
      },
    }),
  )
