/**
 * Stepping as pure data, and the same data as XState itself gives.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { assign, initialTransition, setup, transition } from 'xstate'
import type { AnyStateMachine, EventFromLogic, InputFrom, SnapshotFrom } from 'xstate'
import {
  brokerMachine,
  consumerMachine,
  createRunner,
  deliveryMachine,
  perform,
  producerMachine,
} from '../../../actors/index.ts'
import type { ActionData, ActionTable, Runner } from '../../../actors/index.ts'
import { brokerEvents, consumerEvents, deliveryEvents, producerEvents } from '../../support/machine-events.ts'

interface Seen {
  readonly value: unknown
  readonly context: unknown
  readonly status: unknown
}

/** Steps both ways and compares after each event. */
function assertSame<TMachine extends AnyStateMachine>(
  machine: TMachine,
  runner: Runner<TMachine>,
  { events, input }: { events: readonly EventFromLogic<TMachine>[]; input?: InputFrom<TMachine> },
): void {
  const start = initialTransition as (...each: unknown[]) => [SnapshotFrom<TMachine>, readonly ActionData[]]
  let [snapshot, actions] = start(machine, input)
  assert.deepEqual(actions, [], 'starting asks for nothing, so that createRunner may answer with nothing')
  for (const event of events) {
    const mine: readonly ActionData[] = runner.step(event)
    ;[snapshot, actions] = transition(machine, snapshot, event)
    assert.deepEqual(mine.map(plain), actions.map(plain))
    assert.deepEqual(seen(runner.snapshot), seen(snapshot))
  }
}

function plain({ type, params }: ActionData): ActionData {
  return { type, params }
}

function seen(snapshot: unknown): Seen {
  const { value, context, status } = snapshot as Seen
  return { value, context, status }
}

const acts: string[] = []
const noisyMachine = setup({
  types: { events: {} as { type: 'GO' } | { type: 'THROW' } },
  actions: {
    first: () => acts.push('first'),
    second: (_, params: { readonly n: number }) => acts.push(`second ${params.n}`),
    left: () => acts.push('left'),
  },
  guards: {
    throws: () => {
      throw new RangeError('guard')
    },
  },
}).createMachine({
  initial: 'here',
  states: {
    here: {
      exit: 'left',
      on: {
        GO: { target: 'there', actions: ['first', { type: 'second', params: { n: 2 } }] },
        THROW: { guard: 'throws', target: 'there' },
      },
    },
    there: {},
  },
})

describe('createRunner', () => {
  it('MR1: a step names every action, in order, and runs none', () => {
    const runner = createRunner(noisyMachine)
    assert.deepEqual(runner.step({ type: 'GO' }), [
      { type: 'left', params: undefined },
      { type: 'first', params: undefined },
      { type: 'second', params: { n: 2 } },
    ])
    assert.deepEqual(acts, [])
    assert.equal(runner.snapshot.value, 'there')
  })

  it('MR1: the answer to a step is kept as it was when the next step is made', () => {
    const runner = createRunner(brokerMachine)
    const actions = runner.step({ type: 'WORK' })
    runner.step({ type: 'COMMITTED', more: false })
    assert.deepEqual(actions, [{ type: 'commit', params: { scope: 'all' } }])
  })

  it('MR2: a step that throws leaves the snapshot, and the next step answers for itself alone', () => {
    const runner = createRunner(noisyMachine)
    const before = runner.snapshot
    assert.throws(() => runner.step({ type: 'THROW' }), /guard/)
    assert.equal(runner.snapshot, before)
    assert.equal(runner.step({ type: 'GO' }).length, 3)
  })

  it('MR3: any events give the same states and actions as the transition function of XState', () => {
    const maxDeliveries = 3
    fc.assert(
      fc.property(brokerEvents, producerEvents, consumerEvents, deliveryEvents, (...events) => {
        const [broker, producer, consumer, delivery] = events
        assertSame(brokerMachine, createRunner(brokerMachine), { events: broker })
        assertSame(producerMachine, createRunner(producerMachine), { events: producer })
        assertSame(consumerMachine, createRunner(consumerMachine), { events: consumer })
        const runner = createRunner(deliveryMachine, { maxDeliveries })
        assertSame(deliveryMachine, runner, { events: delivery, input: { maxDeliveries } })
      }),
      { numRuns: 30 },
    )
  })

  it('MR4: a step that was made before gives the same again, however many others were made between', () => {
    const guarded: string[] = []
    const counter = setup({
      types: { context: {} as { count: number }, events: {} as { type: 'ADD' } | { type: 'RESET' } },
      guards: { counted: () => guarded.push('asked') > 0 },
    }).createMachine({
      context: { count: 0 },
      on: {
        ADD: { guard: 'counted', actions: assign({ count: ({ context }) => context.count + 1 }) },
        RESET: { actions: assign({ count: 0 }) },
      },
    })
    const runner = createRunner(counter)
    for (let i = 0; i < 3; i += 1) {
      runner.step({ type: 'ADD' })
      runner.step({ type: 'RESET' })
    }
    assert.equal(guarded.length, 1, 'the machine was asked once')
    for (let i = 0; i < 2_000; i += 1) runner.step({ type: 'ADD' })
    assert.equal(runner.snapshot.context.count, 2_000, 'far more states than are remembered')
    assert.equal(guarded.length, 2_000)
    runner.step({ type: 'RESET' })
    runner.step({ type: 'ADD' })
    assert.equal(runner.snapshot.context.count, 1)
  })

  it('two runners of one machine do not see each other', () => {
    const [one, other] = [createRunner(brokerMachine), createRunner(brokerMachine)]
    one.step({ type: 'WORK' })
    assert.deepEqual([one.snapshot.value, other.snapshot.value], ['committing', 'idle'])
  })
})

describe('actions', () => {
  const done: string[] = []
  const table: ActionTable<typeof consumerMachine> = {
    lease: () => done.push('lease'),
    stopLeasing: () => done.push('stopLeasing'),
    finish: ({ end }) => done.push(`finish ${end}`),
    announceStalled: ({ cause }) => done.push(`stalled ${cause}`),
    unexpected: ({ event }) => done.push(`unexpected ${event}`),
  }

  it('AC1: an action that the machines declare does nothing by itself', () => {
    const machines: AnyStateMachine[] = [brokerMachine, producerMachine, consumerMachine, deliveryMachine]
    const bodies = new Set(machines.flatMap((machine) => Object.values(machine.implementations.actions)))
    assert.equal(bodies.size, 1)
    for (const body of bodies) assert.match(String(body), /^function nothing\(\) ?\{\s*\}$/)
  })

  it('AC2: a table that misses an action, or takes other parameters, does not compile', () => {
    const { lease, ...rest } = table
    // @ts-expect-error -- `lease` is missing.
    perform<{ type: 'lease'; params: undefined }>(rest, [])
    const wrong = { ...table, finish: ({ end }: { readonly end: number }) => end }
    // @ts-expect-error -- `finish` takes a word, not a number.
    perform(wrong, createRunner(consumerMachine).step({ type: 'CLOSE' }))
    assert.equal(typeof lease, 'function')
  })

  it('AC3: actions are performed in the order in which the machine named them', () => {
    done.length = 0
    perform(table, createRunner(consumerMachine).step({ type: 'FAILED' }))
    assert.deepEqual(done, ['stopLeasing', 'finish failed'])
  })
})
