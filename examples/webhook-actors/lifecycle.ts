/**
 * The life of a pull request and of an issue, as two machines.
 *
 * Owns: states, transitions and counters, pure: nothing in here knows that it will be durable. Leaves to `actors.ts` what
 * `publish` does and what `tell` runs; here they do nothing, so that the machines run anywhere.
 *
 * Whatever happens to it counts as activity and starts the time of getting stale anew, as long as it is open.
 */
import { assign, fromPromise, setup } from 'xstate'

export const DAY_MS = 24 * 60 * 60 * 1000
export const STALE_DAYS = 14

/** A webhook about one pull request or issue: its type is name and action, `pull_request.opened`. */
export interface Happened {
  readonly type: string
  /** Which delivery brought it. */
  readonly delivery: number
  readonly subject: string
  readonly merged: boolean
}

/** What a subject has been through. */
export interface Past {
  readonly subject: string
  readonly events: number
  readonly byType: Readonly<Record<string, number>>
  /** Follows from all deliveries and their order: one lost, repeated or out of place, and it is another number. */
  readonly trail: number
  readonly stale: number
  readonly merges: number
  /** How often the outside was told of a merge. */
  readonly told: number
}

const NO_PAST: Past = { subject: '', events: 0, byType: {}, trail: 0, stale: 0, merges: 0, told: 0 }

function after(past: Past, { type, delivery, subject }: Happened): Past {
  return {
    ...past,
    subject,
    events: past.events + 1,
    byType: { ...past.byType, [type]: (past.byType[type] ?? 0) + 1 },
    trail: (Math.imul(past.trail, 31) + delivery + 1) >>> 0,
  }
}

/** An action without parameters that somebody else provides. */
const nothing: (info: unknown, params: undefined) => void = () => {}

const parts = setup({
  types: { context: {} as Past, events: {} as Happened },
  delays: { staleAfter: STALE_DAYS * DAY_MS },
  actors: { tell: fromPromise<void, { readonly subject: string }>(() => Promise.resolve()) },
  guards: { isMerged: ({ event }) => event.merged },
  actions: {
    note: assign(({ context, event }) => after(context, event)),
    noteStale: assign({ stale: ({ context }) => context.stale + 1 }),
    noteMerge: assign({ merges: ({ context }) => context.merges + 1 }),
    noteTold: assign({ told: ({ context }) => context.told + 1 }),
    publishStale: nothing,
    publishMerged: nothing,
  },
})

export const pullRequest = parts.createMachine({
  id: 'pull-request',
  context: NO_PAST,
  initial: 'open',
  states: {
    open: {
      initial: 'unreviewed',
      after: { staleAfter: { target: 'stale', actions: ['noteStale', 'publishStale'] } },
      on: {
        'pull_request.closed': [
          { guard: 'isMerged', target: 'merged', actions: 'note' },
          { target: 'closed', actions: 'note' },
        ],
        'pull_request_review.submitted': { target: '.reviewed', reenter: true, actions: 'note' },
        'pull_request_review.dismissed': { target: '.unreviewed', reenter: true, actions: 'note' },
        'pull_request.synchronize': { target: '.unreviewed', reenter: true, actions: 'note' },
        '*': { target: '.asBefore', reenter: true, actions: 'note' },
      },
      states: { unreviewed: {}, reviewed: {}, asBefore: { type: 'history' } },
    },
    stale: {
      on: {
        'pull_request.closed': [
          { guard: 'isMerged', target: 'merged', actions: 'note' },
          { target: 'closed', actions: 'note' },
        ],
        '*': { target: 'open.asBefore', actions: 'note' },
      },
    },
    closed: {
      on: { 'pull_request.reopened': { target: 'open', actions: 'note' }, '*': { actions: 'note' } },
    },
    merged: {
      entry: ['noteMerge', 'publishMerged'],
      invoke: {
        id: 'tell',
        src: 'tell',
        input: ({ context }) => ({ subject: context.subject }),
        onDone: { actions: 'noteTold' },
      },
      on: { '*': { actions: 'note' } },
    },
  },
})

export const issue = parts.createMachine({
  id: 'issue',
  context: NO_PAST,
  initial: 'open',
  states: {
    open: {
      after: { staleAfter: { target: 'stale', actions: ['noteStale', 'publishStale'] } },
      on: {
        'issues.closed': { target: 'closed', actions: 'note' },
        'issues.deleted': { target: 'closed', actions: 'note' },
        '*': { target: 'open', reenter: true, actions: 'note' },
      },
    },
    stale: {
      on: {
        'issues.closed': { target: 'closed', actions: 'note' },
        'issues.deleted': { target: 'closed', actions: 'note' },
        '*': { target: 'open', actions: 'note' },
      },
    },
    closed: {
      on: {
        'issues.reopened': { target: 'open', actions: 'note' },
        'issues.opened': { target: 'open', actions: 'note' },
        '*': { actions: 'note' },
      },
    },
  },
})
