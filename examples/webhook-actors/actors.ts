/**
 * The durable actors: the two machines, fed by a topic, with something to say to another topic and to the outside.
 *
 * Owns: topics and definitions: with `lifecycle.ts`, what an application would write. Leaves to `child.ts` what the
 * outside is.
 */
// In your own program: import { defineTopic } from 'unlost', and the rest from 'unlost/actors'
import { fromPromise } from 'xstate'
import { defineActor, effectId, publish, type TopicMessage } from '../../actors/index.ts'
import { defineTopic, type Runtime, type Topic } from '../../runtime/index.ts'
import { DELIVERY_HEADER } from '../webhooks/topic.ts'
import { issue, pullRequest, type Happened, type Past } from './lifecycle.ts'
import { happened, type Kind, type Webhook } from './script.ts'

/** What the actors publish, in the commit of the turn that says so. */
export interface News {
  readonly subject: string
  readonly what: 'stale' | 'merged'
  /** The how many-th time. */
  readonly nth: number
}

export const news = defineTopic<News>('news')

/** Tells the outside of a merge; may be called again with the same id. */
export type Teller = (subject: string, id: string) => Promise<void>

export type Definitions = ReturnType<typeof defineActors>

/** For how many messages a send that is tried again is recognised: here for all of them. */
export function webhooksTopic(messageIdCount: number): Topic<Webhook> {
  return defineTopic<Webhook>('webhooks', { key: ({ subject }) => subject, partitions: 4, messageIdCount })
}

/** `isFed: false` is a sabotage: somebody else brings the actors their mail. */
export function defineActors(topic: Topic<Webhook>, tellOutside: Teller, isFed: boolean) {
  const fedFrom = (kind: Kind) => (isFed ? [subscription(topic, kind)] : [])
  const tell = fromPromise<void, { readonly subject: string }>(({ input, self }) =>
    tellOutside(input.subject, effectId(self)),
  )
  const provided = {
    actors: { tell },
    actions: {
      publishStale: publishNews('stale', ({ stale }) => stale),
      publishMerged: publishNews('merged', ({ merges }) => merges),
    },
  }
  return {
    'pull-request': defineActor('pull-request', {
      machine: pullRequest.provide(provided),
      subscriptions: fedFrom('pull-request'),
    }),
    issue: defineActor('issue', { machine: issue.provide(provided), subscriptions: fedFrom('issue') }),
  }
}

/** An actor of either kind. */
export interface SubjectRef {
  send(event: Happened): Promise<unknown>
  subscribe(listener: (view: SubjectView) => void): () => void
  snapshot(): Promise<SubjectView | undefined>
}

export interface SubjectView {
  readonly value: unknown
  readonly context: Past
}

export function refOf(runtime: Runtime, definitions: Definitions, { kind, subject }: Subject): SubjectRef {
  if (kind === 'issue') return runtime.actor(definitions.issue, subject)
  return runtime.actor(definitions['pull-request'], subject)
}

type Subject = Pick<Webhook, 'kind' | 'subject'>

/** A webhook goes to the actor of its subject, if it is one of this kind. */
function subscription(topic: Topic<Webhook>, kind: Kind) {
  return {
    topic,
    key: ({ value }: TopicMessage<Webhook>): string => value.subject,
    event: ({ value, headers }: TopicMessage<Webhook>): Happened | undefined =>
      value.kind === kind ? happened(Number(headers[DELIVERY_HEADER]), value) : undefined,
  }
}

function publishNews(what: News['what'], nth: (past: Past) => number) {
  return publish<Past, Happened, undefined, Happened>(news, ({ context }) => ({
    subject: context.subject,
    what,
    nth: nth(context),
  }))
}
