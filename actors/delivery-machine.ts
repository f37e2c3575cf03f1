/**
 * The life of one delivery: what may happen to one message for one group, from its commit to its end.
 *
 * This is the specification. The runtime does not step it for each message, because a step costs more than a
 * message may; a property test holds the runtime's own book-keeping against it.
 *
 * Owns: the states of a delivery, the count of attempts, and when a message is dead.
 * Leaves to the runtime: ids, due times, back-off, keys, and the records that make each step durable.
 *
 * DM1. An attempt counts when its lease is durable, before the handler starts; a crash does not take it back.
 * DM2. `attempt` is 1 … `maxDeliveries` from the first lease on, and falls only to 0, by REDRIVEN.
 * DM3. A message is dead only on its last attempt (nack, lease lost or owner crashed) or by DEAD_LETTER.
 * DM4. RETRY_AFTER burns nothing: the next lease has the same attempt.
 * DM5. An answer under another lease than the present one is stale: refused, and changes nothing.
 * DM6. `done` and `removed` absorb everything.
 * DM7. A step that a record carries is complete only when the record is durable; a crash before that undoes it.
 *
 * A seek begins a new life for each message after its position, and is REMOVED for those before it. A lease that
 * is given back before its handler started is RETRY_AFTER with no delay.
 */
import { setup } from 'xstate'
import { declared, ignored, unexpected } from './action.ts'
import { microstepsMax } from './limits.ts'

export type LeaseId = number | string

/** Why an attempt did not end in an acknowledgement. */
export interface FailedAttempt {
  readonly attempt: number
  readonly reason: string
}

/** The reason in the history when the process ended while the message was leased. */
export const ownerCrashed = 'owner-crashed'

/** Where an answer leads once it is durable. */
export type DeliveryOutcome = 'done' | 'ready' | 'delayed' | 'dead'

/** Whether a message that may move is free, or behind an earlier unfinished message of its key. */
interface Place {
  readonly behind: boolean
}

interface UnderLease {
  readonly leaseId: LeaseId
}

export type DeliveryEvent =
  /** The group looks at the message for the first time; `later` says that its due time is ahead. */
  | ({ readonly type: 'ADMITTED'; readonly later: boolean } & Place)
  /** The due time has come. */
  | ({ readonly type: 'DUE' } & Place)
  /** The earlier message of its key is finished. */
  | { readonly type: 'UNBLOCKED' }
  /** An earlier message of its key came back (redriven). */
  | { readonly type: 'BLOCKED' }
  /** A consumer has credit: the lease is being recorded. */
  | ({ readonly type: 'LEASE' } & UnderLease)
  /** The record on its way (of the lease, or of the answer) is durable. */
  | { readonly type: 'RECORDED' }
  /** The record on its way was definitely not written. */
  | { readonly type: 'REFUSED' }
  | ({ readonly type: 'ACK' } & UnderLease)
  | ({ readonly type: 'NACK'; readonly reason: string; readonly delayed: boolean } & UnderLease)
  | ({ readonly type: 'RETRY_AFTER'; readonly delayed: boolean } & UnderLease)
  | ({ readonly type: 'DEAD_LETTER'; readonly reason: string } & UnderLease)
  | ({ readonly type: 'EXTEND' } & UnderLease)
  /** The lease ran out, or its consumer is gone. */
  | ({ readonly type: 'LEASE_LOST'; readonly reason: string } & UnderLease)
  /** The process ended and the next owner has recovered; `recorded`: the record on its way was found. */
  | { readonly type: 'CRASHED'; readonly recorded: boolean }
  /** Somebody put the dead message back. */
  | ({ readonly type: 'REDRIVEN' } & Place)
  /** Retention, a purge or a seek took the message away. */
  | { readonly type: 'REMOVED' }

export interface DeliveryInput {
  /** Attempts before the message is dead; at least 1. */
  readonly maxDeliveries: number
}

/** An answer that is being recorded. */
interface PendingAnswer {
  readonly outcome: DeliveryOutcome
  /** The attempt is not to be counted. */
  readonly forgiven: boolean
  /** What the history gains. */
  readonly reason: string | undefined
}

export interface DeliveryContext extends DeliveryInput {
  /** Number of the present or last attempt; 0 before the first lease. */
  readonly attempt: number
  /** The next lease has the same attempt. */
  readonly forgiven: boolean
  /** The present lease, or the one that is being recorded. */
  readonly leaseId: LeaseId | undefined
  readonly pending: PendingAnswer | undefined
  readonly history: readonly FailedAttempt[]
}

const delivery = setup({
  types: {
    input: {} as DeliveryInput,
    context: {} as DeliveryContext,
    events: {} as DeliveryEvent,
    tags: {} as 'final',
  },
  actions: {
    /** Commit the lease, which counts as this attempt. */
    recordLease: declared<{ readonly leaseId: LeaseId; readonly attempt: number }>(),
    /** Call the handler. */
    handle: declared<{ readonly leaseId: LeaseId | undefined; readonly attempt: number }>(),
    /** Commit the answer. */
    recordAnswer: declared<{ readonly outcome: DeliveryOutcome }>(),
    /** Move the end of the lease. */
    extendLease: declared<undefined>(),
    announceDead: declared<{ readonly attempt: number; readonly reason: string }>(),
    /** Answer the caller with the error of a stale lease. */
    refuseStale: declared<{ readonly event: string }>(),
    /** Our own mistake: this event cannot happen in this state. */
    unexpected: declared<{ readonly event: string }>(),
  },
  guards: {
    later: ({ event }) => event.type === 'ADMITTED' && event.later,
    behind: ({ event }) => 'behind' in event && event.behind,
    current: ({ context, event }) => 'leaseId' in event && event.leaseId === context.leaseId,
    recorded: ({ event }) => event.type === 'CRASHED' && event.recorded,
    last: ({ context }) => context.attempt >= context.maxDeliveries,
    recordedLast: ({ context, event }) =>
      event.type === 'CRASHED' && event.recorded && nextAttempt(context) >= context.maxDeliveries,
    endsDone: ({ context, event }) => isDurable(event) && context.pending?.outcome === 'done',
    endsDelayed: ({ context, event }) => isDurable(event) && context.pending?.outcome === 'delayed',
    endsDead: ({ context, event }) => isDurable(event) && context.pending?.outcome === 'dead',
    endsReady: ({ context, event }) => isDurable(event) && context.pending?.outcome === 'ready',
  },
})

interface Args {
  readonly context: DeliveryContext
  readonly event: DeliveryEvent
}

const noteLease = delivery.assign({
  leaseId: ({ event }) => (event.type === 'LEASE' ? event.leaseId : undefined),
})
const dropLease = delivery.assign({ leaseId: undefined })
const countAttempt = delivery.assign(({ context }) => ({ attempt: nextAttempt(context), forgiven: false }))
const noteAnswer = delivery.assign(({ context, event }) => ({
  leaseId: undefined,
  pending: answerOf(event, context),
}))
const applyAnswer = delivery.assign(({ context }) => ({
  forgiven: context.pending?.forgiven ?? false,
  history: withReason(context, context.pending?.reason),
  pending: undefined,
}))
const noteCrash = delivery.assign(({ context }) => ({
  leaseId: undefined,
  pending: undefined,
  history: withReason(context, ownerCrashed),
}))
const beginAgain = delivery.assign({ attempt: 0, forgiven: false })

const handle = {
  type: 'handle',
  params: ({ context }: Args) => ({ leaseId: context.leaseId, attempt: context.attempt }),
} as const
const recordLease = {
  type: 'recordLease',
  params: ({ context, event }: Args & { readonly event: { readonly type: 'LEASE' } }) => ({
    leaseId: event.leaseId,
    attempt: nextAttempt(context),
  }),
} as const
const recordAnswer = {
  type: 'recordAnswer',
  params: ({ context, event }: Args) => ({ outcome: answerOf(event, context).outcome }),
} as const
const announceDead = {
  type: 'announceDead',
  params: ({ context }: Args) => ({
    attempt: context.attempt,
    reason: context.history.at(-1)?.reason ?? ownerCrashed,
  }),
} as const
const refuseStale = {
  actions: { type: 'refuseStale', params: ({ event }: Args) => ({ event: event.type }) },
} as const
const answers = { guard: 'current', target: 'settling', actions: [recordAnswer, noteAnswer] } as const

/** Answers that come under no present lease. A lease's own end is no mistake of anybody: it is just too late. */
const stale = {
  ACK: refuseStale,
  NACK: refuseStale,
  RETRY_AFTER: refuseStale,
  DEAD_LETTER: refuseStale,
  EXTEND: refuseStale,
  LEASE_LOST: ignored,
} as const

export const deliveryMachine = delivery.createMachine({
  id: 'delivery',
  initial: 'waiting',
  context: ({ input }) => ({
    maxDeliveries: input.maxDeliveries,
    attempt: 0,
    forgiven: false,
    leaseId: undefined,
    pending: undefined,
    history: [],
  }),
  options: { maxIterations: microstepsMax },
  on: {
    ...stale,
    REMOVED: { target: '.removed' },
    // Between its commit and its lease a message owes nothing to a process, and its key matters only when ready.
    CRASHED: ignored,
    BLOCKED: ignored,
    UNBLOCKED: ignored,
    '*': unexpected,
  },
  states: {
    /** Durable; the group has not looked at it. */
    waiting: {
      on: {
        ADMITTED: [
          { guard: 'later', target: 'delayed' },
          { guard: 'behind', target: 'blocked' },
          { target: 'ready' },
        ],
      },
    },
    /** Its due time is ahead. */
    delayed: {
      on: { DUE: [{ guard: 'behind', target: 'blocked' }, { target: 'ready' }] },
    },
    /** An earlier message of its key is unfinished. */
    blocked: { on: { UNBLOCKED: { target: 'ready' } } },
    ready: {
      on: {
        LEASE: { target: 'leasing', actions: [noteLease, recordLease] },
        BLOCKED: { target: 'blocked' },
      },
    },
    /** The lease is being recorded. */
    leasing: {
      on: {
        RECORDED: { target: 'leased', actions: [countAttempt, handle] },
        REFUSED: { target: 'ready', actions: dropLease },
        CRASHED: [
          { guard: 'recordedLast', target: 'dead', actions: [countAttempt, noteCrash, announceDead] },
          { guard: 'recorded', target: 'ready', actions: [countAttempt, noteCrash] },
          { target: 'ready', actions: dropLease },
        ],
      },
    },
    /** The handler has it. */
    leased: {
      on: {
        ACK: answers,
        NACK: answers,
        RETRY_AFTER: answers,
        DEAD_LETTER: answers,
        LEASE_LOST: answers,
        EXTEND: { guard: 'current', actions: 'extendLease' },
        CRASHED: [
          { guard: 'last', target: 'dead', actions: [noteCrash, announceDead] },
          { target: 'ready', actions: noteCrash },
        ],
      },
    },
    /** The answer is being recorded; the lease has ended. */
    settling: {
      on: {
        RECORDED: [
          { guard: 'endsDone', target: 'done', actions: applyAnswer },
          { guard: 'endsDelayed', target: 'delayed', actions: applyAnswer },
          { guard: 'endsDead', target: 'dead', actions: [applyAnswer, announceDead] },
          { target: 'ready', actions: applyAnswer },
        ],
        // The record is tried again until it is durable, or the process ends.
        REFUSED: ignored,
        CRASHED: [
          { guard: 'endsDone', target: 'done', actions: applyAnswer },
          { guard: 'endsDelayed', target: 'delayed', actions: applyAnswer },
          { guard: 'endsDead', target: 'dead', actions: [applyAnswer, announceDead] },
          { guard: 'endsReady', target: 'ready', actions: applyAnswer },
          { guard: 'last', target: 'dead', actions: [noteCrash, announceDead] },
          { target: 'ready', actions: noteCrash },
        ],
      },
    },
    dead: {
      on: {
        REDRIVEN: [
          { guard: 'behind', target: 'blocked', actions: beginAgain },
          { target: 'ready', actions: beginAgain },
        ],
      },
    },
    done: { tags: 'final', on: { ...stale, '*': ignored } },
    removed: { tags: 'final', on: { ...stale, '*': ignored } },
  },
})

function nextAttempt({ attempt, forgiven }: DeliveryContext): number {
  return forgiven ? attempt : attempt + 1
}

function isDurable(event: DeliveryEvent): boolean {
  return event.type === 'RECORDED' || (event.type === 'CRASHED' && event.recorded)
}

function withReason(context: DeliveryContext, reason: string | undefined): readonly FailedAttempt[] {
  if (reason === undefined) return context.history
  return [...context.history, { attempt: context.attempt, reason }]
}

/** Where an answer leads: the rule of dead letters (DM3) and of forgiven attempts (DM4). */
function answerOf(event: DeliveryEvent, context: DeliveryContext): PendingAnswer {
  const again = context.attempt >= context.maxDeliveries ? 'dead' : 'ready'
  switch (event.type) {
    case 'NACK':
      return {
        outcome: again === 'ready' && event.delayed ? 'delayed' : again,
        forgiven: false,
        reason: event.reason,
      }
    case 'LEASE_LOST':
      return { outcome: again, forgiven: false, reason: event.reason }
    case 'RETRY_AFTER':
      return { outcome: event.delayed ? 'delayed' : 'ready', forgiven: true, reason: undefined }
    case 'DEAD_LETTER':
      return { outcome: 'dead', forgiven: false, reason: event.reason }
    default:
      return { outcome: 'done', forgiven: false, reason: undefined }
  }
}
