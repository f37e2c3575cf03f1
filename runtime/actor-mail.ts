/**
 * Mail of an actor as it lies in its mailbox.
 *
 * Owns: the three forms of a mail and their text. Leaves the record around it to `record.ts`, and what it means to an
 * actor to its logic.
 *
 * AM1. What the host itself says (a timer is due, a promise settled) has a form that no user's mail can take.
 * AM2. An event is stored as it was when it was sent; what JSON would change in it is refused.
 *
 * `{…}`  an event alone · `?{…}` an event with a question or a first input · `!{…}` a word of the host's
 */
import { checkPlain, type ActorEvent, type TypedEvent } from '../actors/index.ts'
import { UndecodableError, wordsOf } from './errors.ts'
import type { StoredLetter } from './record.ts'

/** Who waits for an answer: a number that means something to one run of the runtime alone. */
export type AskToken = readonly [epoch: number, number: number]

/** Mail from outside of the host: a user's, another actor's, a topic's. */
export interface Letter {
  readonly event: TypedEvent
  readonly ask?: AskToken
  /** For the first state, if the actor does not exist yet. */
  readonly input?: unknown
}

/** A word of the host's. `generation` is that of the timer. */
export type SystemMail =
  | { readonly kind: 'timer'; readonly timer: string; readonly generation: number }
  | Exclude<ActorEvent, { readonly kind: 'event' | 'timer' }>

export type Mail =
  | { readonly letter: Letter; readonly system?: undefined }
  | { readonly system: SystemMail; readonly letter?: undefined }

/** Throws `UnstorableError`. */
export function letterText({ event, ask, input }: Letter): string {
  checkPlain(event, 'event')
  if (input !== undefined) checkPlain(input, 'input')
  if (ask === undefined && input === undefined) return JSON.stringify(event)
  return `?${JSON.stringify({ event, ask, input })}`
}

/** Throws `UnstorableError`. */
export function systemText(mail: SystemMail): string {
  if (mail.kind === 'done') checkPlain(mail.output, 'output')
  if (mail.kind === 'sent') checkPlain(mail.event, 'event')
  return `!${JSON.stringify(mail)}`
}

/** Throws `UndecodableError`. */
export function mailOf({ event, text }: StoredLetter): Mail {
  return event === undefined ? readMail(text) : { letter: { event } }
}

/** Throws `UndecodableError`. */
export function readMail(text: string): Mail {
  try {
    if (text.startsWith('?')) return { letter: JSON.parse(text.slice(1)) as Letter }
    if (text.startsWith('!')) return { system: JSON.parse(text.slice(1)) as SystemMail }
    return { letter: { event: JSON.parse(text) as TypedEvent } }
  } catch (cause) {
    throw new UndecodableError(`a stored mail of an actor cannot be read: ${wordsOf(cause)}`, { cause })
  }
}
