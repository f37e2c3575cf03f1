/**
 * The turn that one mail causes, or the two of them where it makes its actor.
 *
 * Owns: what a turn's effects become: mail, messages, timers, what starts and stops.
 * Leaves to `actor-turns.ts` whether all of it counts.
 *
 * TK1. Nothing of the actor or of the batch is changed here: a turn that throws half-way is dropped whole.
 * TK2. What JSON cannot carry, or a topic or another actor's mailbox does not take, fails the turn that asked for it.
 * TK3. An effect's id is `<definition>/<key>/<turn>:<index>`: the same for every try of that turn.
 */
import {
  UnfitStateError,
  checkPlain,
  type ActorEffect,
  type ActorEvent,
  type ActorLogic,
  type Address,
  type LoadedState,
  type PublishEffect,
  type TurnResult,
  type UnstorablePlace,
} from '../actors/index.ts'
import type { Supervision } from './actor-definition.ts'
import type { ActionRecord, TimerRecord } from './actor-event.ts'
import { letterText, type Letter, type Mail } from './actor-mail.ts'
import { Scope } from './actor-scope.ts'
import { unpacked, type ActorKind, type ActorRecord } from './actor-states.ts'
import type { AfterCommit, Work } from './actor-work.ts'
import { wordsOf } from './errors.ts'
import type { Outgoing } from './outgoing.ts'
import type { StoredLetter } from './record.ts'
import { TurnEffects } from './turn-effects.ts'

type ActionEffect = Extract<ActorEffect, { kind: 'action' }>

/** What turns need of their host. */
export interface TurnWorld {
  readonly kind: ActorKind
  readonly logic: ActorLogic
  /** The number of the form in which the definition stores states. */
  readonly shape: number
  readonly supervision: Supervision
  /** When these turns are taken. */
  readonly nowMs: number
  /** In [0, 1). */
  fraction(): number
  /** The committed state, if it is in memory. */
  cached(key: string): LoadedState | undefined
  /** Mail for an actor. Throws when nobody has that name. */
  mail(to: Address, text: string): Outgoing
  /** A message for a topic. Throws what the topic refuses. */
  publish(effect: PublishEffect, from: string): Outgoing
  /** Somebody looks: turns are kept to be shown. */
  readonly isShown: boolean
  /** What the user wrote may happen before the commit. */
  unconfirmed(after: AfterCommit): void
}

/** A stored state that the definition cannot take. Errors are told apart by code: this one by a field of its own. */
class Unfit extends UnfitStateError {
  readonly unfit: { readonly reason: unknown }

  constructor(reason: unknown) {
    super(wordsOf(reason))
    this.unfit = { reason }
  }
}

/** Why a state does not fit, if that is the error. */
export function unfitReason(error: unknown): { readonly reason: unknown } | undefined {
  return typeof error === 'object' && error !== null && 'unfit' in error
    ? (error as Pick<Unfit, 'unfit'>).unfit
    : undefined
}

/** The turn, or the two turns, that one mail causes. */
export class Taking {
  readonly #world: TurnWorld
  readonly #work: Work
  readonly #message: StoredLetter
  /** Made with the first effect: most turns have none. */
  effects: TurnEffects | undefined
  state: LoadedState | undefined
  status: Work['status']
  turn: number
  isHandled = false
  /** What the turn began with. */
  before: LoadedState | undefined
  isBegun = false
  reply: string | undefined

  constructor(world: TurnWorld, work: Work, message: StoredLetter) {
    this.#world = world
    this.#work = work
    this.#message = message
    this.state = work.state
    this.status = work.status
    this.turn = work.turn
  }

  take(mail: Mail): void {
    const { logic } = this.#world
    this.state ??= this.#load()
    const state = this.state ?? this.#begin(mail.letter)
    this.before = state
    // Its first state may be its last.
    if (this.status !== 'active') return
    const result = logic.turn(this.#scope(), state, eventOf(mail))
    this.isHandled = result.handled
    if (result.handled) this.#count(result)
  }

  #load(): LoadedState | undefined {
    const { record, key } = this.#work
    if (record === undefined) return undefined
    return this.#world.cached(key) ?? loaded(this.#world, record)
  }

  #begin(letter: Letter | undefined): LoadedState {
    const result = this.#world.logic.begin(this.#scope(), letter?.input)
    this.isBegun = true
    this.#count(result)
    return result.state
  }

  #scope(): Scope {
    return new Scope(this.#work.address, this.turn + 1, this.#message.timestampMs)
  }

  #count({ state, status, effects }: TurnResult): void {
    this.turn += 1
    this.state = state
    this.status = status
    if (effects.length === 0) return
    const all = (this.effects ??= new TurnEffects())
    for (const [index, effect] of effects.entries()) this.#take(all, effect, index)
  }

  #take(all: TurnEffects, effect: ActorEffect, index: number): void {
    const { actor, key } = this.#work.address
    const id = `${actor}/${key}/${this.turn}:${index}`
    switch (effect.kind) {
      case 'deliver':
        all.sends.push(this.#world.mail(effect.to, letterText({ event: effect.event })))
        return
      case 'publish':
        all.sends.push(this.#world.publish(effect, actor))
        return
      case 'reply':
        return this.#reply(all, effect.value)
      case 'arm':
        all.armed.push(this.#timer(effect.timer, effect.delayMs))
        return
      case 'cancel':
        return all.cancel(effect.timer)
      case 'start':
        all.started.push({ effect, id })
        break
      case 'stop':
        all.stop(effect.effect)
        break
      case 'action':
        if (!effect.unconfirmed) all.actions.push(actionOf(effect, id))
        break
      case 'emit':
      case 'tell':
      case 'log':
        break
    }
    all.after.push({ key, id, effect })
  }

  #timer(timer: string, delayMs: number): TimerRecord {
    return { timer, generation: this.turn, dueMs: this.#world.nowMs + Math.max(0, delayMs) }
  }

  /** The first answer counts. A question with an id of its own may be asked again: its answer is kept. */
  #reply({ replies }: TurnEffects, value: unknown): void {
    if (this.reply !== undefined) return
    checkPlain(value, 'reply')
    this.reply = JSON.stringify(value) ?? 'null'
    const { messageId, offset } = this.#message
    if (messageId !== undefined) replies.push([offset, this.reply])
  }
}

/** Throws `Unfit`. */
function loaded({ kind, logic }: TurnWorld, record: ActorRecord): LoadedState {
  const { version, hash } = kind.shapes[record.shape] ?? { version: 0, hash: '' }
  try {
    return logic.load({ version, hash, text: unpacked(record.packed) })
  } catch (error) {
    throw new Unfit(error)
  }
}

function eventOf({ letter, system }: Mail): ActorEvent {
  if (letter !== undefined) return { kind: 'event', event: letter.event }
  return system.kind === 'timer' ? { kind: 'timer', timer: system.timer } : system
}

function actionOf({ name, params, context, event }: ActionEffect, id: string): ActionRecord {
  return { id, name, ...copyOf({ params, context, event }, { where: `action '${name}'` }) }
}

/** As it will be read from disk: what JSON cannot carry shows now, in the turn that asked for it. */
function copyOf<Values extends object>(values: Values, place: UnstorablePlace): Values {
  try {
    return JSON.parse(JSON.stringify(values)) as Values
  } catch (error) {
    for (const [name, value] of Object.entries(values)) checkPlain(value, name, place)
    throw error
  }
}
