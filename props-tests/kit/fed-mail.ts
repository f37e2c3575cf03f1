/**
 * What topics feed to actors, by the functions of their subscriptions alone.
 *
 * Owns: taking each message by them, and whether they are pure. Leaves what lies in the mailboxes to `mail-checkers.ts`.
 *
 * FM1. A message is taken twice, once frozen: it must give the same key and event, and be as it was.
 * FM2. What throws feeds nothing: that message is the business of the dead letters. A mistake of the code is told.
 * FM3. What is made of a message can be sent: an event with a type of the user's, for a key that the runtime takes, that
 *      comes back from JSON as it was. What cannot feeds nothing, and is told as the mistake of the function that made it.
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
    if (one.made !== undefined) mail.push({ actor, ...one.made, from })
  }
  return { mail, faults }
}

interface Delivery {
  readonly actor: string
  readonly subscription: ActorSubscription
  readonly from: LoggedMessage
}

/** Message by message, as the runtime takes them; of one message in the order of the subscriptions. */
function deliveries(definitions: Iterable<ActorDefinition>, messages: readonly LoggedMessage[]): Delivery[] {
  return [...definitions].flatMap(({ name: actor, subscriptions }) =>
    messages.flatMap((from) =>
      subscriptions
        .filter((subscription) => isJson(subscription) && nameOf(subscription) === from.topic)
        .map((subscription) => ({ actor, subscription, from })),
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
  /** Undefined where the message is for no actor, or cannot be sent to one. */
  readonly made: Pick<FedMail, 'key' | 'text'> | undefined
  readonly faults: readonly Fault[]
}

function taken(subscription: ActorSubscription, from: LoggedMessage): Taken {
  const seen: Trapped[] = []
  const open = attempt(subscription, from, { seen, isFrozen: false })
  const frozen = attempt(subscription, from, { seen, isFrozen: true })
  const faults = [...ambientFaults(seen), ...open.faults]
  if (faults.length === 0) faults.push(...differing(open, frozen))
  const sendable = sendableOf(open)
  if (faults.length === 0) faults.push(...sendable.faults)
  return { made: sendable.made, faults }
}

/** What the functions gave, whatever it is. */
interface Attempt {
  readonly event?: unknown
  readonly key?: unknown
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
      const made = unheard(event(message as never))
      // The runtime asks for a key only where there is an event to send.
      const to = refusedEvent(made) === undefined ? unheard(key(message as never)) : undefined
      return { event: made, key: to, faults: changed(before, message) }
    })
  } catch (error) {
    const text = `it fails each time by a mistake of its code: ${String(error)}`
    const faults = isMistake(error) && !isFrozen ? [{ invariant: 'failing-turn', text } as const] : []
    return { error, faults: [...changed(before, message), ...faults] }
  }
}

/** A promise that a function of a subscription gives is wrong, whatever it comes to: its error ends no process of a check. */
export function unheard<Made>(made: Made): Made {
  if (made instanceof Promise) made.catch(() => {})
  return made
}

function sendableOf({ event, key, error }: Attempt): Taken {
  if (event === undefined || error !== undefined) return { made: undefined, faults: [] }
  const refusal = refusedEvent(event) ?? refusedKey(key)
  if (refusal !== undefined)
    return { made: undefined, faults: [{ invariant: 'failing-turn', text: refusal }] }
  const loss = lossIn(event)
  try {
    const text = letterText({ event: event as TypedEvent })
    return { made: { key: key as string, text }, faults: loss === undefined ? [] : [notDurable(loss)] }
  } catch (refused) {
    return { made: undefined, faults: [notDurable(loss ?? String(refused))] }
  }
}

const DIES = 'each message like this one fails in all of its attempts, and ends in the dead letters'

/** Why the runtime would not send it. */
function refusedEvent(event: unknown): string | undefined {
  if (event === undefined) return undefined
  if (event instanceof Promise)
    return `its event() gives a promise, which nobody waits for: ${DIES}. Make it synchronous`
  try {
    checkEvent(event, 'refused')
    return undefined
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/\.$/, '') : String(error)
    return `its event() gives ${spell(event)}, which no actor can be sent: ${DIES} (${why}). Give undefined for a message that is for no actor`
  }
}

/** As the runtime has it, which holds each key in memory. */
const KEY_CHARS_MAX = 1_024

function refusedKey(key: unknown): string | undefined {
  if (typeof key === 'string' && key !== '' && key.length <= KEY_CHARS_MAX) return undefined
  const what = key instanceof Promise ? 'a promise' : spell(key).slice(0, 80)
  return `its key() gives ${what}, which is the key of no actor: ${DIES}. Give a text of 1 to ${KEY_CHARS_MAX} characters, or undefined from event() for a message that is for no actor`
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

function differing(open: Attempt, frozen: Attempt): Fault[] {
  const [one, other] = [open, frozen].map(({ event, key, error }) => spell([event, key, String(error)]))
  if (one === other) return []
  if (frozen.error instanceof TypeError && open.error === undefined)
    return [{ invariant: 'changed-state', text: `it changed the message in place: ${frozen.error.message}` }]
  return [{ invariant: 'impure-turn', text: 'the same message taken twice gave two results' }]
}

function notDurable(loss: string): Fault {
  const text = `its event is not what comes of it when it is stored as JSON: ${loss}`
  return { invariant: 'not-durable', text }
}

function actedFaults(acted: () => string | undefined): Fault[] {
  const what = acted()
  return what === undefined ? [] : [{ invariant: 'effect-in-turn', text: `it called ${what}` }]
}
