/**
 * The door for mail from outside: what a caller sends to an actor, checked and made a message.
 *
 * Owns: refusing what is no event of a user's, and the schema of a definition. Leaves the window, deadlines and
 * receipts to the producer that it is the binding of.
 *
 * DO1. An event is refused before anything is written: no text as its type, a type of XState's own, what JSON cannot
 *     carry, or what the schema refuses.
 */
import { checkEvent, type ActorDefinition, type TypedEvent } from '../actors/index.ts'
import { letterText, type Letter } from './actor-mail.ts'
import { letterTo } from './actor-post.ts'
import type { Sender, Writing } from './binding.ts'
import { InvalidValueError, wordsOf } from './errors.ts'
import type { FreshLetter } from './fresh-letters.ts'
import type { Limits } from './limits.ts'
import type { Outgoing } from './outgoing.ts'
import { plainCopy } from './plain-copy.ts'
import { checkValue } from './schema.ts'
import type { SendOptions } from './send-options.ts'

/** A letter and whom it is for. */
export interface Addressed extends Letter {
  readonly key: string
}

export class ActorDoor implements Writing<Addressed> {
  readonly name: string
  readonly #definition: ActorDefinition
  readonly #limits: Limits
  readonly #keepsEvents: boolean

  /** @param keepsEvents whether what is sent may be kept as an object until it is taken: nobody changes its bytes. */
  constructor(definition: ActorDefinition, limits: Limits, keepsEvents: boolean) {
    this.name = `~actors/${definition.name}`
    this.#definition = definition
    this.#limits = limits
    this.#keepsEvents = keepsEvents
  }

  outgoing(sender: Sender, input: Addressed, options: SendOptions): Outgoing | Promise<Outgoing> {
    const { schema, name } = this.#definition
    checkEvent(input.event, `send to an actor of '${name}'`)
    if (schema === undefined) return this.#make(sender, input, options)
    const checked = checkValue({ schema, name }, input.event)
    if (!(checked instanceof Promise))
      return this.#checked(sender, { ...input, event: checked as TypedEvent }, options)
    return checked.then((event) => this.#checked(sender, { ...input, event: event as TypedEvent }, options))
  }

  #checked(sender: Sender, input: Addressed, options: SendOptions): Outgoing {
    checkEvent(input.event, `the schema of '${this.#definition.name}'`)
    return this.#make(sender, input, options)
  }

  #make(sender: Sender, input: Addressed, { messageId }: SendOptions): Outgoing {
    const { key } = input
    const letter = messageId === undefined ? this.#freshOf(input) : undefined
    const text = letter === undefined ? textOf(input, this.#definition.name) : JSON.stringify(letter.event)
    const made = letterTo(sender, { key, text, messageId }, this.#limits)
    made.letter = letter
    return made
  }

  /** The text is made of the copy, so that the two say the same. */
  #freshOf({ key, event, ask, input }: Addressed): FreshLetter | undefined {
    if (!this.#keepsEvents || ask !== undefined || input !== undefined) return undefined
    const copy = plainCopy(event)
    return copy === undefined ? undefined : { key, event: copy }
  }
}

function textOf(letter: Letter, name: string): string {
  try {
    return letterText(letter)
  } catch (cause) {
    throw new InvalidValueError(
      `mail for an actor of '${name}' cannot be stored as JSON: ${wordsOf(cause)}`,
      [],
      cause,
    )
  }
}
