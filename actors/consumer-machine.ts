/**
 * Demand: decides when a consumer asks for leases, and when it has ended.
 *
 * Owns: the life of a consumer: its demand, pause, drain and end.
 * Leaves to the runtime: slots and handlers. Leaves to the broker: which messages are leased, and their order.
 *
 * CM1. Leases are asked for only while delivering, that is: not while paused, draining or ended.
 * CM2. Every change of readiness or credit that happens while nothing is asked for is looked at again on the way
 *     back, because `lease` is answered by what is true then: EMPTY or NO_CREDIT.
 * CM3. After DRAIN the consumer ends as soon as no handler runs; `finish` comes exactly once.
 * CM4. Every way to wait has a cause to announce when it is overdue.
 *
 * `lease` obliges the runtime to take as many messages as there is credit for, and then to send NO_CREDIT if no slot
 * is free, or else EMPTY if nothing more is ready. `stopLeasing` obliges it to send IDLE_NOW once no handler runs and
 * no lease is being recorded: at once, if that is so already.
 */
import { setup } from 'xstate'
import { declared, ignored, unexpected } from './action.ts'
import { microstepsMax } from './limits.ts'
import type { StallCause } from './words.ts'

/** How a consumer ended. */
export type ConsumerEnd = 'drained' | 'closed' | 'failed'

export type ConsumerEvent =
  /** Messages are ready (once per batch, not per message). */
  | { readonly type: 'READY' }
  /** Nothing more is ready. */
  | { readonly type: 'EMPTY' }
  /** A slot is free again. */
  | { readonly type: 'CREDIT' }
  /** All slots are taken. */
  | { readonly type: 'NO_CREDIT' }
  | { readonly type: 'PAUSE' }
  | { readonly type: 'RESUME' }
  /** Let the running handlers end, then finish. */
  | { readonly type: 'DRAIN' }
  /** No handler runs any more, and no lease is being recorded. */
  | { readonly type: 'IDLE_NOW' }
  /** Messages wait, and none was leased or settled for the stall time. */
  | { readonly type: 'OVERDUE' }
  /** The broker is broken or fenced, or the continuity check stops this consumer. */
  | { readonly type: 'FAILED' }
  /** Finish now, whatever runs. */
  | { readonly type: 'CLOSE' }

const consumer = setup({
  types: {
    events: {} as ConsumerEvent,
    tags: {} as 'final',
  },
  actions: {
    /** Ask the broker for as many leases as there is credit for. */
    lease: declared<undefined>(),
    /** Ask for no more; send IDLE_NOW once no handler runs. */
    stopLeasing: declared<undefined>(),
    /** Settle `run()`, give back the leases that are left. */
    finish: declared<{ readonly end: ConsumerEnd }>(),
    announceStalled: declared<{ readonly cause: StallCause }>(),
    /** Our own mistake: this event cannot happen in this state. */
    unexpected: declared<{ readonly event: string }>(),
  },
})

const finishDrained = { type: 'finish', params: { end: 'drained' } } as const
const finishClosed = { type: 'finish', params: { end: 'closed' } } as const
const finishFailed = { type: 'finish', params: { end: 'failed' } } as const
const stalled = <const TCause extends StallCause>(cause: TCause) =>
  ({ actions: { type: 'announceStalled', params: { cause } } }) as const

export const consumerMachine = consumer.createMachine({
  id: 'consumer',
  initial: 'idle',
  options: { maxIterations: microstepsMax },
  on: {
    PAUSE: { target: '.paused', actions: 'stopLeasing' },
    DRAIN: { target: '.draining', actions: 'stopLeasing' },
    FAILED: { target: '.failed', actions: ['stopLeasing', finishFailed] },
    CLOSE: { target: '.closed', actions: ['stopLeasing', finishClosed] },
    // Handlers come to rest in every state; it matters only where somebody waits for it.
    IDLE_NOW: ignored,
    RESUME: ignored,
    '*': unexpected,
  },
  states: {
    /** Nothing is ready. */
    idle: {
      on: {
        READY: { target: 'delivering', actions: 'lease' },
        EMPTY: ignored,
        CREDIT: ignored,
        NO_CREDIT: ignored,
        OVERDUE: stalled('blocked'),
      },
    },
    /** Leases are asked for. */
    delivering: {
      on: {
        READY: { actions: 'lease' },
        CREDIT: { actions: 'lease' },
        EMPTY: { target: 'idle' },
        NO_CREDIT: { target: 'starved' },
        OVERDUE: stalled('no-lease'),
      },
    },
    /** Messages are ready, and every slot is taken. */
    starved: {
      on: {
        CREDIT: { target: 'delivering', actions: 'lease' },
        EMPTY: { target: 'idle' },
        READY: ignored,
        NO_CREDIT: ignored,
        OVERDUE: stalled('no-credit'),
      },
    },
    paused: {
      initial: 'settling',
      on: {
        RESUME: { target: 'delivering', actions: 'lease' },
        READY: ignored,
        EMPTY: ignored,
        CREDIT: ignored,
        NO_CREDIT: ignored,
        PAUSE: ignored,
        OVERDUE: stalled('paused'),
      },
      states: {
        /** Handlers still run. */
        settling: { on: { IDLE_NOW: { target: 'quiet' } } },
        /** No handler runs. */
        quiet: {},
      },
    },
    draining: {
      on: {
        IDLE_NOW: { target: 'closed', actions: finishDrained },
        CLOSE: { target: 'closed', actions: finishClosed },
        FAILED: { target: 'failed', actions: finishFailed },
        OVERDUE: stalled('draining'),
        '*': ignored,
      },
    },
    failed: { tags: 'final', on: { '*': ignored } },
    closed: { tags: 'final', on: { '*': ignored } },
  },
})
