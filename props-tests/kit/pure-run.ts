/**
 * What an actor comes to by its mail alone: its logic run purely, turn after turn, without any runtime.
 *
 * Owns: which turns a mail leads to, and what they ask for. Leaves whether that is what the runtime did to
 * `actor-checkers.ts`.
 *
 * PR1. It takes each mail of one actor once, in the order of the mailbox, leaving out what is said to be dead.
 * PR2. Between two turns nothing is kept but the text of a state.
 * PR5. From the first mail on that the code of a new version took, that takes the rest, from the state as `migrate` has it.
 * PR6. What may come of a state that the older version left is said to come of it.
 * PR4. What code remembers besides the state shows where each turn has code of its own.
 * PR3. A timer or a result counts only if the very arming or start that it belongs to still stands.
 */
import type {
  ActorEffect,
  ActorEvent,
  ActorLogic,
  ActorStatus,
  ActorView,
  LoadedState,
  StoredState,
  TurnResult,
} from '../../actors/index.ts'
import { Scope, readMail } from '../../runtime/internal.ts'
import type { LoggedMessage } from './actor-log.ts'
import { jsonText } from './json.ts'
import { lintMigration } from './migration-lint.ts'
import type { Migrated } from './migration-lint.ts'
import { lintTurn, takeOnce } from './turn-lint.ts'
import type { Fault, TurnOutcome } from './turn-lint.ts'

/** One turn, and what it asked for. */
export interface PureTurn {
  readonly actor: string
  readonly key: string
  readonly turn: number
  /** Of the mail that led to it, in the mailbox of the definition. */
  readonly offset: number
  readonly acceptedMs: number
  readonly event: string
  readonly state: string
  readonly view: ActorView
  readonly status: ActorStatus
  /** Taken before the upgrade. */
  readonly isOlder: boolean
  readonly effects: readonly ActorEffect[]
  readonly faults: readonly Fault[]
}

/** What became of one mail. */
export type Fate = 'turned' | 'unhandled' | 'threw' | 'passed'

export interface PureActor {
  readonly actor: string
  readonly key: string
  readonly turns: readonly PureTurn[]
  readonly fates: ReadonlyMap<number, Fate>
  /** By offset, how turns failed. */
  readonly errors: ReadonlyMap<number, unknown>
  /** By offset, the answer as JSON. */
  readonly replies: ReadonlyMap<number, string>
  /** Timers that are still armed at the end, by name: the turn that armed each. */
  readonly timers: ReadonlyMap<string, number>
  /** Places in which something runs at the end: its generation and id. */
  readonly running: ReadonlyMap<string, { readonly generation: number; readonly id: string }>
  /** Found in turns that failed, or meant nothing. */
  readonly faults: readonly Fault[]
  /** What an upgrade made of its state. */
  readonly migrated: ActorView | undefined
  /** Words on where its state comes from, to be said of what its turns then do wrong; empty without an upgrade. */
  readonly origin: string
}

export interface PureTask {
  /** Asked at each turn: it may be made anew, as in a process of its own. */
  readonly logic: () => ActorLogic
  /** Code of an earlier version, which took all mail before `until`. */
  readonly older?: { readonly logic: ActorLogic; readonly until: number } | undefined
  /** Look whether each turn is pure. Else it is taken once. */
  readonly isLinted: boolean
  readonly actor: string
  readonly key: string
  /** Of this actor alone, in order. */
  readonly mail: readonly LoggedMessage[]
  /** Offsets that the runtime gave up. */
  readonly dead: (offset: number) => boolean
  /** What the user's code called outside since it was asked last. */
  readonly acted: () => string | undefined
}

export function pureRun(task: PureTask): PureActor {
  const run = new PureRun(task)
  for (const mail of task.mail) run.take(mail)
  run.upgrade(Infinity)
  return run.result()
}

class PureRun {
  readonly #task: PureTask
  readonly #turns: PureTurn[] = []
  readonly #fates = new Map<number, Fate>()
  readonly #errors = new Map<number, unknown>()
  readonly #replies = new Map<number, string>()
  readonly #timers = new Map<string, number>()
  readonly #running = new Map<string, { readonly generation: number; readonly id: string }>()
  readonly #faults: Fault[] = []
  #stored: StoredState | undefined
  /** The state of the last turn, as it was left in memory. */
  #left: LoadedState | undefined
  #isOlder: boolean
  #isUnfit = false
  #migrated: ActorView | undefined
  #origin = ''
  #status: ActorStatus = 'active'
  #turn = 0

  constructor(task: PureTask) {
    this.#task = task
    this.#isOlder = task.older !== undefined
  }

  take(mail: LoggedMessage): void {
    this.upgrade(mail.offset)
    if (this.#isUnfit) return void this.#fates.set(mail.offset, 'passed')
    const { letter, system } = readMail(mail.text)
    const isStale = system?.kind === 'timer' && this.#timers.get(system.timer) !== system.generation
    if (this.#status !== 'active' || isStale) {
      this.#fates.set(mail.offset, 'passed')
      return
    }
    const event: ActorEvent =
      letter !== undefined
        ? { kind: 'event', event: letter.event }
        : system.kind === 'timer'
          ? { kind: 'timer', timer: system.timer }
          : system
    const before = this.#mark()
    const begun = this.#stored === undefined ? this.#begin(mail, letter?.input) : true
    const fate = begun ? this.#step(mail, event) : 'threw'
    // What begins and fails then has not begun. A dead mail changed nothing, whatever it would have done.
    if (fate === 'threw' || this.#task.dead(mail.offset)) this.#reset(before, mail.offset)
    else this.#conclude(event)
    this.#fates.set(mail.offset, this.#errors.has(mail.offset) ? 'threw' : fate)
  }

  /** Has the code of the new version, from its first mail on. */
  upgrade(offset: number): void {
    const { older } = this.#task
    if (!this.#isOlder || older === undefined || offset < older.until) return
    this.#isOlder = false
    if (this.#stored === undefined || (offset === Infinity && older.until === Infinity)) return
    const armed = older.logic.timers(older.logic.load(this.#stored))
    const { outcome, faults } = lintMigration(this.#task.logic(), this.#stored, armed)
    const words = `upgrade from version ${this.#stored.version}`
    this.#faults.push(...faults.map((fault) => this.#named(fault, words)))
    this.#origin = originOf(this.#stored.version, this.#task.logic().version)
    if (outcome === undefined) this.#isUnfit = true
    else this.#goOn(outcome)
  }

  #goOn({ stored, view, running }: Migrated): void {
    this.#stored = stored
    this.#left = undefined
    this.#status = view.status
    this.#migrated = view
    for (const place of this.#running.keys()) if (!running.includes(place)) this.#running.delete(place)
  }

  get #logic(): ActorLogic {
    const { logic, older } = this.#task
    return this.#isOlder && older !== undefined ? older.logic : logic()
  }

  #begin(mail: LoggedMessage, input: unknown): boolean {
    const given = { input }
    const take: Take = (logic, _, own) => logic.begin(this.#scope(mail), (own as { input: unknown }).input)
    return this.#count(mail, 'begins', { given, take }) === 'turned'
  }

  #step(mail: LoggedMessage, event: ActorEvent): Fate {
    if (this.#status !== 'active') return 'turned'
    const take: Take = (logic, state, own) =>
      logic.turn(this.#scope(mail), state as LoadedState, own as ActorEvent)
    return this.#count(mail, wordsOfEvent(event), { given: event, take })
  }

  #scope({ timestampMs }: LoggedMessage): Scope {
    return new Scope({ actor: this.#task.actor, key: this.#task.key }, this.#turn + 1, timestampMs)
  }

  #count(
    mail: LoggedMessage,
    event: string,
    { given, take }: { readonly given: unknown; readonly take: Take },
  ): Fate {
    const logic = this.#logic
    const { acted } = this.#task
    // What the older version does wrong is no longer of interest.
    const isLinted = this.#task.isLinted && !this.#isOlder
    const turn = {
      ...{ logic, stored: this.#stored, left: this.#left, given, acted },
      take: (state: LoadedState | undefined, own: unknown) => take(logic, state, own),
    }
    const { outcome, faults } = isLinted ? lintTurn(turn) : { outcome: takeOnce(turn), faults: [] }
    if ('error' in outcome) {
      this.#errors.set(mail.offset, outcome.error)
      this.#faults.push(...faults.map((fault) => this.#named(fault, event)))
      return 'threw'
    }
    const named = faults.map((fault) => this.#named(fault, event))
    if (!outcome.result.handled) {
      this.#faults.push(...named)
      return 'unhandled'
    }
    this.#keep(mail, event, { logic, outcome, faults: named })
    return 'turned'
  }

  #named({ invariant, text }: Fault, event: string): Fault {
    const { actor, key } = this.#task
    const words = `${actor}/${key}, ${event}: ${text}`
    return { invariant, text: OF_STATES.has(invariant) ? words.replace(/\.$/, '') + this.#origin : words }
  }

  #keep(
    mail: LoggedMessage,
    event: string,
    {
      logic,
      outcome,
      faults,
    }: {
      readonly logic: ActorLogic
      readonly outcome: Extract<TurnOutcome, { result: TurnResult }>
      readonly faults: readonly Fault[]
    },
  ): void {
    const { actor, key } = this.#task
    const { result, text } = outcome
    const { version, hash } = logic
    this.#turn += 1
    this.#stored = { version, hash, text }
    this.#left = result.state
    this.#status = result.status
    const { offset, timestampMs: acceptedMs } = mail
    const view = logic.view(logic.load(this.#stored))
    const { status, effects } = result
    this.#turns.push({
      ...{
        actor,
        key,
        turn: this.#turn,
        offset,
        acceptedMs,
        event,
        state: text,
        view,
        status,
        effects,
        faults,
        isOlder: this.#isOlder,
      },
    })
    this.#migrated = undefined
    for (const [index, effect] of effects.entries()) this.#apply(mail, effect, index)
    if (status === 'active') return
    this.#timers.clear()
    this.#running.clear()
  }

  #apply({ offset }: LoggedMessage, effect: ActorEffect, index: number): void {
    const { actor, key } = this.#task
    switch (effect.kind) {
      case 'arm':
        this.#timers.set(effect.timer, this.#turn)
        return
      case 'cancel':
        this.#timers.delete(effect.timer)
        return
      case 'start': {
        const id = `${actor}/${key}/${this.#turn}:${index}`
        this.#running.set(effect.effect, { generation: effect.generation, id })
        return
      }
      case 'stop':
        this.#running.delete(effect.effect)
        return
      case 'reply':
        this.#reply(offset, effect.value)
        return
      default:
    }
  }

  #reply(offset: number, value: unknown): void {
    const first = this.#replies.get(offset)
    if (first === undefined) return void this.#replies.set(offset, jsonText(value))
    const text = `turn ${this.#turn} replies ${jsonText(value)} to an event that was answered with ${first} already`
    this.#faults.push(this.#named({ invariant: 'second-reply', text }, `the mail at ${offset}`))
  }

  /** The timer was taken, the effect is over. */
  #conclude(event: ActorEvent): void {
    if (event.kind === 'timer') this.#timers.delete(event.timer)
    if (event.kind !== 'done' && event.kind !== 'failed') return
    if (this.#running.get(event.effect)?.generation === event.generation) this.#running.delete(event.effect)
  }

  #mark(): Mark {
    return {
      stored: this.#stored,
      status: this.#status,
      turn: this.#turn,
      turns: this.#turns.length,
      timers: [...this.#timers],
      running: [...this.#running],
    }
  }

  #reset({ stored, status, turn, turns, timers, running }: Mark, offset: number): void {
    this.#replies.delete(offset)
    this.#stored = stored
    this.#left = undefined
    this.#status = status
    this.#turn = turn
    this.#faults.push(...this.#turns.slice(turns).flatMap(({ faults }) => faults))
    this.#turns.length = turns
    this.#timers.clear()
    this.#running.clear()
    for (const [name, armed] of timers) this.#timers.set(name, armed)
    for (const [place, started] of running) this.#running.set(place, started)
  }

  result(): PureActor {
    const { actor, key } = this.#task
    return {
      ...{ actor, key, turns: this.#turns, fates: this.#fates, errors: this.#errors },
      ...{ replies: this.#replies, timers: this.#timers, running: this.#running, faults: this.#faults },
      migrated: this.#migrated,
      origin: this.#origin,
    }
  }
}

/** What may come of a state that is not as the code expects it. */
const OF_STATES: ReadonlySet<string> = new Set(['not-durable', 'failing-turn', 'dead-actor'])

function originOf(from: number, to: number): string {
  const how =
    to > from
      ? `was upgraded from version ${from} to ${to}: look first at whether 'migrate' gives all that the new version reads`
      : `was written by the older definition, and taken as it was, since 'version' is the same: where the state has changed, raise 'version' and give 'migrate'`
  return `. The state ${how}`
}

type Take = (logic: ActorLogic, state: LoadedState | undefined, given: unknown) => TurnResult

interface Mark {
  readonly stored: StoredState | undefined
  readonly status: ActorStatus
  readonly turn: number
  readonly turns: number
  readonly timers: readonly (readonly [string, number])[]
  readonly running: readonly (readonly [string, { readonly generation: number; readonly id: string }])[]
}

/** An event in a few words. */
export function wordsOfEvent(event: ActorEvent): string {
  switch (event.kind) {
    case 'event':
    case 'sent':
      return JSON.stringify(event.event)
    case 'timer':
      return `timer ${event.timer}`
    case 'done':
      return `done ${event.effect} ${JSON.stringify(event.output) ?? ''}`
    case 'failed':
      return `failed ${event.effect} ${JSON.stringify(event.error) ?? ''}`
  }
}
