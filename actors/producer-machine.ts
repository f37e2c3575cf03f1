/**
 * Admission of sends: decides whether a send may join the next commit, has to wait, or is given up.
 *
 * Owns: the life of a producer, seen from its window.
 * Leaves to the runtime: the window itself, numbers, deadlines, and the settling of sends that were admitted.
 *
 * PM1. While the window is full, or storage refuses, no send is admitted; none is dropped either.
 * PM2. Whatever fills or frees the window while storage refuses is remembered.
 * PM3. On every way out, sends that wait are rejected by name.
 * PM4. Sends that wait when CLOSE comes are still admitted as room allows; new ones are the runtime's to refuse.
 *
 * Deadlines go on in every state: a send whose deadline ends is rejected by the runtime without an event here.
 */
import { setup } from 'xstate'
import { declared, ignored, unexpected } from './action.ts'
import { microstepsMax } from './limits.ts'
import type { Ending, Refusal, StallCause } from './words.ts'

export type ProducerEvent =
  /** The window is reached. */
  | { readonly type: 'FILLED' }
  /** The window has room again. */
  | { readonly type: 'ROOM' }
  /** Storage refuses messages for now. */
  | { readonly type: 'REFUSED'; readonly code: Refusal }
  /** Messages are taken again: a batch of ours was confirmed, or the broker announced space. */
  | { readonly type: 'ACCEPTED' }
  /** A newer producer has taken our id over, or a newer owner the directory. */
  | { readonly type: 'FENCED' }
  /** The broker is broken. */
  | { readonly type: 'FAILED' }
  | { readonly type: 'CLOSE' }
  /** After CLOSE: no send waits and none is in flight. */
  | { readonly type: 'DRAINED' }

export interface ProducerContext {
  /** Why messages were refused the last time. */
  readonly refusal: Refusal
}

const producer = setup({
  types: {
    context: {} as ProducerContext,
    events: {} as ProducerEvent,
    tags: {} as 'final',
  },
  actions: {
    /** Admit sends, those that wait first, until the window is reached; then send FILLED. */
    admitWaiting: declared<undefined>(),
    /** From now on sends wait. */
    holdAdmission: declared<undefined>(),
    /** Reject every send that waits. */
    rejectWaiting: declared<{ readonly why: Ending }>(),
    announceStalled: declared<{ readonly cause: StallCause }>(),
    /** The stall is over. */
    announceFlowing: declared<undefined>(),
    /** Our own mistake: this event cannot happen in this state. */
    unexpected: declared<{ readonly event: string }>(),
  },
})

interface Args {
  readonly context: ProducerContext
}

const noteRefusal = producer.assign(({ context, event }) => ({
  refusal: event.type === 'REFUSED' ? event.code : context.refusal,
}))
const announceStalled = {
  type: 'announceStalled',
  params: ({ context }: Args) => ({ cause: context.refusal }),
} as const
const rejectRefused = {
  type: 'rejectWaiting',
  params: ({ context }: Args) => ({ why: context.refusal }),
} as const
const rejectBroken = { type: 'rejectWaiting', params: { why: 'broken' } } as const
const rejectFenced = { type: 'rejectWaiting', params: { why: 'fenced' } } as const

export const producerMachine = producer.createMachine({
  id: 'producer',
  initial: 'open',
  context: () => ({ refusal: 'disk-full' as const }),
  options: { maxIterations: microstepsMax },
  on: {
    FENCED: { target: '.fenced', actions: rejectFenced },
    FAILED: { target: '.broken', actions: rejectBroken },
    CLOSE: { target: '.closing' },
    '*': unexpected,
  },
  states: {
    open: {
      on: {
        FILLED: { target: 'waiting', actions: 'holdAdmission' },
        REFUSED: { target: 'backingOff', actions: [noteRefusal, 'holdAdmission', announceStalled] },
        ROOM: ignored,
        ACCEPTED: ignored,
      },
    },
    waiting: {
      on: {
        ROOM: { target: 'open', actions: 'admitWaiting' },
        REFUSED: { target: 'backingOff.filled', actions: [noteRefusal, announceStalled] },
        FILLED: ignored,
        ACCEPTED: ignored,
      },
    },
    backingOff: {
      initial: 'roomy',
      on: {
        REFUSED: ignored,
        CLOSE: { target: 'closing', actions: rejectRefused },
      },
      states: {
        roomy: {
          on: {
            FILLED: { target: 'filled' },
            ROOM: ignored,
            ACCEPTED: { target: '#producer.open', actions: ['announceFlowing', 'admitWaiting'] },
          },
        },
        filled: {
          on: {
            ROOM: { target: 'roomy' },
            FILLED: ignored,
            ACCEPTED: { target: '#producer.waiting', actions: 'announceFlowing' },
          },
        },
      },
    },
    closing: {
      on: {
        FILLED: { actions: 'holdAdmission' },
        ROOM: { actions: 'admitWaiting' },
        REFUSED: { actions: [noteRefusal, rejectRefused] },
        ACCEPTED: ignored,
        CLOSE: ignored,
        DRAINED: { target: 'closed' },
        FENCED: { target: 'closed', actions: rejectFenced },
        FAILED: { target: 'closed', actions: rejectBroken },
      },
    },
    fenced: { on: { CLOSE: { target: 'closed' }, '*': ignored } },
    broken: { on: { CLOSE: { target: 'closed' }, '*': ignored } },
    closed: { tags: 'final', on: { '*': ignored } },
  },
})
