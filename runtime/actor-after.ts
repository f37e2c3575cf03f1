/**
 * What follows a batch of turns once it is on disk: the output gate of actors.
 *
 * Owns: the order of telling: answers, watchers, effects, events. Leaves each to its file.
 *
 * OG1. Nothing of a turn is seen outside before its batch is on disk (G7), except what was marked `unconfirmed`.
 * OG2. After a restart every promise, callback and custom action that the committed states still ask for starts again,
 *     under its own id.
 */
import {
  NotDurableError,
  UnstorableError,
  checkEvent,
  isOfChild,
  markEffect,
  refuseSystem,
  type ActionEffect,
} from '../actors/index.ts'
import type { UnlostError } from '../persistence/index.ts'
import { ActorEffects } from './actor-effects.ts'
import type { ActionRecord } from './actor-event.ts'
import { ActorListeners } from './actor-listeners.ts'
import { letterText, systemText, type SystemMail } from './actor-mail.ts'
import type { HostParts } from './actor-parts.ts'
import { unpacked, type ActorRecord } from './actor-states.ts'
import type { FailedTurn, TurnBatch } from './actor-turns.ts'
import { ActorWaiters } from './actor-waiters.ts'
import { wordsOf } from './errors.ts'
import type { AfterCommit, Work } from './actor-work.ts'
import type { ShownStep } from './shown-turn.ts'
import { TurnUnit } from './turn-unit.ts'

/** What it tells the host. */
export interface AfterPort {
  acted(key: string, id: string): void
}

export class AfterTurns {
  readonly #parts: HostParts
  readonly waiters: ActorWaiters
  readonly listeners: ActorListeners
  readonly #effects: ActorEffects

  constructor(parts: HostParts, port: AfterPort) {
    this.#parts = parts
    const { kind, clock, epoch, hub, logic } = parts
    this.waiters = new ActorWaiters(kind, clock, epoch)
    this.listeners = new ActorListeners(hub)
    this.#effects = new ActorEffects({
      logic,
      clock,
      timeoutMs: parts.effectTimeoutMs,
      post: (key, mail) => this.#postOrReport(key, mail),
      self: (key, action) => this.#selfOf(key, action),
      system: Object.freeze({ now: () => parts.dueClock.nowMs(), get: refuseSystem, getAll: refuseSystem }),
      acted: (key, id) => port.acted(key, id),
      actionFailed: (key, name, error) => this.#actionFailed(key, name, error),
    })
  }

  committed(batch: TurnBatch): void {
    if (batch.shown.length > 0) this.#inspect(batch.shown)
    this.waiters.committed(batch.answers)
    if (!this.listeners.watchesNone) for (const work of batch.changed) this.#show(work)
    for (const [key, effects] of batch.ended) for (const effect of effects) this.#effects.stop(key, effect)
    for (const one of batch.after) this.#do(one)
    for (const failed of batch.failed) this.#tellFailed(failed)
    if (!this.#parts.hub.hears('actor-unhandled')) return
    const { name: actor } = this.#parts.kind
    for (const one of batch.unhandled) this.#parts.hub.emit('actor-unhandled', { actor, ...one })
  }

  #inspect(steps: readonly ShownStep[]): void {
    const { kind, logic, hub } = this.#parts
    for (const { key, event, state } of steps) {
      const view = state === undefined ? undefined : logic.view(state)
      hub.inspection.turn(`${kind.name}/${key}`, logic.config, { event, view })
    }
  }

  #show({ key, state }: Work): void {
    if (state === undefined || !this.listeners.isWatched(key)) return
    this.listeners.changed(key, this.#parts.logic.view(state))
  }

  #do({ key, id, effect }: AfterCommit): void {
    switch (effect.kind) {
      case 'emit':
        return this.listeners.emitted(key, effect.event)
      case 'start':
        return this.#effects.start(key, effect, id)
      case 'stop':
        return this.#effects.stop(key, effect.effect)
      case 'tell':
        return this.#effects.tell(key, effect)
      case 'action':
        return this.#act(key, id, effect)
      case 'log': {
        const { label, value } = effect
        return this.#parts.hub.emit('actor-log', { actor: this.#parts.kind.name, key, label, value })
      }
      default:
        // Sends, timers and replies are in the batch itself.
        return undefined
    }
  }

  #act(key: string, id: string, { name, params, context, event }: ActionEffect): void {
    this.#effects.act(key, { id, name, params, context, event })
  }

  /** What the user lets happen before the commit, perhaps without one. */
  unconfirmed({ key, id, effect }: AfterCommit): void {
    if (effect.kind === 'action') this.#act(key, id, effect)
  }

  #tellFailed({ key, offset, attempt, error, next, dueMs }: FailedTurn): void {
    const { kind, hub } = this.#parts
    hub.emit('actor-failed', { actor: kind.name, key, what: 'turn', offset, attempt, error, next, dueMs })
  }

  #actionFailed(key: string, name: string, error: unknown): void {
    const { kind, hub } = this.#parts
    const at = { actor: kind.name, key, what: name, offset: undefined }
    hub.emit('actor-failed', { ...at, attempt: 1, error, next: 'nothing', dueMs: 0 })
  }

  #postOrReport(key: string, mail: SystemMail): void {
    try {
      this.#post(key, systemText(mail))
    } catch (error) {
      // A result that cannot be stored: the actor is told that instead.
      this.#actionFailed(key, 'effect' in mail ? mail.effect : 'timer', error)
      if (mail.kind !== 'done') return
      const { effect, generation } = mail
      const message = `the result cannot be stored: ${wordsOf(error)}`
      const words = { name: 'UnstorableError', message, code: UnstorableError.code }
      this.#post(key, systemText({ kind: 'failed', effect, generation, error: words }))
    }
  }

  #post(key: string, text: string): void {
    const { post, broker, kind } = this.#parts
    const sends = [post.mail({ actor: kind.name, key }, text)]
    // A result that is not written comes again: the effect runs anew at the next opening.
    broker.submit(new TurnUnit({ sends, events: [], done: () => {}, failed: () => {} }))
  }

  #selfOf(key: string, action: ActionRecord): unknown {
    const address = { actor: this.#parts.kind.name, key }
    const id = `${address.actor}/${key}`
    const send = (event: unknown): void => {
      if (isOfChild(action.name)) throw new NotDurableError(`a send of action '${action.name}'`, NO_MAILBOX)
      checkEvent(event, `a send to itself by ${id}`)
      this.#post(key, letterText({ event }))
    }
    const self = Object.freeze({ address, id, send })
    markEffect(self, action.id)
    return self
  }

  /** Goes on with what the last run left. */
  recover(): void {
    for (const [key, record] of this.#parts.kind.records) {
      for (const action of record.actions) this.#effects.act(key, action)
      if (record.running.length > 0 || this.#mayHaveLost(record)) this.#recoverOne(key, record)
    }
  }

  /** Its timers were armed by another version of the definition. */
  #mayHaveLost({ timers, shape }: ActorRecord): boolean {
    return timers.length > 0 && shape !== this.#parts.shape
  }

  #recoverOne(key: string, record: ActorRecord): void {
    const { kind, logic, hub } = this.#parts
    const { version, hash } = kind.shapes[record.shape] ?? { version: 0, hash: '' }
    try {
      const state = logic.load({ version, hash, text: unpacked(record.packed) })
      for (const effect of logic.running(state)) {
        const known = record.running.find(
          (one) => one.effect === effect.effect && one.generation === effect.generation,
        )
        this.#effects.start(
          key,
          effect,
          known?.id ?? `${kind.name}/${key}/${effect.effect}#${effect.generation}`,
        )
      }
      if (!this.#mayHaveLost(record)) return
      for (const { timer } of logic.orphans(state))
        hub.emit('actor-timer-lost', { actor: kind.name, key, timer })
    } catch (error) {
      const at = { actor: kind.name, key, what: 'turn', offset: undefined }
      hub.emit('actor-failed', { ...at, attempt: 0, error, next: 'unfit', dueMs: 0 })
    }
  }

  /** The actor begins anew: nothing of its earlier life goes on. */
  restarting(key: string): void {
    for (const { effect } of this.#parts.kind.records.get(key)?.running ?? []) this.#effects.stop(key, effect)
  }

  close(): void {
    this.#effects.close()
    this.waiters.end()
  }

  ended(error: UnlostError): void {
    this.#effects.close()
    this.waiters.end(error)
  }
}

const NO_MAILBOX = {
  rule: 'send-in-turn',
  reason: 'a child has no mailbox outside of the turns of its actor',
  remedy: 'Use the actions raise, sendTo or sendParent in the machine of the child',
} as const
