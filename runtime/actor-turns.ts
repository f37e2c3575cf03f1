/**
 * Turns of actors that will be one batch: each mail steps its actor, and nothing of it is visible before the commit.
 *
 * Owns: stepping, and what becomes of a mail whose turn throws.
 * Leaves effects to `actor-taking.ts`, which mail is taken to the host, and making the batch durable to the broker.
 *
 * TB1. A turn counts whole or not at all: what throws, in the user's code or when its effects are made, changes nothing
 *     but the count of its attempts.
 * TB2. All mails of an actor in a batch are taken in order; behind a failed one none is.
 * TB3. An actor that is over (done, error, stopped) takes its mail without a turn.
 * TB4. The number of a turn grows with each that counts, so ids that follow from it are given once.
 */
import { retryDelayMs, type LoadedState } from '../actors/index.ts'
import { TURN_OVERHEAD_BYTES, type ActorLedgerEvent, type FailedAttempt, type Turned } from './actor-event.ts'
import { mailOf, type AskToken, type Mail, type SystemMail } from './actor-mail.ts'
import { unpacked } from './actor-states.ts'
import { Taking, unfitReason, type TurnWorld } from './actor-taking.ts'
import { Work, type AfterCommit } from './actor-work.ts'
import { wordsOf } from './errors.ts'
import { OWNER_CRASHED } from './lane.ts'
import type { Outgoing } from './outgoing.ts'
import type { StoredLetter } from './record.ts'
import { shownEvent, type ShownStep } from './shown-turn.ts'
import type { TurnEffects } from './turn-effects.ts'

/** How one mail's turn failed. */
export interface FailedTurn {
  readonly key: string
  readonly offset: number
  readonly attempt: number
  readonly error: unknown
  readonly next: 'retry' | 'dead-letter' | 'parked' | 'unfit'
  /** With `retry`: when, in milliseconds since 1970. */
  readonly dueMs: number
}

export interface Answer {
  readonly ask: AskToken
  readonly offset: number
  readonly json: string
}

/** Which attempt at a mail this is, and how the earlier ones ended. */
export interface Tries {
  readonly attempt: number
  readonly history: readonly FailedAttempt[]
}

export const FIRST_TRY: Tries = { attempt: 1, history: [] }

export class TurnBatch {
  readonly #world: TurnWorld
  readonly #works = new Map<string, Work>()
  readonly sends: Outgoing[] = []
  readonly after: AfterCommit[] = []
  readonly answers: Answer[] = []
  readonly failed: FailedTurn[] = []
  /** Actors that came to their end, and what ran for them. */
  readonly ended: [key: string, effects: readonly string[]][] = []
  /** Mail that meant nothing to its actor. */
  readonly unhandled: { readonly key: string; readonly offset: number }[] = []
  /** Every turn of its own, for who looks. */
  readonly shown: ShownStep[] = []
  readonly #marks: ActorLedgerEvent[] = []
  #count = 0
  #bytes = 0

  constructor(world: TurnWorld) {
    this.#world = world
  }

  /** How many mails it took. */
  get count(): number {
    return this.#count
  }

  /** About what it will take in the journal. */
  get bytes(): number {
    return this.#bytes
  }

  /** Actors with a new state. */
  get changed(): Work[] {
    return [...this.#works.values()].filter((work) => work.isChanged)
  }

  mark(event: ActorLedgerEvent): void {
    this.#marks.push(event)
    this.#bytes += 2 * TURN_OVERHEAD_BYTES
  }

  /** Whether mail of this actor is left for later. */
  isHeld(key: string): boolean {
    return this.#workOf(key).isHeld
  }

  /** Passes over a mail that its actor will take later. */
  skip(): void {
    this.#count += 1
  }

  /** The process ended at every try of this mail. */
  crashed(message: StoredLetter, tries: Tries): void {
    const { kind, supervision } = this.#world
    if (supervision.whenExhausted === 'skip') return this.giveUp(message, OWNER_CRASHED, tries.history)
    const { offset: at, key = '' } = message
    const { attempt, history } = tries
    this.#workOf(key).isHeld = true
    this.mark({ kind: 'lagged', actors: kind.number, key, at, attempt, dueMs: 0, parked: 'failed', history })
  }

  /** Takes the next mail of an actor; false when it is left for later. */
  take(message: StoredLetter, tries: Tries = FIRST_TRY): boolean {
    const work = this.#workOf(message.key ?? '')
    this.#count += 1
    if (work.isHeld) return false
    try {
      this.#step(work, message)
      return true
    } catch (error) {
      this.fail(message, tries, error)
      return false
    }
  }

  #workOf(key: string): Work {
    const known = this.#works.get(key)
    if (known !== undefined) return known
    const { kind } = this.#world
    const record = kind.records.get(key)
    const work = new Work({ actor: kind.name, key }, record, kind.lastTurn(key))
    this.#works.set(key, work)
    this.#bytes += (record?.packed.length ?? 0) + key.length + TURN_OVERHEAD_BYTES
    return work
  }

  #step(work: Work, message: StoredLetter): void {
    if (work.status !== 'active') return this.#passOver(work, message)
    const mail = mailOf(message)
    const { system } = mail
    if (system?.kind === 'timer' && work.armed(system.timer, system.generation) === undefined) return
    const turns = new Taking(this.#world, work, message)
    turns.take(mail)
    const isNews = turns.isHandled || turns.isBegun
    if (isNews) this.#keep(work, turns)
    else this.#passOver(work, message)
    if (this.#world.isShown) this.#keepShown(work, mail, turns)
    if (system !== undefined) this.#conclude(work, system)
    if (mail.letter?.ask !== undefined && turns.reply !== undefined) {
      this.answers.push({ ask: mail.letter.ask, offset: message.offset, json: turns.reply })
    }
  }

  #keepShown({ key }: Work, mail: Mail, { before, state }: Taking): void {
    this.shown.push({ key, event: shownEvent(mail, this.#world.logic, before), state })
  }

  #passOver(work: Work, { offset }: StoredLetter): void {
    this.unhandled.push({ key: work.key, offset })
  }

  #keep(work: Work, turns: Taking): void {
    const { effects } = turns
    work.state = turns.state
    work.status = turns.status
    work.turn = turns.turn
    work.isChanged = true
    if (effects !== undefined) work.apply(effects)
    if (work.status !== 'active') this.ended.push([work.key, work.end()])
    if (effects !== undefined) this.#carry(effects)
  }

  #carry({ sends, after }: TurnEffects): void {
    for (const send of sends) this.#bytes += send.bytes
    this.sends.push(...sends)
    for (const one of after) {
      if (one.effect.kind === 'action' && one.effect.unconfirmed) this.#world.unconfirmed(one)
      else this.after.push(one)
    }
  }

  /** The timer was taken, the effect is over: also when the turn made nothing of it. */
  #conclude(work: Work, system: SystemMail): void {
    if (system.kind === 'sent') return
    const isNews =
      system.kind === 'timer'
        ? work.forgetTimer(system.timer)
        : work.forgetRunning(system.effect, system.generation)
    if (isNews) work.isChanged = true
  }

  /** The turn of this mail cannot be taken: again later, or never. */
  fail(message: StoredLetter, { attempt, history }: Tries, error: unknown): void {
    const { kind, supervision, nowMs } = this.#world
    const key = message.key ?? ''
    const { offset } = message
    const unfit = unfitReason(error)
    const isUnfit = unfit !== undefined
    const cause = isUnfit ? unfit.reason : error
    const entry = { attempt, atMs: nowMs, reason: wordsOf(cause) }
    const past = [...history, entry]
    const isLast = attempt >= supervision.maxAttempts
    const next = isUnfit
      ? 'unfit'
      : !isLast
        ? 'retry'
        : supervision.whenExhausted === 'park'
          ? 'parked'
          : 'dead-letter'
    const dueMs = next === 'retry' ? nowMs + this.#delayMs(attempt) : 0
    this.failed.push({ key, offset, attempt, error: cause, next, dueMs })
    if (next === 'dead-letter') return this.giveUp(message, entry.reason, past)
    this.#workOf(key).isHeld = true
    const parked = isUnfit ? 'unfit' : next === 'parked' ? 'failed' : undefined
    const standing = isUnfit ? attempt - 1 : attempt
    this.mark({
      kind: 'lagged',
      actors: kind.number,
      key,
      at: offset,
      attempt: standing,
      dueMs,
      parked,
      history: past,
    })
  }

  #delayMs(attempt: number): number {
    const { minDelayMs, maxDelayMs } = this.#world.supervision
    return retryDelayMs({ attempt, fraction: this.#world.fraction(), minDelayMs, maxDelayMs })
  }

  /** To the dead letters; the actor goes on with its next mail. */
  giveUp(message: StoredLetter, reason: string, history: readonly FailedAttempt[]): void {
    const { kind, nowMs } = this.#world
    const { offset, key = '' } = message
    this.mark({ kind: 'undelivered', actors: kind.number, key, offset, atMs: nowMs, reason, history })
  }

  /** What is to be journaled, besides `sends`. Throws what `save` throws: a state that cannot be stored. */
  events(): ActorLedgerEvent[] {
    return [...this.changed.map((work) => this.#turned(work)), ...this.#marks]
  }

  #turned(work: Work): Turned {
    const { kind, logic, shape } = this.#world
    const { key, turn, status } = work
    const isSame = work.state === undefined && work.record !== undefined
    const state = isSame ? unpacked(work.record.packed) : logic.save(work.state ?? NO_STATE)
    const changes = work.changes()
    // In the order of `readTurn`: one form of object for all of them.
    return {
      kind: 'turn',
      actors: kind.number,
      turn,
      status,
      shape: isSame ? work.record.shape : shape,
      key,
      state,
      changes,
    }
  }
}

const NO_STATE: LoadedState = { status: 'active' }
