/**
 * The one writer: decides when the next group commit starts, and what becomes of it.
 *
 * Owns: the life of the broker, the two scopes of a commit, the probing of a full disk, the order of closing.
 * Leaves to the runtime: gathering, the batch itself, timers, storage. Leaves to the producers: admission.
 *
 * BM1. At most one commit is in flight.
 * BM2. WORK during a commit is never lost: the answer says `more`, and the next commit starts at once.
 * BM3. On a full disk acknowledgements are still written; messages wait for the next probe.
 * BM4. After a failure or a fence nothing is committed and nothing is confirmed.
 * BM5. CLOSE leads to `closed` on every road, and what is still pending then is given up by name.
 *
 * `commit` obliges the runtime to answer with exactly one of COMMITTED, REFUSED, FAILED and FENCED. If nothing of
 * the scope is gathered it answers COMMITTED without touching storage. `more` speaks of the scope that was
 * committed: after 'all' it counts everything gathered, after 'events' only what may use the reserve.
 */
import { setup } from 'xstate'
import { declared, ignored, unexpected } from './action.ts'
import { microstepsMax } from './limits.ts'
import type { Ending, Refusal, StallCause } from './words.ts'

/** What a commit may take: everything gathered, or only events (acknowledgements), which may use the reserve. */
export type CommitScope = 'all' | 'events'

export type BrokerEvent =
  /** Something was gathered. */
  | { readonly type: 'WORK' }
  /** The commit is durable, and this owner was still the owner afterwards. */
  | { readonly type: 'COMMITTED'; readonly more: boolean }
  /** The commit was definitely not written. What it held is gathered again. */
  | { readonly type: 'REFUSED'; readonly code: Refusal }
  /** The commit (or the release) failed. What it held may or may not be on disk. */
  | { readonly type: 'FAILED'; readonly reason: string }
  /** A newer owner has taken over. */
  | { readonly type: 'FENCED' }
  /** The timer of `armRetry` fired. */
  | { readonly type: 'RETRY' }
  /** The commit in flight has lasted longer than the stall time. */
  | { readonly type: 'OVERDUE' }
  /** Commit what is left, then give up ownership. */
  | { readonly type: 'CLOSE' }
  /** Ownership has ended. */
  | { readonly type: 'RELEASED' }

export interface BrokerContext {
  /** Times that messages were refused since they were last taken. */
  readonly attempt: number
  /** Why they were refused the last time. */
  readonly refusal: Refusal
}

const broker = setup({
  types: {
    context: {} as BrokerContext,
    events: {} as BrokerEvent,
    tags: {} as 'committing' | 'final',
  },
  actions: {
    /** Start one commit of this scope. */
    commit: declared<{ readonly scope: CommitScope }>(),
    /** What the last commit held is durable: tell those who wait for it. */
    confirm: declared<undefined>(),
    /** Send RETRY after the back-off of this attempt; replaces an armed timer. */
    armRetry: declared<{ readonly attempt: number }>(),
    /** Forget the armed timer, if any. */
    disarmRetry: declared<undefined>(),
    /** Tell the producers that messages are refused for now. */
    announceFull: declared<{ readonly code: Refusal }>(),
    /** Tell the producers that messages are taken again. */
    announceSpace: declared<undefined>(),
    announceStalled: declared<{ readonly cause: StallCause }>(),
    announceBroken: declared<{ readonly why: 'broken' | 'fenced'; readonly reason: string }>(),
    /** Reject everything that is gathered or was in flight. */
    failPending: declared<{ readonly why: Ending }>(),
    /** End ownership, then send RELEASED or FAILED. */
    release: declared<undefined>(),
    /** Our own mistake: this event cannot happen in this state. */
    unexpected: declared<{ readonly event: string }>(),
  },
  guards: {
    more: ({ event }) => event.type === 'COMMITTED' && event.more,
  },
})

const noteRefusal = broker.assign(({ context, event }) => ({
  attempt: context.attempt + 1,
  refusal: event.type === 'REFUSED' ? event.code : context.refusal,
}))
const forgetRefusals = broker.assign({ attempt: 0 })

interface Args {
  readonly context: BrokerContext
}

const commitAll = { type: 'commit', params: { scope: 'all' } } as const
const commitEvents = { type: 'commit', params: { scope: 'events' } } as const
const armRetry = { type: 'armRetry', params: ({ context }: Args) => ({ attempt: context.attempt }) } as const
const announceFull = {
  type: 'announceFull',
  params: ({ context }: Args) => ({ code: context.refusal }),
} as const
const announceStalled = { type: 'announceStalled', params: { cause: 'slow-commit' } } as const
const announceFenced = {
  type: 'announceBroken',
  params: { why: 'fenced', reason: 'a newer owner has taken over' },
} as const
const failBroken = { type: 'failPending', params: { why: 'broken' } } as const
const failFenced = { type: 'failPending', params: { why: 'fenced' } } as const
const failClosed = { type: 'failPending', params: { why: 'closed' } } as const
const failRefused = {
  type: 'failPending',
  params: ({ context }: Args) => ({ why: context.refusal }),
} as const

export const brokerMachine = broker.createMachine({
  id: 'broker',
  initial: 'idle',
  context: () => ({ attempt: 0, refusal: 'disk-full' as const }),
  options: { maxIterations: microstepsMax },
  on: {
    FAILED: {
      target: '.broken',
      actions: [
        { type: 'announceBroken', params: ({ event }) => ({ why: 'broken', reason: event.reason }) },
        failBroken,
      ],
    },
    FENCED: { target: '.fenced', actions: [announceFenced, failFenced] },
    // A timer may fire in the instant in which it is forgotten; a commit may end in the instant it is overdue.
    RETRY: ignored,
    OVERDUE: ignored,
    '*': unexpected,
  },
  states: {
    idle: {
      on: {
        WORK: { target: 'committing', actions: commitAll },
        CLOSE: { target: 'releasing', actions: 'release' },
      },
    },
    committing: {
      tags: 'committing',
      on: {
        WORK: ignored,
        COMMITTED: [
          { guard: 'more', actions: ['confirm', commitAll] },
          { target: 'idle', actions: 'confirm' },
        ],
        REFUSED: {
          target: 'full',
          actions: [noteRefusal, announceFull, armRetry, commitEvents],
        },
        OVERDUE: { actions: announceStalled },
        CLOSE: { target: 'draining' },
      },
    },
    full: {
      initial: 'acknowledging',
      exit: 'disarmRetry',
      states: {
        /** Only messages are left; the timer runs. */
        waiting: {
          on: {
            WORK: { target: 'acknowledging', actions: commitEvents },
            RETRY: { target: 'probing', actions: commitAll },
            CLOSE: { target: '#broker.draining.acknowledging', actions: commitEvents },
          },
        },
        /** Events are being committed; the timer runs. */
        acknowledging: {
          tags: 'committing',
          on: {
            WORK: ignored,
            COMMITTED: [
              { guard: 'more', actions: ['confirm', commitEvents] },
              { target: 'waiting', actions: 'confirm' },
            ],
            REFUSED: { target: 'exhausted' },
            RETRY: { target: 'probeDue' },
            OVERDUE: { actions: announceStalled },
            CLOSE: { target: '#broker.draining.acknowledging' },
          },
        },
        /** Events are being committed; the timer has fired meanwhile, so that the probe comes next. */
        probeDue: {
          tags: 'committing',
          on: {
            WORK: ignored,
            COMMITTED: { target: 'probing', actions: ['confirm', commitAll] },
            REFUSED: { target: 'exhausted', actions: [noteRefusal, armRetry] },
            OVERDUE: { actions: announceStalled },
            CLOSE: { target: '#broker.draining.acknowledging' },
          },
        },
        /** Not even events fit; everything waits for the timer. */
        exhausted: {
          on: {
            WORK: ignored,
            RETRY: { target: 'probing', actions: commitAll },
            CLOSE: { target: '#broker.draining.acknowledging', actions: commitEvents },
          },
        },
        /** Everything is being committed, to see whether there is space; no timer runs. */
        probing: {
          tags: 'committing',
          on: {
            WORK: ignored,
            COMMITTED: [
              {
                guard: 'more',
                target: '#broker.committing',
                actions: [forgetRefusals, 'confirm', 'announceSpace', commitAll],
              },
              { target: '#broker.idle', actions: [forgetRefusals, 'confirm', 'announceSpace'] },
            ],
            REFUSED: { target: 'acknowledging', actions: [noteRefusal, armRetry, commitEvents] },
            OVERDUE: { actions: announceStalled },
            CLOSE: { target: '#broker.draining' },
          },
        },
      },
    },
    draining: {
      initial: 'everything',
      tags: 'committing',
      on: {
        WORK: ignored,
        CLOSE: ignored,
        OVERDUE: { actions: announceStalled },
        FAILED: {
          target: 'releasing',
          actions: [
            { type: 'announceBroken', params: ({ event }) => ({ why: 'broken', reason: event.reason }) },
            failBroken,
            'release',
          ],
        },
        FENCED: { target: 'releasing', actions: [announceFenced, failFenced, 'release'] },
      },
      states: {
        everything: {
          on: {
            COMMITTED: [
              { guard: 'more', actions: ['confirm', commitAll] },
              { target: '#broker.releasing', actions: ['confirm', 'release'] },
            ],
            REFUSED: { target: 'acknowledging', actions: [noteRefusal, commitEvents] },
          },
        },
        /** Messages were refused; they are given up once the events are written. */
        acknowledging: {
          on: {
            COMMITTED: [
              { guard: 'more', actions: ['confirm', commitEvents] },
              { target: '#broker.releasing', actions: ['confirm', failRefused, 'release'] },
            ],
            REFUSED: { target: '#broker.releasing', actions: [noteRefusal, failRefused, 'release'] },
          },
        },
      },
    },
    releasing: {
      on: {
        WORK: { actions: failClosed },
        CLOSE: ignored,
        RELEASED: { target: 'closed' },
        FAILED: {
          target: 'closed',
          actions: {
            type: 'announceBroken',
            params: ({ event }) => ({ why: 'broken', reason: event.reason }),
          },
        },
        // Nothing of ours is left that the newer owner could contradict.
        FENCED: { target: 'closed' },
      },
    },
    closed: {
      tags: 'final',
      on: { WORK: { actions: failClosed }, '*': ignored },
    },
    broken: {
      on: {
        WORK: { actions: failBroken },
        CLOSE: { target: 'releasing', actions: 'release' },
        '*': ignored,
      },
    },
    fenced: {
      on: {
        WORK: { actions: failFenced },
        CLOSE: { target: 'releasing', actions: 'release' },
        '*': ignored,
      },
    },
  },
})
