/**
 * What topics feed to actors, by the functions of their subscriptions alone.
 *
 * Owns: taking each message by them, and whether they are pure. Leaves what lies in the mailboxes to `mail-checkers.ts`.
 *
 * FM1. A message is taken twice, once frozen: it must give the same key and event, and be as it was.
 * FM2. What throws feeds nothing: that message is the business of the dead letters. A mistake of the code is told.
 */
import { checkEvent } from '../../actors/index.ts'
import type { ActorDefinition, ActorSubscription, TypedEvent } from '../../actors/index.ts'
import { letterText } from '../../runtime/internal.ts'
import type { LoggedMessage } from './actor-log.ts'
import { spell } from './json.ts'
import { lossIn } from './json-losses.ts'
import { pathOfDifference } from './json-path.ts'
import { isMistake } from './mistakes.ts'
import { ambientFaults, freezeDeep } from './turn-lint.ts'
import type { Fault } from './turn-lint.ts'
import { trapped } from './turn-traps.ts'
import type { Trapped } from './turn-traps.ts'

/** An event that a message makes. */
export interface FedMail {
  readonly actor: string
  readonly key: string
  readonly text: string
  readonly from: LoggedMessage
}

export interface Fed {
  readonly mail: readonly FedMail[]
  readonly faults: readonly Fault[]
}

/** What of `messages` is for the actors of these definitions. Of topics with a codec of their own nothing is known. */
export function fedMail(
  definitions: Iterable<ActorDefinition>,
  messages: readonly LoggedMessage[],
  acted: () => string | undefined,
): Fed {
  const mail: FedMail[] = []
  const faults: Fault[] = []
  for (const { actor, subscription, from } of deliveries(definitions, messages)) {
    const one = taken(subscription, from)
    const words = `a subscription of '${actor}' to topic '${from.topic}', given ${from.text}`
    faults.push(...[...one.faults, ...actedFaults(acted)].map((fault) => named(fault, words)))
    const text = one.event === undefined ? undefined : storedText(one.event)
    if (text !== undefined) mail.push({ actor, key: one.key, text, from })
  }
  return { mail, faults }
}

/** Undefined for an event that is refused because JSON would change it. */
function storedText(event: TypedEvent): string | undefined {
  try {
    return letterText({ event })
  } catch {
    return undefined
  }
}

interface Delivery {
  readonly actor: string
  readonly subscription: ActorSubscription
  readonly from: LoggedMessage
}

function deliveries(definitions: Iterable<ActorDefinition>, messages: readonly LoggedMessage[]): Delivery[] {
  return [...definitions].flatMap(({ name: actor, subscriptions }) =>
    subscriptions
      .filter(isJson)
      .flatMap((subscription) =>
        messages
          .filter(({ topic }) => topic === nameOf(subscription))
          .map((from) => ({ actor, subscription, from })),
      ),
  )
}

/** Whether all that feeds a definition is known. */
export function isKnown({ subscriptions }: ActorDefinition): boolean {
  return subscriptions.every(isJson)
}

const nameOf = ({ topic }: ActorSubscription): unknown => Reflect.get(topic, 'name')
const isJson = ({ topic }: ActorSubscription): boolean => Reflect.get(topic, 'codec') === 'json'
const named = ({ invariant, text }: Fault, words: string): Fault => ({ invariant, text: `${words}: ${text}` })

interface Taken {
  readonly event: TypedEvent | undefined
  readonly key: string
  readonly faults: readonly Fault[]
}

function taken(subscription: ActorSubscription, from: LoggedMessage): Taken {
  const seen: Trapped[] = []
  const [open, frozen] = [false, true].map((isFrozen) => attempt(subscription, from, { seen, isFrozen }))
  const { event, key = '' } = open ?? {}
  const faults = [...ambientFaults(seen), ...(open?.faults ?? [])]
  if (faults.length === 0) faults.push(...differing(open, frozen), ...lost(event))
  return { event, key, faults }
}

interface Attempt {
  readonly event?: TypedEvent | undefined
  readonly key?: string
  readonly error?: unknown
  readonly faults: readonly Fault[]
}

function attempt(
  { key, event }: ActorSubscription,
  from: LoggedMessage,
  { seen, isFrozen }: { readonly seen: Trapped[]; readonly isFrozen: boolean },
): Attempt {
  const message = messageOf(from)
  const before = spell(message)
  if (isFrozen) freezeDeep(message)
  try {
    return trapped(seen, () => {
      const made = event(message as never)
      if (made === undefined) return { faults: changed(before, message) }
      checkEvent(made, 'a subscription')
      return { event: made, key: key(message as never), faults: changed(before, message) }
    })
  } catch (error) {
    const text = `it fails each time by a mistake of its code: ${String(error)}`
    const faults = isMistake(error) && !isFrozen ? [{ invariant: 'failing-turn', text } as const] : []
    return { error, faults: [...changed(before, message), ...faults] }
  }
}

function messageOf({ topic, partition, offset, key, headers, text, timestampMs }: LoggedMessage): object {
  const value: unknown = JSON.parse(text)
  return {
    value,
    key: key === '' ? undefined : key,
    headers,
    topic,
    partition,
    offset,
    timestamp: timestampMs,
  }
}

function changed(before: string, message: object): Fault[] {
  const after = spell(message)
  if (after === before) return []
  const path = pathOfDifference(JSON.parse(before), JSON.parse(after))
  return [{ invariant: 'changed-state', text: `it changed the message in place, at '${path}'` }]
}

function differing(open: Attempt | undefined, frozen: Attempt | undefined): Fault[] {
  const [one, other] = [open, frozen].map((each) => spell([each?.event, each?.key, String(each?.error)]))
  if (one === other) return []
  if (frozen?.error instanceof TypeError && open?.error === undefined)
    return [{ invariant: 'changed-state', text: `it changed the message in place: ${frozen.error.message}` }]
  return [{ invariant: 'impure-turn', text: 'the same message taken twice gave two results' }]
}

function lost(event: TypedEvent | undefined): Fault[] {
  const loss = lossIn(event)
  if (loss === undefined) return []
  return [
    {
      invariant: 'not-durable',
      text: `its event is not what comes of it when it is stored as JSON: ${loss}`,
    },
  ]
}

function actedFaults(acted: () => string | undefined): Fault[] {
  const what = acted()
  return what === undefined ? [] : [{ invariant: 'effect-in-turn', text: `it called ${what}` }]
}
