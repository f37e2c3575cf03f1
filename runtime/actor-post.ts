/**
 * The way from a turn to the mailboxes of other actors, and to topics.
 *
 * Owns: addresses to mailboxes, and the senders that number this mail. Leaves writing it to the batch of the turn.
 *
 * PO1. What a turn sends is never refused for want of room: only what comes from outside is (G11).
 * PO2. Mail may go to every definition that the directory knows, also one that this run has no code for: it waits.
 * PO3. What JSON would change in a message for a topic is refused, unless the topic has a codec of its own.
 */
import { UnstorableError, checkPlain, type Address, type PublishEffect } from '../actors/index.ts'
import { TooLargeError } from '../persistence/index.ts'
import type { Post } from './actor-parts.ts'
import type { Binding, Check, Sender } from './binding.ts'
import { InvalidOptionError, InvalidValueError, UnknownActorError } from './errors.ts'
import type { Ledger } from './ledger.ts'
import type { Limits } from './limits.ts'
import { Outgoing } from './outgoing.ts'
import type { Registry } from './registry.ts'
import { checkSendOptions } from './send-options.ts'
import { checkTopic, type Topic } from './topic.ts'
import { payloadBytes } from './value-codec.ts'

export interface PostParts {
  readonly registry: Registry
  readonly ledger: Ledger
  readonly limits: Limits
}

/** Longer keys are refused: each is held in memory. */
export const KEY_CHARS_MAX = 1_024

export class ActorPost implements Post {
  readonly #parts: PostParts
  readonly #bindings = new Map<string, Binding<unknown, unknown>>()
  readonly #senders = new Map<string, Sender>()

  constructor(parts: PostParts) {
    this.#parts = parts
  }

  mail(to: Address, text: string): Outgoing {
    checkKey(to.key, `mail for an actor '${to.actor}'`)
    const sender = this.#senders.get(to.actor) ?? this.#newSender(to.actor)
    return letterTo(sender, { key: to.key, text, messageId: undefined }, this.#parts.limits)
  }

  #newSender(actor: string): Sender {
    const { ledger, registry } = this.#parts
    const kind = ledger.actors.named(actor)
    if (kind === undefined) throw unknownActor(actor)
    const sender = registry.handOverSender(ledger.topic(kind.topic), 'host')
    this.#senders.set(actor, sender)
    return sender
  }

  publish({ topic, value, options = {} }: PublishEffect, from: string): Outgoing {
    const binding = this.#bindingOf(topic, from)
    checkSendOptions(options, `a message of an actor of '${from}' to '${binding.name}'`)
    const sender = this.#parts.registry.handOverSender(binding.state, `~actors/${from}`)
    const made = binding.outgoing(sender, value, options)
    if (!(made instanceof Promise)) return made
    made.catch(() => {})
    throw new InvalidValueError(
      `topic '${binding.name}': its schema answers later, which a turn cannot wait for`,
    )
  }

  #bindingOf(topic: unknown, from: string): Binding<unknown, unknown> {
    const { registry } = this.#parts
    const found = typeof topic === 'string' ? registry.declared(topic) : topic
    if (typeof topic === 'string' && found === undefined) {
      const words = `an actor of '${from}' sends to topic '${topic}', which this run has not used yet`
      throw new InvalidOptionError(
        `${words}; give the topic that defineTopic made instead of its name`,
        NOT_WRITTEN,
      )
    }
    checkTopic(found, `an actor of '${from}' sends to a topic`)
    const known = found as Topic<unknown>
    const binding = this.#bindings.get(known.name)
    if (binding?.topic === known) return binding
    const fresh = registry.bind(known, checkOf(known))
    this.#bindings.set(known.name, fresh)
    return fresh
  }
}

/** A codec of the user's own decides by itself what it keeps; the one that is there already would change it. */
function checkOf({ name, codec }: Topic<unknown>): Check | undefined {
  if (codec !== 'json') return undefined
  const place = { where: `a message for topic '${name}'`, remedy: CODEC_OF_ITS_OWN }
  return (value) => {
    if (value === undefined) throw new UnstorableError('value', 'undefined', place)
    checkPlain(value, 'value', place)
  }
}

const CODEC_OF_ITS_OWN = 'Or give the topic a codec that keeps it: codec: { encode, decode }.'

/** One mail on its way. */
export function letterTo(
  sender: Sender,
  { key, text, messageId }: { key: string; text: string; messageId: string | undefined },
  limits: Limits,
): Outgoing {
  const max = limits.valueBytes
  if (text.length * 3 > max && payloadBytes(text) > max) {
    throw new TooLargeError(
      `a mail of ${payloadBytes(text)} bytes is over limits.valueBytes (${max})`,
      NOT_WRITTEN,
    )
  }
  const fields = { key, headers: undefined, dueMs: undefined, isDelay: false, messageId }
  return new Outgoing(sender.slot(0), sender.pad.write(fields, text), fields)
}

export function checkKey(key: unknown, where: string): asserts key is string {
  if (typeof key === 'string' && key !== '' && key.length <= KEY_CHARS_MAX) return
  throw new InvalidOptionError(
    `${where}: the key must be a text of 1 to ${KEY_CHARS_MAX} characters`,
    NOT_WRITTEN,
  )
}

export function unknownActor(actor: string): UnknownActorError {
  const words = `there are no actors '${actor}' in this directory`
  return new UnknownActorError(`${words}; give their definition to openRuntime as actors: [...]`, NOT_WRITTEN)
}

const NOT_WRITTEN = { outcome: 'not-written' } as const
